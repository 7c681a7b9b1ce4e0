package pipwheel_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// someFacts are small facts with one of everything.
const someFacts = `wheel facts 1
info demo-1.0.dist-info
purelib true
regular true
packed 40
notes 1
Wheel-Version 1.9 is newer than 1.0
fields 3
name: demo
requires-dist: six
version: 1.0
scripts 2
console demo:main demo
gui demo:gui demo
files 4
0 12 demo/__init__.py
5 0x tool
1 23:11 emo-1.0.data/scripts/run
10 9+2 ist-info/METADATA
`

// TestFromFactsRefuses damages facts that are right; each change must be found.
func TestFromFactsRefuses(t *testing.T) {
	if _, err := pipwheel.FromFacts([]byte(someFacts), demo, pipwheel.Options{}, nil); err == nil {
		t.Error("the shared bytes of the third path are more than it says")
	}
	right := strings.Replace(someFacts, "1 23:11 emo-1.0", "4 23:11 -1.0", 1)
	if _, err := pipwheel.FromFacts([]byte(right), demo, pipwheel.Options{}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, changed, want string }{
		{"facts 1", "facts 2", `version "2"`},
		{"info demo-1.0", "info other-1.0", "another distribution"},
		{"info demo-1.0.dist-info", "info ../demo-1.0.dist-info", "no metadata folder"},
		{"info demo-1.0.dist-info", "info demo-1.0\\.dist-info", "U+005C"},
		{"purelib true", "purelib yes", "neither true"},
		{"packed 40", "packed 040", "no number"},
		{"packed 40", "packed -1", "no number"},
		{"packed 40", "packed 99999999999999999999", "no number"},
		{"notes 1", "notes 2", `no "fields "`},
		{"notes 1", "notes 9999999", "no number up to"},
		{"name: demo", "name: other", "METADATA is of"},
		{"name: demo", "Name: demo", "no field"},
		{"name: demo", "name:demo", "no field"},
		{"name: demo", "name: demo ", "spaces around"},
		{"name: demo", "requires-dist: z\nname: demo", "not in order"},
		{"requires-dist: six", "description: six", "no field"},
		{"version: 1.0", "version: 2.0", "METADATA has version"},
		{"version: 1.0", "version: 1.0\xff", "no field"},
		{"console demo:main demo", "console demo demo", "names no function"},
		{"console demo:main demo", "console demo:main() demo", "is not"},
		{"console demo:main demo", "console demo:main[x] demo", "more than"},
		{"console demo:main demo", "curses demo:main demo", "no entry point"},
		{"console demo:main demo", "console demo:main", "no entry point"},
		{"console demo:main demo", "gui demo:main demo", "not in order"},
		{"gui demo:gui demo", "console demo:main2 demo", "twice"},
		{"files 4", "files 3", "more than the list"},
		{"files 4", "files 5", "ends too early"},
		{"5 0x tool", "50 0x tool", "no file"},
		{"5 0x tool", "5 0y tool", "no file"},
		{"5 0x tool", "5 x tool", "no file"},
		{"5 0x tool", "5 99999999999999 tool", "no file"},
		{"5 0x tool", "05 0x tool", "no file"},
		{"5 0x tool", "0 0x demo/tool", "shares more or less"},
		{"5 0x tool", "5 0x __init__.py", "shares more or less"},
		{"5 0x tool", "16 0x ", "comes twice"},
		{"5 0x tool", "16 0x /x", "below this file"},
		{"5 0x tool", "4 0x ", "below this file"},
		{"5 0x tool", "5 0x ../../x", `the part ".."`},
		{"5 0x tool", "5 0x ./x", `the part "."`},
		{"5 0x tool", "5 0x /x", `the part ""`},
		{"5 0x tool", "5 0x x/", `the part ""`},
		{"5 0x tool", "5 0x .wh.x", `the part ".wh.x"`},
		{"5 0x tool", "0 0x /etc/passwd", `the part ""`},
		{"10 9+2 ist-info/METADATA", "0 0x c:x", "drive letter"},
		{"5 0x tool", "5 0x a\\b", "U+005C"},
		{"5 0x tool", "5 0x a\x00", "U+0000"},
		{"5 0x tool", "5 0x a\u202e", "U+202E"},
		{"5 0x tool", "5 0x \xff", `the part "\xff"`},
		{"5 0x tool", "5 0x " + strings.Repeat("x", 256), "the part"},
		{"5 0x tool", "5 0x " + strings.Repeat("x/", 1100) + "x", "no path"},
		{"4 23:11 -1.0.data/scripts/run\n10 9+2 ist-info/METADATA", "0 1 é\n0 1 e\u0301", "comes twice"},
		{":11", ":16", "no file"},
		{":11", ":", "no file"},
		{"+2", "+1", "no file"},
		{"+2", "+53", "no file"},
		{"ist-info/METADATA\n", "ist-info/METADATA", "ends too early"},
	} {
		text := strings.Replace(right, c.old, c.changed, 1)
		_, err := pipwheel.FromFacts([]byte(text), demo, pipwheel.Options{}, nil)
		if text == right || !errors.Is(err, pipwheel.ErrFacts) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: %v, want %q", c.changed, c.old, err, c.want)
		}
	}
	if _, err := pipwheel.FromFacts([]byte(right), "demo.whl", pipwheel.Options{}, nil); !refusal.Is(err) {
		t.Errorf("a name that is none: %v", err)
	}
	if _, err := pipwheel.FromFacts([]byte(right), "demo-2.0-py3-none-any.whl", pipwheel.Options{}, nil); !errors.Is(err, pipwheel.ErrFacts) {
		t.Errorf("the name of another version: %v", err)
	}
}

