package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// leave puts a file of somebody else's below a folder, and makes it old.
func leave(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
	stamp(t, path, 1000*day)
	return path
}

// TestNamesAreNoProof: files whose names the store could have made, in a folder that was there
// before, are left alone by every removal, and not counted.
func TestNamesAreNoProof(t *testing.T) {
	dir := t.TempDir()
	var theirs []string
	for _, name := range []string{
		"mail/.new-1", "mail/.new-letter", "records/.new-77", "spool/layerpack-1", "spool/layerpack-notes", ".tally-1", ".tally-x", ".tally",
		tallyName, tallyName + "-1", tallyName + "-old", "src/_x.0123456789abcdef", "src/_x.0123456789ABCDEF", "src/.part-x", "src/.part-_x.0123456789abcdef",
		"_x.0123456789abcdef/notes", "mail/_x.fedcba9876543210/letters/1", "src/main",
	} {
		theirs = append(theirs, leave(t, dir, name, "precious"))
	}
	// Without a byte in them, these could not be the store's for their names either.
	theirs = append(theirs, leave(t, dir, "mail/.new-", ""), leave(t, dir, "mail/.new-1x", ""), leave(t, dir, "src/empty", ""))
	for _, name := range []string{"src/_pipe.0123456789abcdef", "src/.new-5"} {
		path := filepath.Join(dir, name)
		must(t, syscall.Mkfifo(path, 0o644))
		stamp(t, path, 1000*day)
		theirs = append(theirs, path)
	}
	link := filepath.Join(dir, "src", "_link.0123456789abcdef")
	must(t, os.Symlink("main", link))
	theirs = append(theirs, link)

	s := at(dir, noon, block)
	for i := range 3 { // over the limit
		must(t, s.Put("records", "sha256:"+strings.Repeat("0", i), nil))
		must(t, s.Tidy(t.Context()))
	}
	u, err := s.Usage(t.Context())
	if err != nil || u.Unfinished.Entries != 0 || u.Entries > 1 {
		t.Errorf("%+v, %v", u, err)
	}
	p, err := s.Prune(t.Context(), PruneOptions{OlderThan: time.Hour})
	if err != nil || p.Unfinished.Entries != 0 || p.Left.Entries != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, path := range theirs {
		info, err := os.Lstat(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != "precious" {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, markerName)); err == nil {
		t.Error("a folder with other things in it was marked as a cache")
	}
}

// TestFolderInPlaceOfAnEntry: one with something in it stays, and says why nothing is kept; an empty one goes.
func TestFolderInPlaceOfAnEntry(t *testing.T) {
	for _, key := range []string{"k", "sha256:k"} {
		s := at(t.TempDir(), noon, 0)
		theirs := leave(t, s.path("records", key), "letters/1", "precious")
		err := s.Put("records", key, []byte("x"))
		if want := s.path("records", key) + " is a folder with files that are not the cache's: move it away, or set --cache-dir"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: put: %v", key, err)
		}
		if _, err := s.Get("records", key); !errors.Is(err, ErrMiss) {
			t.Errorf("%s: get: %v", key, err)
		}
		p, err := s.Prune(t.Context(), PruneOptions{})
		if err != nil || p.Unfinished.Entries != 0 {
			t.Errorf("%s: %+v, %v", key, p, err)
		}
		if _, err := os.Stat(theirs); err != nil {
			t.Error(err)
		}
		if left := names(t, s.dir); len(left) != 2 { // theirs and the tally
			t.Errorf("%s: left behind: %q", key, left)
		}
		must(t, os.RemoveAll(filepath.Join(s.path("records", key), "letters")))
		must(t, s.Put("records", key, []byte("x")))
		if b, err := s.Get("records", key); err != nil || string(b) != "x" {
			t.Errorf("%s: mended: %q, %v", key, b, err)
		}
	}
}

// TestFilledMeanwhile: an empty folder that somebody puts something into after it was listed stays.
func TestFilledMeanwhile(t *testing.T) {
	s := at(t.TempDir(), noon, 0)
	dir := s.path("records", "sha256:k")
	must(t, os.MkdirAll(dir, 0o755))
	stamp(t, dir, day)
	items, err := s.scan(t.Context())
	if err != nil || len(items) != 1 {
		t.Fatalf("%+v, %v", items, err)
	}
	theirs := leave(t, dir, "x", "precious")
	stamp(t, dir, day)
	p, err := s.prune(t.Context(), items, PruneOptions{})
	if err != nil || p.Left.Entries != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Error(err)
	}
}

// TestMarker: the store marks a folder that it makes, or finds empty, whatever comes first into it.
func TestMarker(t *testing.T) {
	first := map[string]func(s *Store) error{
		"an entry": func(s *Store) error { return s.Put("records", "k", nil) },
		"content":  fetch,
		"a temporary file": func(s *Store) error {
			f, err := s.Spool()
			return errors.Join(err, f.Close())
		},
	}
	for what, do := range first {
		parent := t.TempDir()
		for _, dir := range []string{parent, filepath.Join(parent, "a", "b")} {
			must(t, os.RemoveAll(filepath.Join(parent, markerName)))
			must(t, os.RemoveAll(filepath.Join(parent, "records")))
			must(t, os.RemoveAll(filepath.Join(parent, "wheels")))
			must(t, os.RemoveAll(filepath.Join(parent, spoolDir)))
			s := at(dir, noon, 0)
			must(t, do(s))
			b, err := os.ReadFile(filepath.Join(dir, markerName))
			if lines := strings.Split(string(b), "\n"); err != nil || lines[0] != "Signature: 8a477f597d28d172789f06886806bc55" || !strings.Contains(string(b), "layerpack") {
				t.Errorf("%s: %q, %v", what, b, err)
			}
			_, err = s.Prune(t.Context(), PruneOptions{})
			must(t, err)
			if _, err := os.Stat(filepath.Join(dir, markerName)); err != nil {
				t.Errorf("%s: pruned: %v", what, err)
			}
		}
	}
	// One that is there already is not written to.
	s := at(t.TempDir(), noon, 0)
	leave(t, s.dir, markerName, "mine")
	must(t, s.Put("records", "k", nil))
	if b, err := os.ReadFile(filepath.Join(s.dir, markerName)); err != nil || string(b) != "mine" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestUnreadable: folders and files of other users stop nothing.
func TestUnreadable(t *testing.T) {
	parent, err := os.MkdirTemp("", "store-test-*") // t.TempDir has parents that only its owner enters
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(parent)) })
	must(t, os.Chmod(parent, 0o777))
	dir := filepath.Join(parent, "store")
	must(t, os.Mkdir(dir, 0o755))
	leave(t, dir, "secret/x", "precious")
	for _, f := range []string{"records/_x.0123456789abcdef", "records/.new-1", "records/.part-x", "records/k1"} {
		must(t, os.Chmod(leave(t, dir, f, magic), 0))
	}
	must(t, os.Chmod(leave(t, dir, "records/.new-2", magic), 0o444)) // may be somebody's who writes it
	must(t, os.Chmod(filepath.Join(dir, "secret"), 0))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "secret"), 0o700) }) // for RemoveAll
	for _, d := range []string{dir, filepath.Join(dir, "records")} {
		must(t, os.Chmod(d, 0o777))
	}
	must(t, start(t, "stranger", dir).Wait())
}
