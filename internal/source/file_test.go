package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFileFollowsItsSymlink(t *testing.T) {
	// The layout of a mounted ConfigMap.
	dir := plant(t, "..2026/app.toml = x=1\n", "..data -> ..2026", "app.toml -> ..data/app.toml")
	tree, err := File(dir + "/app.toml")
	must(t, err)
	defer func() { must(t, tree.Close()) }()
	if tree.Dir || listing(tree) != "644  4\n" {
		t.Errorf("Dir %v, entries %q", tree.Dir, listing(tree))
	}
	must(t, tree.Hash(context.Background()))
	r, err := tree.Entries[0].Open()
	must(t, err)
	data, err := io.ReadAll(r)
	must(t, err)
	must(t, r.Close())
	if string(data) != "x=1\n" || tree.Entries[0].Origin != dir+"/app.toml" {
		t.Errorf("%q from %s", data, tree.Entries[0].Origin)
	}
}

func TestFileTakesAFolderWhole(t *testing.T) {
	dir := plant(t, ".dockerignore = *\n", ".env", "d/x !", "l -> d/x")
	link := dir + "-link"
	must(t, os.Symlink(dir, link))
	tree, err := File(link)
	must(t, err)
	defer func() { must(t, tree.Close()) }()
	want := "644 .dockerignore 2\n644 .env 4\n755 d/\n755 d/x 3\n777 l -> d/x\n"
	if diff := cmp.Diff(want, listing(tree)); diff != "" || !tree.Dir || len(tree.LeftOut) != 0 {
		t.Errorf("Dir %v, left out %v, (-want +got):\n%s", tree.Dir, tree.LeftOut, diff)
	}
}

func TestFileRefuses(t *testing.T) {
	dir := plant(t, "f", "dangling -> nowhere", "loop -> loop", "d/.wh.x")
	for path, says := range map[string]string{
		"nowhere": "cannot be found", "dangling": "cannot be found", "f/x": "cannot be read", "d": "names beginning .wh.",
	} {
		_, err := File(dir + "/" + path)
		refused(t, err, says)
	}
	if _, err := File(dir + "/loop"); err == nil {
		t.Error("a symlink to itself was read")
	}
}

func TestReadFile(t *testing.T) {
	dir := plant(t, "f = 12345")
	data, err := ReadFile(dir+"/f", 5)
	must(t, err)
	if string(data) != "12345" {
		t.Errorf("got %q", data)
	}
	_, err = ReadFile(dir+"/f", 4)
	refused(t, err, "larger than the 4 bytes")
	_, err = ReadFile(dir, 4)
	refused(t, err, "is a folder")
	_, err = ReadFile(dir+"/g", 4)
	refused(t, err, "cannot be found")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v does not wrap fs.ErrNotExist", err)
	}
}