// TestFromFactsBomb has few bytes that stand for many.
func TestFromFactsBomb(t *testing.T) {
	head, _, _ := strings.Cut(someFacts, "files ")
	long := strings.Repeat(strings.Repeat("x", 250)+"/", 8)
	text := head + "files 200000\n0 1 " + long + "0\n" + strings.Repeat("2008 1 x\n", 199_999)
	if _, err := pipwheel.FromFacts([]byte(text), demo, pipwheel.Options{}, nil); !errors.Is(err, pipwheel.ErrFacts) {
		t.Error(err)
	}
}

// TestFactsLie has well-formed facts of another wheel: whoever asks for bytes finds out.
func TestFactsLie(t *testing.T) {
	w, err := open(forge(t, demo, member{name: "demo/__init__.py", body: "x = 1\n"}), demo)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := w.Facts()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, changed string }{
		{"0 6 demo", "0 6x demo"}, {"0 6 demo", "0 7 demo"}, {"__init__", "__main__"}, {"purelib true", "purelib false"},
	} {
		text := strings.Replace(string(facts), c.old, c.changed, 1)
		known, err := pipwheel.FromFacts([]byte(text), demo, pipwheel.Options{}, func() (*pipwheel.Wheel, error) { return w, nil })
		if err != nil || text == string(facts) {
			t.Fatalf("%q: %v", c.changed, err)
		}
		target := library("3.11")
		target.Scheme.Platlib = "/usr/lib/python3/dist-packages"
		entries, err := known.Install(target, pipwheel.How{Requested: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pipwheel.Complete(entries[0]); !errors.Is(err, pipwheel.ErrFacts) {
			t.Errorf("%q: %v", c.changed, err)
		}
	}
}

// FuzzFacts wants what is read to be written the same, and never planned outside the target.
func FuzzFacts(f *testing.F) {
	f.Add(strings.Replace(someFacts, "1 23:11 emo-1.0", "4 23:11 -1.0", 1))
	golden, err := os.ReadFile(filepath.Join("testdata", "facts.golden"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(golden))
	f.Fuzz(func(t *testing.T, text string) {
		w, err := pipwheel.FromFacts([]byte(text), demo, pipwheel.Options{}, nil)
		if err != nil {
			if !errors.Is(err, pipwheel.ErrFacts) {
				t.Fatal(err)
			}
			return
		}
		if again, err := w.Facts(); err != nil || string(again) != text {
			t.Fatalf("%v\n%q\nwant\n%q", err, again, text)
		}
		plan, err := w.Install(library("3.11"), pipwheel.How{Requested: true})
		if err != nil {
			if !refusal.Is(err) && !errors.Is(err, pipwheel.ErrNeedsBytes) {
				t.Fatal(err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range plan {
			if !strings.HasPrefix(e.Path, "usr/local/") || seen[e.Path] || layers.CheckName(e.Path) != nil || e.Size < 0 {
				t.Fatalf("planned %q, %d bytes", e.Path, e.Size)
			}
			seen[e.Path] = true
		}
	})
}
