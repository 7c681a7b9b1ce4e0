package plan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/pkg/layers"
)

// noise is text that does not become smaller.
func noise(seed uint64, n int) string {
	random := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return string(b)
}

// bigWheel has 60 files of about 2 kB and one of 40 kB; edit changes the content of one.
func bigWheel(name, tag, edit string) fakewheel.Wheel {
	w := fakewheel.Wheel{Name: name, Version: "1.0", Tag: tag, Deflate: true, Files: map[string]string{}, Scripts: map[string]string{name: name + ":main"}}
	for i := range 60 {
		w.Files[fmt.Sprintf("%s/m%d.py", name, i)] = noise(uint64(i), 1800+i*6)
	}
	w.Files[name+"/libbig.so"] = noise(99, 40_000)
	if edit != "" {
		w.Files[edit] = noise(1000, len(w.Files[edit]))
	}
	return w
}

// limited plans wheels with --max-layer-size.
func limited(t *testing.T, limit int64, below int, wheels ...fakewheel.Wheel) (*Plan, []string) {
	t.Helper()
	in := project(t, "x = 1\n", below, wheels...)
	in.Build.MaxLayerSize = limit
	p, notes, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return p, notes
}

// wheelLayers are those of a plan that hold wheels.
func wheelLayers(p *Plan) (out []Layer) {
	for _, l := range p.Images[0].Layers {
		if l.Recipe.Wheels != nil {
			out = append(out, l)
		}
	}
	return out
}

// files are the paths of a layer that are no folders.
func filesOf(l Layer) (out []string) {
	for _, e := range l.Entries() {
		if e.Kind != layers.Dir {
			out = append(out, e.Path)
		}
	}
	return out
}

