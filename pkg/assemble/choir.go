package assemble

import (
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/progress"
)

// choir hears what is said of the images of a build and passes on once what is said of all, and else with the platform.
// Notes and warnings wait for that until [choir.flush]; what is done passes at once.
type choir struct {
	to     Sink
	voices []*voice

	mu sync.Mutex // of what the voices hold
}

// voice is what is said of one image.
type voice struct {
	choir    *choir
	platform string
	held     []Event
}

func newChoir(to Sink, platforms []v1.Platform) *choir {
	c := &choir{to: to}
	for _, p := range platforms {
		c.voices = append(c.voices, &voice{choir: c, platform: p.String()})
	}
	return c
}

// Send implements [Sink].
func (v *voice) Send(e Event) {
	switch e.Kind {
	case progress.Bytes:
	case progress.Step:
		e.Text = v.platform + ": " + e.Text
	default:
		v.choir.mu.Lock()
		defer v.choir.mu.Unlock()
		v.held = append(v.held, e)
		return
	}
	v.choir.to.Send(e)
}

// flush passes on what was held, in the order of the images. A nil choir holds nothing.
func (c *choir) flush() {
	if c == nil {
		return
	}
	for _, e := range c.take() {
		c.to.Send(e)
	}
}

func (c *choir) take() []Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Event
	for _, v := range c.voices {
		for _, e := range v.held {
			who := c.whoSay(e)
			if who[0] != v.platform {
				continue // it was said with the first of them
			}
			if len(who) < len(c.voices) {
				e.Text = strings.Join(who, ", ") + ": " + e.Text
			}
			out = append(out, e)
		}
	}
	for _, v := range c.voices {
		v.held = nil
	}
	return out
}

// whoSay are the platforms of which something is said.
func (c *choir) whoSay(e Event) []string {
	var out []string
	for _, v := range c.voices {
		if slices.Contains(v.held, e) {
			out = append(out, v.platform)
		}
	}
	return out
}
