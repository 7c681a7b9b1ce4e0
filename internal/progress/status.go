package progress

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// interval is the shortest time between two pictures of the same transfers.
const interval = 100 * time.Millisecond

// status is the last line of a terminal, which tells the transfers under way.
type status struct {
	out    io.Writer
	width  int
	now    func() time.Time
	active map[string]Event
	drawn  bool
	last   time.Time
}

func newStatus(o Options) status {
	width := o.Width
	if width <= 0 {
		width = 80
	}
	return status{out: o.Out, width: width, now: o.Now, active: map[string]Event{}}
}

func (s *status) update(e Event) {
	if e.Done >= e.Total {
		delete(s.active, e.Item)
	} else {
		s.active[e.Item] = e
	}
	if s.now != nil {
		now := s.now()
		if len(s.active) > 0 && now.Sub(s.last) < interval {
			return
		}
		s.last = now
	}
	s.clear()
	s.draw()
}

// draw writes the line, no wider than the terminal: a wrapped one could not be taken away.
func (s *status) draw() {
	if len(s.active) == 0 {
		return
	}
	var parts []string
	for _, item := range slices.Sorted(maps.Keys(s.active)) {
		e := s.active[item]
		parts = append(parts, fmt.Sprintf("%s %s/%s", strings.ReplaceAll(printable(item), "\n", "?"), Size(e.Done), Size(e.Total)))
	}
	line := []rune(strings.Join(parts, "  "))
	fmt.Fprint(s.out, string(line[:min(len(line), s.width-1)]))
	s.drawn = true
}

func (s *status) clear() {
	if s.drawn {
		fmt.Fprint(s.out, "\r\x1b[K")
		s.drawn = false
	}
}

func (s *status) forget() { clear(s.active) }
