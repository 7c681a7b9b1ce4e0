package progress

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Mode is how events are shown.
type Mode string

// The modes of --progress.
const (
	Auto  Mode = "auto"  // lines, and on a terminal a status line below them
	Plain Mode = "plain" // lines alone
	JSON  Mode = "json"  // every event as one line of JSON
	None  Mode = "none"  // notes and warnings alone
)

// Options say what is shown, and where.
type Options struct {
	Mode     Mode
	Terminal bool // whether Out is one
	Width    int  // columns of the terminal; 0 stands for 80
	Verbose  bool // show details
	Quiet    bool // show nothing
	Out      io.Writer
	// Now gives the time, by which transfers are not shown more often than they can be read.
	// Without it they are shown every time.
	Now func() time.Time
}

// Renderer shows events. Close it before anything else is printed.
type Renderer struct {
	o      Options
	mu     sync.Mutex
	status status
	last   map[string]time.Time // when a transfer was last told as JSON
}

// New returns a renderer.
func New(o Options) *Renderer {
	return &Renderer{o: o, status: newStatus(o), last: map[string]time.Time{}}
}

// Send shows e. Failures to print are ignored: nothing depends on what is shown.
func (r *Renderer) Send(e Event) {
	if r.o.Quiet || e.Kind == Detail && !r.o.Verbose {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.o.Mode == JSON:
		r.json(e)
	case e.Kind == Bytes:
		if r.o.Mode == Auto && r.o.Terminal {
			r.status.update(e)
		}
	case r.o.Mode == None && e.Kind != Note && e.Kind != Warning:
	default:
		r.status.clear()
		fmt.Fprintln(r.o.Out, text(e))
		r.status.draw()
	}
}

// json prints one line. Of a transfer's events those are left out that come sooner after
// another than a reader can use them; the last one never is.
func (r *Renderer) json(e Event) {
	if e.Kind == Bytes && r.o.Now != nil {
		now := r.o.Now()
		last, known := r.last[e.Item]
		if e.Done < e.Total && known && now.Sub(last) < interval {
			return
		}
		r.last[e.Item] = now
		if e.Done >= e.Total {
			delete(r.last, e.Item)
		}
	}
	var line bytes.Buffer // so that it is written in one piece
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if enc.Encode(e) == nil {
		fmt.Fprint(r.o.Out, line.String())
	}
}

// Close takes the status line away.
func (r *Renderer) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.clear()
	r.status.forget()
}

func text(e Event) string {
	lines := strings.ReplaceAll(printable(e.Text), "\n", "\n  ")
	switch e.Kind {
	case Warning:
		return "layerpack: warning: " + lines
	case Note:
		return "layerpack: note: " + lines
	case Detail:
		return "  " + lines
	}
	return lines
}

// printable replaces what could command a terminal: names of files and wheels come from others.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}
