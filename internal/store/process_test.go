package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestKilled: however often writers are killed, what can be read is whole, what they left is swept,
// and the store goes on.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	s := With(Options{Dir: dir, Now: time.Now})
	hits, left := 0, 0
	for i := range 30 {
		cmd := start(t, "put", dir)
		// From before the first write to the middle of the twentieth.
		time.Sleep(time.Duration(10+i*3) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		for key := range keyCount {
			b, err := s.Get("records", strconv.Itoa(key))
			switch {
			case err == nil:
				hits++
				if err := checkWhole(key, b); err != nil {
					t.Fatal(err)
				}
			case !errors.Is(err, os.ErrNotExist):
				t.Fatalf("killed in the middle, an entry is damaged: %v", err)
			}
		}
	}
	for _, f := range names(t, dir) {
		if strings.HasPrefix(filepath.Base(f), newPrefix) {
			left++
		}
	}
	if hits == 0 {
		t.Error("no process lived long enough to write anything")
	}
	t.Logf("%d hits, %d files left", hits, left)
	// A file that is young might be somebody's; an hour later it is not.
	if err := os.WriteFile(filepath.Join(dir, "records", newPrefix+"0"), []byte(magic+"half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now  time.Time
		want int
	}{{time.Now(), left + 1}, {time.Now().Add(scratchAge + time.Minute), 0}} {
		later := With(Options{Dir: dir, Now: func() time.Time { return c.now }})
		if _, err := later.Prune(t.Context(), PruneOptions{MaxSize: DefaultLimit}); err != nil {
			t.Fatal(err)
		}
		u, err := later.Usage(t.Context())
		if err != nil || u.Unfinished.Entries != c.want {
			t.Errorf("at %v: %d unfinished, want %d, %v", c.now, u.Unfinished.Entries, c.want, err)
		}
	}
}

// TestShared: eight processes read, write, fetch, forget and prune the same keys; each read is
// right or a miss, and no process meets an error.
func TestShared(t *testing.T) {
	dir := t.TempDir()
	var wait []func() error
	for i := range 8 {
		wait = append(wait, start(t, "share", dir, strconv.Itoa(i)).Wait)
	}
	for i, w := range wait {
		if err := w(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	}
	for _, f := range names(t, dir) {
		if strings.HasPrefix(filepath.Base(f), newPrefix) || strings.Contains(f, tallyName+"-") {
			t.Errorf("left behind: %s", f)
		}
	}
}

// TestKilledFetch: content that a killed process left is gone on with, and comes out right.
func TestKilledFetch(t *testing.T) {
	dir := t.TempDir()
	s := With(Options{Dir: dir, Temp: t.TempDir(), Now: time.Now})
	want := wheelContent()
	p, err := s.Partial("wheels", "w")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(want[:1000]); err != nil {
		t.Fatal(err)
	}
	// Another process at the same content: it has a file of its own, which is not kept.
	if err := start(t, "fetch", dir).Wait(); err != nil {
		t.Error(err)
	}
	if _, err := s.Open("wheels", "w"); !errors.Is(err, ErrMiss) {
		t.Error(err)
	}
	other, err := s.Partial("wheels", "w")
	if err != nil || other.Size() != 0 || other.path != "" {
		t.Fatalf("%d bytes at %q, %v", other.Size(), other.path, err)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	// Pruning leaves alone what a process is at, even with nothing to be left.
	pruned, err := With(Options{Dir: dir, Now: func() time.Time { return time.Now().Add(30 * partAge) }}).Prune(t.Context(), PruneOptions{})
	if err != nil || pruned.Unfinished.Entries != 0 || pruned.Left.Entries != 1 {
		t.Errorf("%+v, %v", pruned, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	killed := start(t, "part", dir)
	time.Sleep(5 * time.Millisecond)
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait() // it was killed
	if err := fetch(s); err != nil {
		t.Fatal(err)
	}
	c, err := s.Open("wheels", "w")
	if err != nil || c.Size() != int64(len(want)) {
		t.Fatalf("%v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestUmask: the folder's users share the entries under any umask.
func TestUmask(t *testing.T) {
	for _, mask := range []string{"000", "022", "077", "277"} {
		dir := filepath.Join(t.TempDir(), "store")
		if err := start(t, "umask", dir, mask).Wait(); err != nil {
			t.Errorf("umask %s: %v", mask, err)
			continue
		}
		info, err := os.Stat(With(Options{Dir: dir}).path("records", "k"))
		if err != nil || info.Mode() != 0o644 {
			t.Errorf("umask %s: %v, %v", mask, info, err)
		}
	}
}

// checkReadOnly reads a store that cannot be written, and one with an entry that cannot be read.
func checkReadOnly(s *Store, args []string) error {
	if b, err := s.Get("records", "k"); err != nil || string(b) != "x" {
		return fmt.Errorf("get: %q, %w", b, err)
	}
	if err := s.Put("records", "k", []byte("y")); !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("put: %w", err)
	}
	if _, err := s.Get("records", "secret"); !errors.Is(err, ErrMiss) || !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("an entry that cannot be read: %w", err)
	}
	if err := s.Tidy(context.Background()); err != nil {
		return fmt.Errorf("tidy: %w", err)
	}
	if err := fetch(s); err != nil {
		return fmt.Errorf("fetching without keeping: %w", err)
	}
	if _, err := s.Open("wheels", "w"); !errors.Is(err, ErrMiss) {
		return fmt.Errorf("open: %w", err)
	}
	if _, err := s.Prune(context.Background(), PruneOptions{}); !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("prune: %w", err)
	}
	// One's own folder, with an entry that cannot be read: the next write heals it.
	own := With(Options{Dir: args[0], Now: time.Now})
	if _, err := own.Get("records", "secret"); !errors.Is(err, ErrMiss) {
		return fmt.Errorf("own: %w", err)
	}
	if err := own.Put("records", "secret", []byte("z")); err != nil {
		return fmt.Errorf("own: %w", err)
	}
	if b, err := own.Get("records", "secret"); err != nil || string(b) != "z" {
		return fmt.Errorf("own: %q, %w", b, err)
	}
	return nil
}

func TestReadOnly(t *testing.T) {
	parent, err := os.MkdirTemp("", "store-test-*") // t.TempDir has parents that only its owner enters
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	})
	others, own := filepath.Join(parent, "others"), filepath.Join(parent, "own")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Chmod(parent, 0o755))
	for _, dir := range []string{others, own} {
		s := New(dir, "")
		must(s.Put("records", "k", []byte("x")))
		must(s.Put("records", "secret", []byte("x")))
		must(os.Chmod(s.path("records", "secret"), 0))
		old := time.Now().Add(-48 * time.Hour)
		must(os.Chtimes(s.path("records", "k"), old, old))
	}
	if os.Getuid() == 0 {
		must(os.Chmod(filepath.Join(own, "records"), 0o777))
	} else {
		must(os.Chmod(filepath.Join(others, "records"), 0o555))
		must(os.Chmod(others, 0o555))
		t.Cleanup(func() { _ = os.Chmod(others, 0o755); _ = os.Chmod(filepath.Join(others, "records"), 0o755) })
	}
	must(start(t, "nobody", others, own).Wait())
}

// TestDigestOfPartial: content that is not what it should be is never an entry.
func TestDigestOfPartial(t *testing.T) {
	s := With(Options{Dir: t.TempDir(), Now: time.Now})
	p, err := s.Partial("wheels", "w")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"wrong", "right"} {
		if _, err := p.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		c, err := p.Commit(sha256.Sum256([]byte("right")))
		if text == "wrong" {
			if !errors.Is(err, ErrDiffers) || p.Size() != 0 {
				t.Errorf("%v, %d bytes stay", err, p.Size())
			}
			if _, err := s.Open("wheels", "w"); !errors.Is(err, ErrMiss) {
				t.Error(err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.Close(), p.Close()); err != nil {
			t.Error(err)
		}
	}
}
