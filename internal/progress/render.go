package progress

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Mode is how events are shown.
type Mode string

// The modes of --progress. Auto is a status line on a terminal and plain lines elsewhere.
const (
	Auto  Mode = "auto"
	Plain Mode = "plain"
	JSON  Mode = "json"
	None  Mode = "none"
)

// Options say what is shown, and where.
type Options struct {
	Mode     Mode
	Terminal bool // whether Out is one
	Width    int  // columns of the terminal
	Verbose  bool // show details
	Quiet    bool // show nothing
	Out      io.Writer
	// Now gives the time, by which a terminal is not redrawn more often than it can be read.
	Now func() time.Time
}

// Renderer shows events. Close it before anything else is printed.
type Renderer struct {
	o      Options
	mu     sync.Mutex
	active map[string]Event // transfers under way
	drawn  bool             // a status line is on the terminal
	last   time.Time
}

// New returns a renderer.
func New(o Options) *Renderer { return &Renderer{o: o, active: map[string]Event{}} }

// Send shows e. Failures to print are ignored: nothing depends on what is shown.
func (r *Renderer) Send(e Event) {
	if r.o.Quiet || e.Kind == Detail && !r.o.Verbose {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.o.Mode == JSON {
		line, err := json.Marshal(e)
		if err == nil {
			fmt.Fprintf(r.o.Out, "%s\n", line)
		}
		return
	}
	if e.Kind == Bytes {
		r.bytes(e)
		return
	}
	if r.o.Mode == None && (e.Kind == Step || e.Kind == Detail) {
		return
	}
	r.clear()
	fmt.Fprintln(r.o.Out, text(e))
}

func text(e Event) string {
	switch e.Kind {
	case Warning:
		return "layerpack: warning: " + e.Text
	case Note:
		return "layerpack: note: " + e.Text
	case Detail:
		return "  " + e.Text
	}
	return e.Text
}

// bytes redraws the status line, at most ten times in a second.
func (r *Renderer) bytes(e Event) {
	if e.Done >= e.Total {
		delete(r.active, e.Item)
	} else {
		r.active[e.Item] = e
	}
	if r.o.Mode != Auto || !r.o.Terminal {
		return
	}
	now := r.o.Now()
	if len(r.active) > 0 && now.Sub(r.last) < 100*time.Millisecond {
		return
	}
	r.last = now
	r.clear()
	if len(r.active) == 0 {
		return
	}
	var parts []string
	for _, item := range slices.Sorted(maps.Keys(r.active)) {
		a := r.active[item]
		parts = append(parts, fmt.Sprintf("%s %s/%s", item, Size(a.Done), Size(a.Total)))
	}
	line := strings.Join(parts, "  ")
	if r.o.Width > 0 && len(line) >= r.o.Width {
		line = line[:r.o.Width-1]
	}
	fmt.Fprint(r.o.Out, line)
	r.drawn = true
}

func (r *Renderer) clear() {
	if r.drawn {
		fmt.Fprint(r.o.Out, "\r\x1b[K")
		r.drawn = false
	}
}

// Close takes the status line away.
func (r *Renderer) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clear()
}

// Size writes a number of bytes for people: "12.4 MB" (powers of ten).
func Size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n), 0
	for f >= 999.95 && i < len(units)-1 {
		f /= 1000
		i++
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
