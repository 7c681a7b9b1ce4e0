package push

import (
	"context"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/internal/transport"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// bench is a registry with faults and a client that waits for nothing.
type bench struct {
	t      *testing.T
	reg    *faultreg.Registry
	host   string
	client *registry.Client
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, reg: faultreg.New()}
	s := httptest.NewUnstartedServer(b.reg)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	b.host = strings.TrimPrefix(s.URL, "http://")
	clock := &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	backoff := transport.Backoff{Now: clock.time, Sleep: clock.sleep, Random: func() float64 { return 0 }}
	rt, err := transport.New(transport.Options{Version: "test", Backoff: backoff})
	check(t, err)
	t.Cleanup(rt.CloseIdleConnections)
	b.client = registry.New(registry.Options{Transport: rt, Backoff: backoff})
	return b
}

func (b *bench) pusher() *Registry {
	return New(Options{Client: b.client})
}

func (b *bench) to(repo, tag string) tagging.Destination {
	b.t.Helper()
	s := b.host + "/" + repo
	if tag != "" {
		s += ":" + tag
	}
	d, err := tagging.ParseDestination(s)
	check(b.t, err)
	return d
}

// store puts blobs into a repository and counts them as never sent.
func (b *bench) store(repo string, blobs ...[]byte) {
	b.t.Helper()
	for _, raw := range blobs {
		d := v1.Descriptor{Digest: digestOf(raw), Size: int64(len(raw))}
		check(b.t, b.client.Upload(b.t.Context(), b.to(repo, "").Repository, d, opener(raw), nil))
	}
}

func hows(r *Receipt) string {
	var out []string
	for _, b := range r.Blobs {
		out = append(out, string(b.How))
	}
	return strings.Join(out, " ")
}

// clock is a time that passes only by sleeping.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}
