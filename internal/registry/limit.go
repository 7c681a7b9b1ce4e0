package registry

import (
	"context"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
)

// DefaultUploads is how many blobs are sent to a registry at a time, where [Options] does not say.
const DefaultUploads = 4

// uploadSlot waits until another blob may be sent to a registry. It is taken before the blob's source
// is opened: that may be a download, which takes a slot of the transport's, and two kinds of slots
// taken in one order cannot wait for each other.
func (c *Client) uploadSlot(ctx context.Context, reg name.Registry) (release func(), err error) {
	slot := c.uploadSlots(reg.RegistryStr())
	select {
	case slot <- struct{}{}:
		return sync.OnceFunc(func() { <-slot }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Client) uploadSlots(registry string) chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slot, ok := c.slots[registry]; ok {
		return slot
	}
	n := 0
	if c.uploads != nil {
		n = c.uploads(registry)
	}
	if n <= 0 {
		n = DefaultUploads
	}
	c.slots[registry] = make(chan struct{}, n)
	return c.slots[registry]
}
