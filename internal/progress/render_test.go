package progress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// clock gives times that a test sets.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// play sends what a build sends: every kind, two transfers at once, names that others chose.
func play(r *Renderer, c *clock) {
	bytes := func(after time.Duration, item string, done, total int64) {
		c.now = c.now.Add(after)
		r.Send(Event{Kind: Bytes, Item: item, Done: done, Total: total})
	}
	r.Send(Event{Kind: Step, Text: "base python (linux/amd64, 5 layers)"})
	r.Send(Event{Kind: Detail, Text: "left out a\x1b[31m\u202eb\rc (.dockerignore)"})
	r.Send(Event{Kind: Warning, Text: "--env A=…: values are literal"})
	r.Send(Event{Kind: Note, Text: "two\nlines"})
	bytes(time.Second, "0a1b", 0, 2_000_000)
	bytes(50*time.Millisecond, "0a1b", 500_000, 2_000_000)
	bytes(50*time.Millisecond, "ff\n\x1b", 10, 1000)
	r.Send(Event{Kind: Step, Text: "in between <&>"})
	bytes(99*time.Millisecond, "0a1b", 1_999_999, 2_000_000)
	bytes(time.Millisecond, "ff\n\x1b", 1000, 1000)
	bytes(time.Millisecond, "0a1b", 2_000_000, 2_000_000)
	r.Send(Event{Kind: Step, Text: "done"})
}

func TestGolden(t *testing.T) {
	for name, o := range map[string]Options{
		"auto":          {Mode: Auto},
		"auto-terminal": {Mode: Auto, Terminal: true, Width: 100},
		"auto-narrow":   {Mode: Auto, Terminal: true, Width: 20},
		"auto-verbose":  {Mode: Auto, Verbose: true},
		"plain":         {Mode: Plain, Terminal: true},
		"json":          {Mode: JSON},
		"json-verbose":  {Mode: JSON, Verbose: true},
		"none":          {Mode: None, Terminal: true, Verbose: true},
		"quiet":         {Mode: Auto, Terminal: true, Verbose: true, Quiet: true},
		"quiet-json":    {Mode: JSON, Quiet: true},
	} {
		var out bytes.Buffer
		c := &clock{now: time.Unix(1_000_000, 0)}
		o.Out, o.Now = &out, c.read
		r := New(o)
		play(r, c)
		r.Close()
		got := visible(out.String())
		want, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s\nall:\n%s", name, diff, got)
		}
	}
}

// visible writes what does not print as Go writes it.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\n' || unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

func TestEveryLineIsJSON(t *testing.T) {
	var out bytes.Buffer
	r := New(Options{Mode: JSON, Verbose: true, Out: &out}) // without a clock nothing is left out
	play(r, &clock{})
	var events []Event
	for line := range bytes.Lines(out.Bytes()) {
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		events = append(events, e)
	}
	if len(events) != 12 {
		t.Errorf("%d events", len(events))
	}
}

func TestCloseTakesTheStatusLineAway(t *testing.T) {
	var out bytes.Buffer
	r := New(Options{Mode: Auto, Terminal: true, Out: &out})
	r.Send(Event{Kind: Bytes, Item: "x", Done: 1, Total: 2})
	if out.String() != "x 1 B/2 B" {
		t.Errorf("%q", out.String())
	}
	r.Close()
	r.Close()
	r.Send(Event{Kind: Step, Text: "later"})
	if out.String() != "x 1 B/2 B\r\x1b[Klater\n" {
		t.Errorf("%q", out.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed pipe") }

func TestNothingDependsOnWhatIsShown(t *testing.T) {
	for _, mode := range []Mode{Auto, Plain, JSON, None} {
		r := New(Options{Mode: mode, Terminal: true, Out: broken{}})
		play(r, &clock{})
		r.Close()
	}
	Discard{}.Send(Event{Kind: Step})
}

func TestLinesStayWhole(t *testing.T) {
	for _, mode := range []Mode{Plain, JSON} {
		var out bytes.Buffer
		r := New(Options{Mode: mode, Out: &out, Now: time.Now})
		var group sync.WaitGroup
		for g := range 8 {
			group.Go(func() {
				for i := range 50 {
					r.Send(Event{Kind: Bytes, Item: fmt.Sprint(g), Done: int64(i), Total: 50})
					r.Send(Event{Kind: Step, Text: fmt.Sprintf("goroutine %d", g)})
				}
			})
		}
		group.Wait()
		if n := strings.Count(out.String(), "goroutine "); n != 400 {
			t.Errorf("%s: %d lines", mode, n)
		}
		for line := range strings.Lines(out.String()) {
			if mode == Plain && len(line) != len("goroutine 1\n") || mode == JSON && !json.Valid([]byte(line)) {
				t.Fatalf("%s: %q", mode, line)
			}
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1: "1 B", 999: "999 B", 1000: "1.0 kB", 1049: "1.0 kB", 1050: "1.1 kB", 999_949: "999.9 kB", 999_950: "1.0 MB",
		12_400_000: "12.4 MB", 1_000_000_000: "1.0 GB", 5e12: "5.0 TB", 5e15: "5000.0 TB", -1: "-1 B",
	} {
		if got := Size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
