package source

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/layers"
)

func TestFolderEntries(t *testing.T) {
	dir := plant(t, "b/x", "a/f", "a-b", "a.d/", "run.sh !", "Dockerfile",
		"up -> ../../elsewhere", "abs -> /etc/passwd", "loop -> loop", "a/self -> ..", "to-dir -> a")
	must(t, os.Chmod(filepath.Join(dir, "a-b"), 0o4477)) // the owner may not execute it
	must(t, os.Link(filepath.Join(dir, "a-b"), filepath.Join(dir, "twin")))
	must(t, os.Chmod(filepath.Join(dir, "b"), 0o700))
	want := `644 Dockerfile 10
755 a/
644 a-b 3
755 a.d/
644 a/f 3
777 a/self -> ..
777 abs -> /etc/passwd
755 b/
644 b/x 3
777 loop -> loop
755 run.sh 6
777 to-dir -> a
644 twin 3
777 up -> ../../elsewhere
`
	tree := walked(t, dir)
	if diff := cmp.Diff(want, listing(tree)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if !tree.Dir || leftOut(tree) != "" {
		t.Errorf("Dir %v, left out %q", tree.Dir, leftOut(tree))
	}
	must(t, tree.Hash(context.Background()))
	for _, e := range tree.Entries {
		if e.UID != 0 || e.GID != 0 {
			t.Errorf("%s belongs to %d:%d", e.Path, e.UID, e.GID)
		}
		if e.Kind == layers.File != (e.SHA256 != nil) {
			t.Errorf("%s: SHA256 %v", e.Path, e.SHA256)
		}
		if want := filepath.Join(dir, e.Path); e.Origin != want {
			t.Errorf("Origin %q, want %q", e.Origin, want)
		}
	}
	i := slices.IndexFunc(tree.Entries, func(e layers.Entry) bool { return e.Path == "b/x" })
	if got := *tree.Entries[i].SHA256; got != sha256.Sum256([]byte("b/x")) {
		t.Errorf("SHA256 of b/x is %x", got)
	}
	for range 2 { // it can be opened again
		r, err := tree.Entries[i].Open()
		must(t, err)
		data, err := io.ReadAll(r)
		must(t, err)
		must(t, r.Close())
		if string(data) != "b/x" {
			t.Errorf("b/x holds %q", data)
		}
	}
}

// What may differ between two checkouts of the same project must not show.
func TestFolderIsReproducible(t *testing.T) {
	names := []string{"z", "a/z", "a/a", "m !", "l -> z", "é", "a b", `back\slash`, "new\nline"}
	first := plant(t, names...)
	slices.Reverse(names)
	second := plant(t, names...)
	for _, n := range []string{"z", "a/z", "a"} {
		full := filepath.Join(second, n)
		must(t, os.Chtimes(full, time.Unix(1, 0), time.Unix(1, 0)))
		must(t, os.Chmod(full, 0o600|os.FileMode(len(n)&1)<<3))
	}
	must(t, os.Chmod(filepath.Join(second, "a"), 0o700))
	link := filepath.Join(t.TempDir(), "link") // the source may be named by a symlink
	must(t, os.Symlink(second, link))
	a, b := walked(t, first), walked(t, link)
	must(t, a.Hash(context.Background()))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	must(t, b.Hash(context.Background()))
	for i := range a.Entries {
		for _, e := range []*layers.Entry{&a.Entries[i], &b.Entries[i]} {
			e.Open, e.Origin = nil, ""
		}
	}
	if diff := cmp.Diff(a.Entries, b.Entries); diff != "" {
		t.Errorf("entries differ:\n%s", diff)
	}
}

func TestFolderDeep(t *testing.T) {
	rel := strings.TrimSuffix(strings.Repeat("d/", 300), "/")
	dir := plant(t, rel+"/leaf")
	tree := walked(t, dir)
	if got := len(tree.Entries); got != 301 {
		t.Errorf("%d entries, want 301", got)
	}
	must(t, tree.Hash(context.Background()))
}

func TestFolderRefusesItself(t *testing.T) {
	dir := plant(t, "file")
	_, err := Folder(filepath.Join(dir, "nowhere"), Options{})
	refused(t, err, "nowhere", "cannot be found")
	_, err = Folder(filepath.Join(dir, "file"), Options{})
	refused(t, err, "is not a folder", "--file")
}

func TestExclusions(t *testing.T) {
	dir := plant(t, ".dockerignore = !wheels\n", "wheels/w.whl", "layerpack.oci/index.json", "x/layerpack.oci/keep", "flow.py")
	link := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.Symlink(filepath.Join(dir, "wheels"), link))
	t.Chdir(dir)
	tree := walked(t, ".",
		Exclusion{link, "named by --wheels"},
		Exclusion{"layerpack.oci", "named by -o"},
		Exclusion{"absent", "named by --digest-file"},
		Exclusion{"..", "named by --cache-dir"}, Exclusion{".", "named by --wheels"})
	if got, want := leftOut(tree), "layerpack.oci/ (named by -o)\nwheels/ (named by --wheels)\n"; got != want {
		t.Errorf("left out %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{".dockerignore", "flow.py", "x/layerpack.oci/keep"}, paths(tree)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestHashErrors(t *testing.T) {
	dir := plant(t, "a", "b", "c", "d")
	tree := walked(t, dir)
	for _, name := range []string{"d", "b"} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("longer now"), 0o644))
	}
	if err := tree.Hash(context.Background()); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "b")) {
		t.Errorf("got %v, want the error of the first file by path", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := walked(t, dir).Hash(ctx); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("got %v from a cancelled context", err)
	}
}
