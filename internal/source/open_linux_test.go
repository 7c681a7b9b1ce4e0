package source

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// overwrite gives a file other bytes of the same number, and its modification time back.
func overwrite(t *testing.T, path, text string) {
	t.Helper()
	was, err := os.Stat(path)
	must(t, err)
	time.Sleep(20 * time.Millisecond) // the clock of a file system ticks every few milliseconds
	must(t, write(path, 0, text))
	must(t, os.Chtimes(path, was.ModTime(), was.ModTime()))
	now, err := os.Stat(path)
	must(t, err)
	if !os.SameFile(was, now) || was.Size() != now.Size() || !was.ModTime().Equal(now.ModTime()) {
		t.Fatal("the file is told from what it was by more than its change of status")
	}
}

// A wheel that is another when it is opened than when it was hashed is not taken for the first.
func TestWheelOverwritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "zz-1-py3-none-any.whl")
	must(t, os.WriteFile(path, []byte("first"), 0o644))
	found, err := Wheels([]string{path})
	must(t, err)
	_, err = found[0].SHA256(context.Background())
	must(t, err)
	f, err := found[0].Open()
	must(t, err)
	must(t, f.Close())
	overwrite(t, path, "other")
	if _, err := found[0].Open(); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), path) {
		t.Errorf("opened: %v", err)
	}
	if _, err := found[0].SHA256(context.Background()); !errors.Is(err, ErrChanged) {
		t.Errorf("hashed again: %v", err)
	}
}

// So is a file of the project, before it is opened and while it is read.
func TestFileOverwritten(t *testing.T) {
	dir := plant(t, "f = 0123456789", "g = 0123456789")
	tree := walked(t, dir)
	r, err := tree.Entries[0].Open()
	must(t, err)
	defer func() { must(t, r.Close()) }()
	_, err = io.ReadFull(r, make([]byte, 5))
	must(t, err)
	overwrite(t, dir+"/f", "ABCDEFGHIJ")
	if _, err := io.ReadAll(r); !errors.Is(err, ErrChanged) {
		t.Errorf("read on: %v", err)
	}
	overwrite(t, dir+"/g", "ABCDEFGHIJ")
	if r, err := tree.Entries[1].Open(); !errors.Is(err, ErrChanged) {
		t.Errorf("opened: %v, %v", r, err)
	}
}

// Reading a file, which moves its time of access, is no change of it.
func TestFileOnlyRead(t *testing.T) {
	dir := plant(t, "f = 0123456789")
	tree := walked(t, dir)
	must(t, os.Chmod(dir, 0o700)) // nor is one of the folder above
	for range 2 {
		r, err := tree.Entries[0].Open()
		must(t, err)
		if got, err := io.ReadAll(r); err != nil || string(got) != "0123456789" {
			t.Errorf("%q, %v", got, err)
		}
		must(t, r.Close())
	}
}
