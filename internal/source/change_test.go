package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// meddled is a folder where something happens just before one of its paths is opened.
type meddled struct {
	*os.Root
	path   string
	before func() error // its error is the result of opening
}

func (m meddled) OpenRoot(name string) (*os.Root, error) {
	if name == m.path {
		if err := m.before(); err != nil {
			return nil, &fs.PathError{Op: "openat", Path: name, Err: err}
		}
	}
	return m.Root.OpenRoot(name)
}

func (m meddled) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	if name == m.path {
		if err := m.before(); err != nil {
			return nil, &fs.PathError{Op: "openat", Path: name, Err: err}
		}
	}
	return m.Root.OpenFile(name, flag, perm)
}

// meddle walks dir while before happens, and then reads all files.
func meddle(t *testing.T, dir, path string, before func() error) error {
	t.Helper()
	root, err := os.OpenRoot(dir)
	must(t, err)
	tree, err := grow(&walk{root: meddled{root, path, before}, display: dir, rules: builtinRules(builtins())})
	if err != nil {
		return err
	}
	defer func() { must(t, tree.Close()) }()
	return tree.Hash(context.Background())
}

func TestReplacedDuringTheWalk(t *testing.T) {
	outside := plant(t, "f = secret")
	for _, c := range []struct {
		name, path string
		meddle     func(t *testing.T, dir string)
	}{
		{"folder by a symlink outside", "d", func(t *testing.T, dir string) { replace(t, dir+"/d", outside) }},
		{"folder by a symlink inside", "d", func(t *testing.T, dir string) { replace(t, dir+"/d", "e") }},
		{"folder gone", "d", func(t *testing.T, dir string) { must(t, os.RemoveAll(dir+"/d")) }},
		{"folder by another", "d", func(t *testing.T, dir string) {
			must(t, os.Rename(dir+"/d", dir+"/was"))
			must(t, os.Mkdir(dir+"/d", 0o755))
		}},
		{"folder above a file", "d/f", func(t *testing.T, dir string) { replace(t, dir+"/d", outside) }},
		{"file by a symlink outside", "d/f", func(t *testing.T, dir string) { replace(t, dir+"/d/f", outside+"/f") }},
		{"file by a symlink inside", "d/f", func(t *testing.T, dir string) { replace(t, dir+"/d/f", "../e/f") }},
		{"file gone", "d/f", func(t *testing.T, dir string) { must(t, os.Remove(dir+"/d/f")) }},
		{"file by a folder", "d/f", func(t *testing.T, dir string) {
			must(t, os.Remove(dir+"/d/f"))
			must(t, os.Mkdir(dir+"/d/f", 0o755))
		}},
		{"file written", "d/f", func(t *testing.T, dir string) {
			must(t, os.WriteFile(dir+"/d/f", []byte("D/F"), 0o644))
			must(t, os.Chtimes(dir+"/d/f", time.Time{}, time.Unix(77, 0)))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := plant(t, "d/f", "e/f")
			err := meddle(t, dir, c.path, func() error { c.meddle(t, dir); return nil })
			if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), filepath.Join(dir, c.path)) {
				t.Errorf("got %v, want that %s changed", err, c.path)
			}
		})
	}
}

// replace puts a symlink in the place of path.
func replace(t *testing.T, path, target string) {
	t.Helper()
	must(t, os.RemoveAll(path))
	must(t, os.Symlink(target, path))
}

func TestUnreadable(t *testing.T) {
	for _, path := range []string{"d", "d/f"} {
		dir := plant(t, "d/f")
		err := meddle(t, dir, path, func() error { return fs.ErrPermission })
		refused(t, err, filepath.Join(dir, path), "permission", "make it readable", ".dockerignore")
	}
	// What is not the input's fault is an ordinary error.
	dir := plant(t, "d/f")
	err := meddle(t, dir, "d/f", func() error { return io.ErrNoProgress })
	if !errors.Is(err, io.ErrNoProgress) || !strings.Contains(err.Error(), "reading ") {
		t.Errorf("got %v", err)
	}
}

func TestChangedWhileReading(t *testing.T) {
	for name, change := range map[string]func(string) error{
		"grows":   func(p string) error { return write(p, os.O_APPEND, "more") },
		"shrinks": func(p string) error { return os.Truncate(p, 4) },
		"is written": func(p string) error {
			if err := write(p, 0, "Z"); err != nil {
				return err
			}
			return os.Chtimes(p, time.Time{}, time.Unix(77, 0))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := plant(t, "f = 0123456789")
			r, err := walked(t, dir).Entries[0].Open()
			must(t, err)
			defer func() { must(t, r.Close()) }()
			_, err = io.ReadFull(r, make([]byte, 5))
			must(t, err)
			must(t, change(dir+"/f"))
			if _, err = io.ReadAll(r); !errors.Is(err, ErrChanged) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func write(path string, flag int, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|flag, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
