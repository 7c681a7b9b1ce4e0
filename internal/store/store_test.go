package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var keys = []string{
	"sha256:0a", "sha256_0a", "SHA256:0a", "", ".", "..", "../../x", "/", "a/b", "a\\b", "a\nb", "a\x00b", "\xff", "é", "a b",
	"plain-key-1", ".new-1", strings.Repeat("k", 100), strings.Repeat("k", 101), strings.Repeat("k", 5000), strings.Repeat("é", 5000),
}

func TestPutAndGet(t *testing.T) {
	parent := t.TempDir()
	s := New(filepath.Join(parent, "deep", "store"), "")
	for i, key := range keys {
		if _, err := s.Get("records", key); !errors.Is(err, ErrMiss) {
			t.Errorf("%q before it was put: %v", key, err)
		}
		if err := s.Put("records", key, fmt.Appendf(nil, "\n%d\n\x00", i)); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	for i, key := range keys {
		got, err := s.Get("records", key)
		if err != nil || string(got) != fmt.Sprintf("\n%d\n\x00", i) {
			t.Errorf("%q: %q, %v", key, got, err)
		}
		if _, err := s.Get("profiles", key); !errors.Is(err, ErrMiss) {
			t.Errorf("%q in another collection: %v", key, err)
		}
	}
	// No key leads out of the folder, and nothing temporary is left.
	entries, err := os.ReadDir(filepath.Join(parent, "deep", "store", "records"))
	if err != nil || len(entries) != len(keys) {
		t.Errorf("%d files for %d keys, %v", len(entries), len(keys), err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode() != 0o644 || strings.HasPrefix(e.Name(), ".") || len(e.Name()) > 120 {
			t.Errorf("%s: mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if above, err := os.ReadDir(parent); err != nil || len(above) != 1 {
		t.Errorf("beside the store: %v, %v", above, err)
	}
	// Put again, an entry is replaced; an empty one is an entry.
	if err := s.Put("records", keys[0], nil); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get("records", keys[0]); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzFileName looks for two keys that would share a file.
func FuzzFileName(f *testing.F) {
	f.Add("a:b", "a/b")
	f.Add("A", "a")
	f.Add("", ".")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := fileName(a), fileName(b)
		if a != b && strings.EqualFold(x, y) {
			t.Fatalf("%q and %q are both %s", a, b, x)
		}
		if !isPlain(x) && !isHashed(x) {
			t.Fatalf("%q: %q is not known again as ours", a, x)
		}
		if x == "" || x[0] == '.' || strings.ContainsAny(x, "/\x00") || len(x) > 120 {
			t.Fatalf("%q: %q", a, x)
		}
	})
}

func TestConcurrentWriters(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			s := New(dir, "")
			for i := range 20 {
				content := bytes.Repeat(fmt.Appendf(nil, "%d", w), 10_000+i)
				if err := s.Put("trees", "k", content); err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
				got, err := s.Get("trees", "k")
				if err != nil || len(got) < 10_000 || bytes.Count(got, got[:1]) != len(got) {
					t.Errorf("reader %d: %d bytes, %v", w, len(got), err)
				}
			}
		})
	}
	group.Wait()
	if entries, err := os.ReadDir(filepath.Join(dir, "trees")); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestNoFolder(t *testing.T) {
	s := New("", t.TempDir())
	if err := s.Put("records", "k", []byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := s.Get("records", "k"); !errors.Is(err, ErrMiss) {
		t.Error(err)
	}
	if _, err := os.Stat("records"); err == nil {
		t.Error("a store without a folder wrote into the working folder")
	}
}

// blocked is a path below which nothing can be made, not even by root.
func blocked(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(file, "store")
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	s := New(blocked(t), "")
	err := s.Put("records", "k", []byte("x"))
	if err == nil || !strings.HasPrefix(err.Error(), "keeping records in the cache: mkdir ") {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Get("records", "k"); !errors.Is(err, ErrMiss) {
		t.Errorf("get: %v", err)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	s := New(dir, t.TempDir())
	if err := s.Put("records", "k", []byte("x")); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{filepath.Join(dir, "records"), dir} {
		if err := os.Chmod(d, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(d, 0o755) })
	}
	if got, err := s.Get("records", "k"); err != nil || string(got) != "x" {
		t.Errorf("get: %q, %v", got, err)
	}
	// Root may write everywhere; for others it is an error that leaves the old entry.
	if err := s.Put("records", "k", []byte("y")); err != nil && !errors.Is(err, fs.ErrPermission) {
		t.Errorf("put: %v", err)
	} else if err != nil {
		if got, err := s.Get("records", "k"); err != nil || string(got) != "x" {
			t.Errorf("get: %q, %v", got, err)
		}
	}
	spool, err := s.Spool()
	if err != nil {
		t.Fatal(err)
	}
	if err := spool.Close(); err != nil {
		t.Error(err)
	}
}
