//go:build e2e

package e2e

import (
	"archive/zip"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
)

// testLazy: of eStargz layers a node fetches what is read of them, and before that, what was
// prioritized. The base is there already: containerd fetches all layers above one that it must unpack.
func testLazy(t *testing.T, r *rig) {
	s := newStargz(t)
	s.pull(t, r.smallBase(t))
	if n := s.lazyMounts(t); n != 0 {
		t.Fatalf("%d layers of the base are lazy, though none is eStargz", n)
	}
	wheels := append(wheelsNamed(t, r.wheels, "numpy", "pandas"), wheelsNamed(t, r.set("many"), "django", "sympy")...)

	pandas := wheels[1]

	t.Run("what is read", func(t *testing.T) {
		l := r.pullLazily(t, s, r.host+"/lazy/plain:1", wheels)
		l.few(t, "after the pull")
		before := l.served()
		root := s.mount(t, l.packed)
		readAll(t, root, membersOf(t, pandas, "pandas/core/frame.py"))
		l.few(t, "after reading one file")
		if moved := l.served() - before; moved == 0 || moved > 1<<20 {
			t.Errorf("reading one file moved %d bytes, want some and less than 1 MiB", moved)
		}
		n := holds(t, root, wheels)
		t.Logf("%d files are those of the wheels; %d bytes of %d were fetched for them", n, l.served(), l.size)
	})
	t.Run("what is prioritized", func(t *testing.T) {
		first := membersOf(t, pandas, "pandas/core/")
		var list strings.Builder
		for _, f := range first {
			list.WriteString("/" + path.Join(sitePackages, f.Name) + "\n")
		}
		l := r.pullLazily(t, s, r.host+"/lazy/first:1", wheels[1:], "--prioritize", file(t, "first", list.String()))
		layer, landmark := l.ahead(t)
		l.settle(landmark)
		before := l.served()
		if n := l.servedOf(layer); n < landmark || n > landmark+200_000+layer.size/10 {
			t.Errorf("%d bytes of %d are fetched ahead, the landmark is at %d", n, layer.size, landmark)
		}
		root := s.mount(t, l.packed)
		readAll(t, root, first)
		if moved := l.served() - before; moved != 0 {
			t.Errorf("reading %d prioritized files moved %d bytes, want none", len(first), moved)
		}
		t.Logf("%d prioritized files: %d bytes of %d fetched ahead, none to read them", len(first), l.servedOf(layer), layer.size)
		readAll(t, root, membersOf(t, pandas, "pandas/io/sql.py"))
		if moved := l.served() - before; moved == 0 {
			t.Error("reading another file moved nothing")
		}
	})
}

// readAll reads files of a wheel in the tree of an image.
func readAll(t *testing.T, root string, members []*zip.File) {
	t.Helper()
	for _, f := range members {
		sameMember(t, filepath.Join(root, sitePackages, f.Name), f)
	}
}

// lazily is an image whose layers are fetched as they are read.
type lazily struct {
	packed
	size int64 // of our layers
	rig  *rig
	mark int // in the traffic, before the pull
}

// pullLazily builds an image of wheels and pulls it, and sees that all its layers are mounted.
func (r *rig) pullLazily(t *testing.T, s stargz, tag string, wheels []string, args ...string) lazily {
	t.Helper()
	l := lazily{packed: r.pack(t, tag, wheels, append(args, "--compression", "estargz")...), rig: r}
	for _, layer := range l.layers {
		l.size += layer.size
	}
	before, begin := s.lazyMounts(t), time.Now()
	l.mark = r.traffic.mark()
	s.pull(t, tag)
	t.Logf("%d layers of %d bytes pulled in %s, %d bytes were fetched", len(l.layers), l.size, time.Since(begin).Round(time.Millisecond), l.served())
	if got := s.lazyMounts(t) - before; got != len(l.layers) {
		t.Errorf("%d layers are mounted lazily, want %d", got, len(l.layers))
	}
	return l
}

// served counts the bytes that the registry sent of our layers since they are pulled.
func (l lazily) served() (n int64) {
	for _, layer := range l.layers {
		n += l.servedOf(layer)
	}
	return n
}

func (l lazily) servedOf(layer packedLayer) int64 {
	return downloaded(l.rig.traffic.since(l.mark), map[string]bool{layer.digest: true})
}

// settle waits until at least so many bytes were sent, and then none for a while.
func (l lazily) settle(least int64) {
	end := time.Now().Add(30 * time.Second)
	for last, quiet := int64(-1), 0; quiet < 10 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if n := l.served(); n < least || n != last {
			last, quiet = n, 0
		} else {
			quiet++
		}
	}
}

// few sees that little of each layer, and of all, is there.
func (l lazily) few(t *testing.T, when string) {
	t.Helper()
	for _, layer := range l.layers {
		// What is read to mount a layer: its table of contents, in steps of 50 kB.
		if n := l.servedOf(layer); n > 200_000+layer.size/10 {
			t.Errorf("%s %d bytes of the %d of %s are fetched", when, n, layer.size, layer.digest)
		}
	}
	if n := l.served(); n > l.size/10 {
		t.Errorf("%s %d bytes of %d are fetched", when, n, l.size)
	}
}

// ahead finds the layer that has prioritized files, and how many of its bytes come before the
// landmark.
func (l lazily) ahead(t *testing.T) (layer packedLayer, n int64) {
	t.Helper()
	for _, candidate := range l.layers {
		f, err := os.Open(candidate.blob)
		if err != nil {
			t.Fatal(err)
		}
		toc, err := estargz.Open(io.NewSectionReader(f, 0, candidate.size))
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := toc.Lookup(estargz.PrefetchLandmark); ok {
			layer, n = candidate, e.Offset
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n == 0 {
		t.Fatal("no layer has a landmark")
	}
	return layer, n
}

// membersOf finds the files of a wheel in some folder.
func membersOf(t *testing.T, wheel, folder string) (members []*zip.File) {
	t.Helper()
	z, err := zip.OpenReader(wheel)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = z.Close() })
	for _, f := range z.File {
		if inSitePackages(f.Name) && strings.HasPrefix(f.Name, folder) {
			members = append(members, f)
		}
	}
	if len(members) == 0 {
		t.Fatalf("%s has no files in %s", wheel, folder)
	}
	return members
}
