package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// readers are the two ways to read an entry.
var readers = map[string]func(s *Store, key string) ([]byte, error){
	"get": func(s *Store, key string) ([]byte, error) { return s.Get("records", key) },
	"open": func(s *Store, key string) ([]byte, error) {
		c, err := s.Open("records", key)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(c)
		return b, errors.Join(err, c.Close())
	},
}

// TestDamage: whatever happens to a file, reading it is a miss that takes it away, and the next
// write mends it.
func TestDamage(t *testing.T) {
	for name, read := range readers {
		t.Run(name, func(t *testing.T) { testDamage(t, read) })
	}
}

func testDamage(t *testing.T, read func(*Store, string) ([]byte, error)) {
	s := New(t.TempDir(), "")
	content := []byte("the content\nof an entry")
	must(t, s.Put("records", "k", content))
	path := s.path("records", "k")
	whole, err := os.ReadFile(path)
	must(t, err)
	check := func(what string, b []byte) {
		t.Helper()
		must(t, os.WriteFile(path, b, 0o644))
		got, err := read(s, "k")
		if !errors.Is(err, ErrMiss) || !strings.Contains(err.Error(), path+" is damaged or another entry's") {
			t.Errorf("%s: %q, %v", what, got, err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: it stays: %v", what, err)
		}
	}
	for i := range whole {
		check(fmt.Sprintf("cut after %d bytes", i), whole[:i])
		bent := bytes.Clone(whole)
		bent[i] ^= 0x20
		check(fmt.Sprintf("byte %d changed", i), bent)
	}
	check("one byte more", append(bytes.Clone(whole), 0))
	// A whole entry under another's name is not that one.
	must(t, s.Put("records", "m", content))
	other, err := os.ReadFile(s.path("records", "m"))
	must(t, err)
	check("another key's", other)
	must(t, s.Put("other-records", "k", content))
	other, err = os.ReadFile(s.path("other-records", "k"))
	must(t, err)
	check("another collection's", other)

	for what, spoil := range map[string]func() error{
		"an empty folder":    func() error { return os.Mkdir(path, 0o755) },
		"a pipe":             func() error { return syscall.Mkfifo(path, 0o644) },
		"a link to nothing":  func() error { return os.Symlink("nothing", path) },
		"a link to a folder": func() error { return os.Symlink("..", path) },
		"nothing":            func() error { return nil },
	} {
		must(t, os.RemoveAll(path))
		must(t, spoil())
		if got, err := read(s, "k"); !errors.Is(err, ErrMiss) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
		must(t, s.Put("records", "k", content))
		if got, err := read(s, "k"); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s, mended: %q, %v", what, got, err)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestDamagedPart: what cannot be gone on with is begun anew, and what is bent in its content is
// found by the digest.
func TestDamagedPart(t *testing.T) {
	s := New(t.TempDir(), t.TempDir())
	path := filepath.Join(s.dir, "wheels", partPrefix+"w")
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	for _, text := range []string{"", "x", strings.Repeat("x", 1000), header("wheels", "v", unfinished) + "\nabc", header("wheels", "w", sum(nil)) + "\nabc"} {
		must(t, os.WriteFile(path, []byte(text), 0o644))
		p, err := s.Partial("wheels", "w")
		if err != nil || p.Size() != 0 {
			t.Fatalf("%q: %d bytes, %v", text, p.Size(), err)
		}
		must(t, p.Close())
	}
	must(t, os.WriteFile(path, []byte(header("wheels", "w", unfinished)+"\nabc"), 0o644))
	p, err := s.Partial("wheels", "w")
	if err != nil || p.Size() != 3 {
		t.Fatalf("%d bytes, %v", p.Size(), err)
	}
	must(t, p.Close())
	// A folder in its place: the content goes to a temporary file.
	must(t, os.Remove(path))
	must(t, os.Mkdir(path, 0o755))
	must(t, fetch(s))
}

// TestFailingSource: a source that ends too early leaves the entry before.
func TestFailingSource(t *testing.T) {
	s := New(t.TempDir(), "")
	must(t, s.Put("wheels", "w", []byte("before")))
	broken := errors.New("broken")
	err := s.PutFrom("wheels", "w", io.MultiReader(strings.NewReader("after"), failing{broken}))
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	if got, err := s.Get("wheels", "w"); err != nil || string(got) != "before" {
		t.Errorf("%q, %v", got, err)
	}
	if left := names(t, s.dir); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
