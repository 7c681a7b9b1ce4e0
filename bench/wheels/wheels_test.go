package wheels

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/pkg/layers"
)

// folder holds wheels of one and two-and-more, and a list.
func folder(t *testing.T, list string) (dir, names string) {
	t.Helper()
	dir = t.TempDir()
	for _, w := range []fakewheel.Wheel{
		{Name: "one", Version: "1.0", Files: map[string]string{"one/__init__.py": "1\n"}, Scripts: map[string]string{"one": "one:main"}},
		{Name: "Two_more", Version: "2.0", Files: map[string]string{"two/deep/x.py": "2\n"}, Deflate: true},
	} {
		raw, err := w.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, w.Filename()), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	names = filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(names, []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, names
}

func TestFindAndOpen(t *testing.T) {
	dir, list := folder(t, "# both\ntwo_more\n\none\n")
	files, err := Find(dir, list)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || filepath.Base(files[1]) != "one-1.0-py3-none-any.whl" {
		t.Fatalf("found %q", files)
	}
	s, err := Open(files)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var paths []string
	for _, e := range s.Entries {
		paths = append(paths, e.Path)
		if e.Kind == layers.Dir && e.Mode != 0o755 {
			t.Errorf("the folder %s has mode %o", e.Path, e.Mode)
		}
	}
	site := Target().Scheme.Purelib[1:]
	for _, want := range []string{"usr", "usr/local/bin/one", site, site + "/one/__init__.py", site + "/two/deep", site + "/two/deep/x.py"} {
		if !slices.Contains(paths, want) {
			t.Errorf("no %s among %q", want, paths)
		}
	}
	if !slices.IsSorted(paths) {
		t.Errorf("not in the order of a layer: %q", paths)
	}
}

func TestFindRefuses(t *testing.T) {
	dir, list := folder(t, "three\n")
	if files, err := Find(dir, list); err == nil {
		t.Errorf("found %q for a name that no wheel has", files)
	}
	dir, list = folder(t, "one\n")
	if err := os.WriteFile(filepath.Join(dir, "one-2.0-py3-none-any.whl"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if files, err := Find(dir, list); err == nil {
		t.Errorf("found %q where there are two", files)
	}
}

func TestOpenClosesAfterAFailure(t *testing.T) {
	dir, list := folder(t, "one\n")
	files, err := Find(dir, list)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(append(files, filepath.Join(dir, "none.whl"))); err == nil {
		t.Error("no error for a wheel that is not there")
	}
}