// TestDivideWheel: every file of a divided wheel is in one part and no other, below folders
// that the part has itself; the large one is alone; no part is over the limit; all is the same the
// second time, and without a limit, or below it, nothing changes.
func TestDivideWheel(t *testing.T) {
	w := bigWheel("big", native, "")
	whole, _ := limited(t, 0, 3, w)
	want := filesOf(wheelLayers(whole)[0])
	const limit = 30_000
	p, notes := limited(t, limit, 3, w)
	parts := wheelLayers(p)
	if len(parts) != 7 { // the large file, and what five parts would be full to the brim of
		t.Errorf("%d parts\n%s", len(parts), roles(p))
	}
	var got []string
	for i, l := range parts {
		if want := fmt.Sprintf("big 1.0, part %d of %d", i+1, len(parts)); l.Title != want {
			t.Errorf("title %q, want %q", l.Title, want)
		}
		have := map[string]bool{}
		for _, e := range l.Entries() {
			have[e.Path] = true
			if dir := filepath.Dir(e.Path); dir != "." && !have[dir] {
				t.Errorf("%s: without its folder", e.Path)
			}
		}
		files := filesOf(l)
		got = append(got, files...)
		if slices.ContainsFunc(files, func(f string) bool { return strings.HasSuffix(f, "libbig.so") }) && len(files) != 1 {
			t.Errorf("the large file is with %q", files)
		}
		if size := built(t, l, layers.Gzip).Size; size > limit && len(files) > 1 {
			t.Errorf("part %d has %d bytes, over %d", i+1, size, limit)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("files of the parts %q, of the wheel %q", got, want)
	}
	if text := strings.Join(notes, "\n"); !strings.Contains(text, "libbig.so alone is over --max-layer-size") || strings.Count(text, "max-layer-size") != 1 {
		t.Errorf("notes: %s", text)
	}
	again, _ := limited(t, limit, 3, w)
	if a, b := digest(t, p), digest(t, again); a != b {
		t.Errorf("planned twice: %s and %s", a, b)
	}
	for _, enough := range []int64{1 << 18, 1 << 40, 1<<63 - 1} {
		if loose, _ := limited(t, enough, 3, w); digest(t, loose) != digest(t, whole) {
			t.Errorf("a limit of %d that the wheel keeps changes the plan", enough)
		}
	}
}

func digest(t *testing.T, p *Plan) string {
	t.Helper()
	d, err := p.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func built(t *testing.T, l Layer, how layers.Compression) *layers.Record {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "layer"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only its record counts
	rec, err := layers.NewBuilder(runtime.GOMAXPROCS(0)).WriteAs(t.Context(), f, l.Entries(), layers.Options{Compression: how})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestDivideKeepsToTheLimit: in every format.
func TestDivideKeepsToTheLimit(t *testing.T) {
	p, _ := limited(t, 20_000, 3, bigWheel("big", native, ""))
	for _, how := range []layers.Compression{layers.Gzip, layers.EStargz, layers.Zstd} {
		for _, l := range wheelLayers(p) {
			if size := built(t, l, how).Size; size > 20_000 && len(filesOf(l)) > 1 {
				t.Errorf("%s: %s has %d bytes", how, l.Title, size)
			}
		}
	}
}

// TestDivideSameBytes: the parts' digests are the same however many cores build them.
func TestDivideSameBytes(t *testing.T) {
	var want []string
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		t.Cleanup(func() { runtime.GOMAXPROCS(old) })
		p, _ := limited(t, 30_000, 3, bigWheel("big", native, ""), wheel("small", "", "x"))
		var got []string
		for _, l := range wheelLayers(p) {
			got = append(got, string(l.Key)+" "+built(t, l, layers.Gzip).Digest.String())
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("GOMAXPROCS=%d: %q, want %q", procs, got, want)
		}
	}
}

// TestDividedFiles: one changed file of a wheel changes the files of no part, and the bytes of two:
// its own and that of RECORD. A changed wheel leaves another's parts alone.
func TestDividedFiles(t *testing.T) {
	const limit = 30_000
	one, _ := limited(t, limit, 3, bigWheel("big", native, ""), bigWheel("other", native, ""))
	two, _ := limited(t, limit, 3, bigWheel("big", native, "big/m7.py"), bigWheel("other", native, ""))
	a, b := wheelLayers(one), wheelLayers(two)
	if len(a) != len(b) {
		t.Fatalf("%d and %d layers", len(a), len(b))
	}
	changed := 0
	for i := range a {
		if !slices.Equal(filesOf(a[i]), filesOf(b[i])) {
			t.Errorf("%s holds other files", a[i].Title)
		}
		if built(t, a[i], layers.Gzip).Digest != built(t, b[i], layers.Gzip).Digest {
			changed++
		}
		if strings.HasPrefix(a[i].Title, "other") && a[i].Key != b[i].Key {
			t.Errorf("%s has another key", a[i].Title)
		}
	}
	if changed < 1 || changed > 2 {
		t.Errorf("%d layers changed", changed)
	}
}

// TestDividedKeys: parts have keys of their own, and others with another limit.
func TestDividedKeys(t *testing.T) {
	seen := map[layers.Key]string{}
	for _, limit := range []int64{0, 30_000, 30_200, 100_000} {
		p, _ := limited(t, limit, 3, bigWheel("big", native, ""))
		for _, l := range wheelLayers(p) {
			title := fmt.Sprintf("%s at %d", l.Title, limit)
			if other, ok := seen[l.Key]; ok {
				t.Errorf("%s and %s have the same key", other, title)
			}
			seen[l.Key] = title
		}
	}
}

// TestDividePure: a layer of pure wheels that is too large is divided by wheels first, and only a
// wheel that is too large itself by its files; a wheel that comes or goes moves others only within its layer.
func TestDividePure(t *testing.T) {
	var wheels []fakewheel.Wheel
	for i := range 40 {
		name := fmt.Sprintf("pure%d", i)
		wheels = append(wheels, fakewheel.Wheel{Name: name, Version: "1.0", Deflate: true, Files: map[string]string{name + ".py": noise(uint64(i), 4_000)}})
	}
	wheels = append(wheels, bigWheel("zbig", "", ""))
	p, _ := limited(t, 14_000, 3, wheels...)
	held := map[string]int{}
	for _, l := range wheelLayers(p) {
		var size int64
		for _, w := range l.Recipe.Wheels {
			held[w.File]++
			if (w.Part != nil) != strings.HasPrefix(w.File, "zbig") || w.Part != nil && len(l.Recipe.Wheels) > 1 {
				t.Errorf("%s: part %v", l.Title, w.Part)
			}
		}
		if size = built(t, l, layers.Gzip).Size; size > 14_000 && len(filesOf(l)) > 1 {
			t.Errorf("%s has %d bytes", l.Title, size)
		}
	}
	for _, w := range wheels {
		if n := held[w.Filename()]; n != 1 && w.Name != "zbig" || n == 0 {
			t.Errorf("%s is in %d layers", w.Name, n)
		}
	}
	without, _ := limited(t, 14_000, 3, append(slices.Clone(wheels[:7]), wheels[8:]...)...)
	keys := map[layers.Key]bool{}
	for _, l := range wheelLayers(without) {
		keys[l.Key] = true
	}
	changed := 0
	for _, l := range wheelLayers(p) {
		if !keys[l.Key] {
			changed++
		}
	}
	if changed < 1 || changed > 2 {
		t.Errorf("without one wheel, %d layers are others", changed)
	}
}

// TestDivideBudget: however small the limit and however many layers the base has, the image can be
// stacked, every file is there once, and it is said that the limit was not kept.
func TestDivideBudget(t *testing.T) {
	wheels := []fakewheel.Wheel{bigWheel("big", native, ""), bigWheel("pure", "", ""), wheel("small", "", "x")}
	whole, _ := limited(t, 0, 3, wheels...)
	var want []string
	for _, l := range wheelLayers(whole) {
		want = append(want, filesOf(l)...)
	}
	slices.Sort(want)
	for _, c := range []struct {
		limit int64
		below int
		said  bool
	}{{1, 3, true}, {300, 3, true}, {2_000, 3, true}, {5_000, 3, false}, {20_000, 90, false}, {20_000, 105, true}, {20_000, 120, true}} {
		p, notes := limited(t, c.limit, c.below, wheels...)
		if n := c.below + len(wheelLayers(p)); n > max(maxLayers-reserve, c.below+len(wheelLayers(whole))) {
			t.Errorf("limit %d above %d layers: %d", c.limit, c.below, n)
		}
		var got []string
		for _, l := range wheelLayers(p) {
			got = append(got, filesOf(l)...)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: %d files, want %d", c.limit, len(got), len(want))
		}
		if said := strings.Contains(strings.Join(notes, "\n"), "more layers than runtimes stack"); said != c.said {
			t.Errorf("limit %d above %d layers: said is %v: %q", c.limit, c.below, said, notes)
		}
	}
}

// TestUndivided: folders and files are not divided, which is said.
func TestUndivided(t *testing.T) {
	in := project(t, noise(1, 10_000), 3)
	for limit, want := range map[int64]int{0: 0, 9999: 2, 10_000: 0} {
		in.Build.MaxLayerSize = limit
		p, notes, err := Make(in)
		if err != nil || len(p.Images[0].Layers) != 2 {
			t.Fatalf("%v\n%s", err, roles(p))
		}
		if n := strings.Count(strings.Join(notes, "\n"), "before compression; --max-layer-size divides wheels alone"); n != want {
			t.Errorf("limit %d: said %d times, want %d: %q", limit, n, want, notes)
		}
	}
}
