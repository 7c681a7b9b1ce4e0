package plan

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// TestAssign: for sizes as they come, each file is in one piece, none is over the limit that has
// more than one file, and there are few more pieces than the bytes need.
func TestAssign(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		limit := int64(1 + random.IntN(100_000))
		list := make([]weight, 1+random.IntN(300))
		sizes, total := map[string]int64{}, int64(0)
		for i := range list {
			f := &list[i]
			f.entry.Path = fmt.Sprint(i)
			f.hash, f.size = random.Uint64(), 1+int64(random.ExpFloat64()*float64(limit)/10)
			sizes[f.entry.Path] = f.size
			total += f.size
		}
		slices.SortFunc(list, func(a, b weight) int { return cmp.Compare(b.size, a.size) })
		pieces := assign(list, limit)
		for _, p := range pieces {
			var size int64
			for _, e := range p {
				size += sizes[e.Path]
				delete(sizes, e.Path)
			}
			if len(p) == 0 || size > limit && len(p) > 1 {
				t.Fatalf("limit %d: a piece of %d files has %d bytes", limit, len(p), size)
			}
		}
		if most := 2*int(total/limit) + 2; len(sizes) > 0 || len(pieces) > most {
			t.Fatalf("limit %d: %d files are nowhere, %d pieces for %d bytes", limit, len(sizes), len(pieces), total)
		}
	}
	if got := assign(nil, 10); len(got) != 0 {
		t.Errorf("nothing: %v", got)
	}
	one := []weight{{layers.Entry{Path: "a"}, 11, 0}}
	if got := assign(one, 10); len(got) != 1 || len(got[0]) != 1 {
		t.Errorf("one that is too large: %v", got)
	}
}

// TestDivideFromFacts: a wheel planned from facts is divided as the wheel itself is.
func TestDivideFromFacts(t *testing.T) {
	raw, err := bigWheel("big", native, "").Bytes()
	if err != nil {
		t.Fatal(err)
	}
	in := project(t, "x = 1\n", 3, bigWheel("big", native, ""))
	facts, err := in.Wheels[0].Facts()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ limit, opened int64 }{{30_000, 1}, {1 << 30, 0}} {
		opened := int64(0)
		known, err := pipwheel.FromFacts(facts, in.Wheels[0].Basename, pipwheel.Options{}, func() (*pipwheel.Wheel, error) {
			opened++
			return pipwheel.Open(strings.NewReader(string(raw)), int64(len(raw)), in.Wheels[0].Basename, pipwheel.Options{})
		})
		if err != nil {
			t.Fatal(err)
		}
		fromFacts := in
		fromFacts.Build.MaxLayerSize = c.limit
		fromFacts.Wheels = []Wheel{{Wheel: known, SHA256: in.Wheels[0].SHA256}}
		p, _, err := Make(fromFacts)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := limited(t, c.limit, 3, bigWheel("big", native, ""))
		for i, l := range wheelLayers(p) {
			if w := wheelLayers(want)[i]; l.Key != w.Key || !slices.Equal(filesOf(l), filesOf(w)) {
				t.Errorf("%s: other files from facts", l.Title)
			}
		}
		if opened != c.opened {
			t.Errorf("limit %d: opened %d times, want %d", c.limit, opened, c.opened)
		}
	}
}

// TestAssignGolden pins which file goes to which part: layers that are kept under their key would
// differ from new ones.
func TestAssignGolden(t *testing.T) {
	p, _ := limited(t, 30_000, 3, bigWheel("big", native, ""))
	var got []string
	for _, l := range wheelLayers(p) {
		var names []string
		for _, f := range filesOf(l) {
			names = append(names, filepath.Base(f))
		}
		got = append(got, strings.Join(names, " "))
	}
	want, err := os.ReadFile(filepath.Join("testdata", "parts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(got, "\n") + "\n"; text != string(want) {
		t.Errorf("the parts are\n%swant\n%s", text, want)
	}
}
