package layers

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func tree() []Entry {
	return []Entry{
		dir("bin"), file("bin/x", "1"), dir("lib"), dir("lib/py"), file("lib/py/a.py", ""), file("lib/py/b.py", "2"), link("lib/py/c.py", "b.py"), file("lib/z", "3"),
	}
}

func TestPrioritized(t *testing.T) {
	for _, c := range []struct {
		list, here, missing string
	}{
		{"", "", ""},
		{"bin/x /lib/py/b.py", "bin/x lib/py/b.py", ""},
		{"./lib/py/../z //bin/x/ bin/x /lib/z", "lib/z bin/x", ""},
		{"../bin/x lib/py", "bin/x lib/py", ""},
		{"/ . bin/y lib/pyx bin/y /bin/x", "bin/x", "bin/y lib/pyx"},
	} {
		here, missing := Prioritized(strings.Fields(c.list), tree())
		if strings.Join(here, " ") != c.here || strings.Join(missing, " ") != c.missing {
			t.Errorf("%q: here %q, missing %q", c.list, here, missing)
		}
	}
}

func TestPrioritizedComeFirst(t *testing.T) {
	for _, c := range []struct {
		list, names string
	}{
		{"", ".no.prefetch.landmark bin/ bin/x lib/ lib/py/ lib/py/a.py lib/py/b.py lib/py/c.py lib/z stargz.index.json"},
		{"lib/py/c.py bin/x", "lib/ lib/py/ lib/py/c.py bin/ bin/x .prefetch.landmark lib/py/a.py lib/py/b.py lib/z stargz.index.json"},
		{"lib/z lib", "lib/ lib/z .prefetch.landmark bin/ bin/x lib/py/ lib/py/a.py lib/py/b.py lib/py/c.py stargz.index.json"},
	} {
		_, blob, _, _ := lazily(t, tree(), strings.Fields(c.list)...)
		if got := strings.Join(namesOf(t, blob), " "); got != c.names {
			t.Errorf("%q:\n got %s\nwant %s", c.list, got, c.names)
		}
	}
}

func TestPrioritizedThatAreMissing(t *testing.T) {
	write := func(o Options) (*Record, error) { return NewBuilder(1).WriteAs(t.Context(), io.Discard, tree(), o) }
	_, err := write(Options{Compression: EStargz, Prioritize: []string{"bin/x", "/bin/y"}})
	if !refusal.Is(err) || err.Error() != "/bin/y: it is prioritized, but the layer has no such path; take it from the list or check its spelling" {
		t.Errorf("a missing path: %v", err)
	}
	all, err := write(Options{Compression: EStargz, Prioritize: []string{"bin/x", "/bin/y"}, AllowMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	want, err := write(Options{Compression: EStargz, Prioritize: []string{"bin/x"}})
	if err != nil || all.Digest != want.Digest {
		t.Errorf("what is missing and allowed to be shows in the bytes: %v", err)
	}
	none, err := write(Options{Compression: EStargz, Prioritize: []string{"bin/y"}, AllowMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	if want, err = write(Options{Compression: EStargz}); err != nil || none.Digest != want.Digest {
		t.Errorf("a list of which nothing is there: %v", err)
	}
	for _, c := range []Compression{Gzip, Zstd, ""} {
		if _, err := write(Options{Compression: c, Prioritize: []string{"bin/x"}}); !refusal.Is(err) {
			t.Errorf("%q takes an order of files: %v", c, err)
		}
	}
}

func TestArrangeLosesNothing(t *testing.T) {
	for name, entries := range shapes(t) {
		sorted, err := Sort(entries)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Compression: EStargz, Prioritize: prioritized(entries)}
		arranged, err := o.arrange(sorted)
		if err != nil || len(arranged) != len(sorted)+1 {
			t.Fatalf("%s: %d entries become %d, %v", name, len(sorted), len(arranged), err)
		}
		arranged = slices.DeleteFunc(arranged, func(e Entry) bool { return strings.HasSuffix(e.Path, ".landmark") })
		slices.SortFunc(arranged, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
		for i := range sorted {
			if arranged[i].Path != sorted[i].Path {
				t.Errorf("%s: %s is gone", name, sorted[i].Path)
			}
		}
	}
}
