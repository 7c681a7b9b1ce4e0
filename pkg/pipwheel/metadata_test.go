package pipwheel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadHeader(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Header
	}{
		{"fields", "Name: six\nVERSION:1.0\n\nBody: no\n", Header{"name": {"six"}, "version": {"1.0"}}},
		{"repeated", "Tag: a\nTag: b\n", Header{"tag": {"a", "b"}}},
		{"line ends", "A: 1\r\nB: 2\rC: 3\n\r\nD: 4", Header{"a": {"1"}, "b": {"2"}, "c": {"3"}}},
		{"folded", "Requires-Dist: x\n  ; python_version\n\t< '3'\nA: b\n", Header{"requires-dist": {"x ; python_version < '3'"}, "a": {"b"}}},
		{"folded from nothing", "A:\n b\n", Header{"a": {"b"}}},
		{"folded before any field", " x\nA: b\n", Header{"a": {"b"}}},
		{"a blank that is no empty line", "A: b\n \nC: d\n", Header{"a": {"b"}, "c": {"d"}}},
		{"no field ends the header", "A: b\nno field\nC: d\n", Header{"a": {"b"}}},
		{"a space before the colon, too", "A: b\nC : d\n", Header{"a": {"b"}}},
		{"a field without name", "A: b\n: x\n y\nC: d\n", Header{"a": {"b"}, "c": {"d"}}},
		{"mbox", "From me\nA: b\nFrom you\n c\nD: e\n", Header{"a": {"b"}, "d": {"e"}}},
		{"byte order mark", "\ufeffA: b\n", Header{"a": {"b"}}},
		{"empty", "", Header{}},
		{"description in latin1", "A: b\n\n\xff\n", Header{"a": {"b"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadHeader(strings.NewReader(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadHeaderRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"not UTF-8", "A: \xff\n", "not UTF-8"},
		{"one endless line", "A: " + strings.Repeat("x", maxHeader), "too long"},
		{"endless lines", strings.Repeat("A: b\n", maxHeader/5+1), "4 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadHeader(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestHeaderGet(t *testing.T) {
	h := Header{"wheel-version": {"1.0", "2.0"}}
	if got := h.Get("Wheel-Version"); got != "1.0" {
		t.Errorf("got %q, want the first value", got)
	}
	if got := h.Get("Name"); got != "" {
		t.Errorf("got %q of a missing field", got)
	}
}

// FuzzReadHeader wants what was read to be read the same when it is written again.
func FuzzReadHeader(f *testing.F) {
	f.Add([]byte("Name: six\nRequires-Dist: x\n ; a\n\nbody"))
	f.Add([]byte("From x\r: y\r\n z\nA:b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ReadHeader(strings.NewReader(string(b)))
		if err != nil {
			return
		}
		var again strings.Builder
		for name, values := range h {
			for _, v := range values {
				if strings.ContainsAny(name+v, "\r\n") {
					t.Fatalf("a line end in %q: %q", name, v)
				}
				again.WriteString(name + ": " + v + "\n")
			}
		}
		if _, ok := h["from"]; ok {
			return // "From " is no field, "from: " is
		}
		h2, err := ReadHeader(strings.NewReader(again.String()))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(h, h2); d != "" {
			t.Error(d)
		}
	})
}
