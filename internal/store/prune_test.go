package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

var noon = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// at returns a store in dir whose clock stands still.
func at(dir string, now time.Time, limit int64) *Store {
	return With(Options{Dir: dir, Now: func() time.Time { return now }, Limit: limit})
}

// put keeps an entry that was last used some time before noon.
func put(t *testing.T, s *Store, key string, size int, unused time.Duration) {
	t.Helper()
	must(t, s.Put("records", key, make([]byte, size)))
	stamp(t, s.path("records", key), unused)
}

func stamp(t *testing.T, path string, unused time.Duration) {
	t.Helper()
	used := noon.Add(-unused)
	must(t, os.Chtimes(path, used, used))
}

func kept(t *testing.T, s *Store) string {
	t.Helper()
	var out []string
	for _, f := range names(t, s.dir) {
		if !strings.HasPrefix(filepath.Base(f), tallyName) {
			out = append(out, filepath.Base(f))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestPrune: each entry takes a block of 4 KiB, but for big, which takes 25.
func TestPrune(t *testing.T) {
	for _, c := range []struct {
		name string
		how  PruneOptions
		want string
		went int
	}{
		{"all fit", PruneOptions{MaxSize: 29 * block}, "big future new old older", 0},
		{"oldest first, those with impossible stamps before", PruneOptions{MaxSize: 28 * block}, "big new old older", 1},
		{"next oldest", PruneOptions{MaxSize: 27 * block}, "big new old", 2},
		{"what is too large goes first", PruneOptions{MaxSize: 25 * block}, "future new old older", 1},
		{"in whole blocks", PruneOptions{MaxSize: 2*block - 1}, "new", 4},
		{"all", PruneOptions{}, "", 5},
		{"by age", PruneOptions{MaxSize: 100 * block, OlderThan: 15 * day}, "big future new", 2},
		{"by age and size", PruneOptions{MaxSize: 2 * block, OlderThan: 25 * day}, "new old", 3},
		{"only said", PruneOptions{DryRun: true}, "big future new old older", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := at(t.TempDir(), noon, 0)
			put(t, s, "new", 1, time.Hour)
			put(t, s, "big", 99_000, 10*day)
			put(t, s, "old", 1, 20*day)
			put(t, s, "older", 1, 30*day)
			put(t, s, "future", 1, -400*day)
			p, err := s.Prune(t.Context(), c.how)
			must(t, err)
			if got := kept(t, s); got != c.want || p.Entries != c.went || p.Left.Entries != 5-c.went {
				t.Errorf("kept %q, want %q; %+v", got, c.want, p)
			}
			if p.Bytes+p.Left.Bytes != 29*block {
				t.Errorf("%d bytes went and %d are left of %d", p.Bytes, p.Left.Bytes, 29*block)
			}
			if u, err := s.Usage(t.Context()); err != nil || !c.how.DryRun && u.Total != p.Left {
				t.Errorf("%+v, %v", u, err)
			}
		})
	}
}

// TestUseIsNoted: a read moves an entry to the front, at most once a day; without a clock it does not.
func TestUseIsNoted(t *testing.T) {
	dir := t.TempDir()
	s := at(dir, noon, 0)
	for _, c := range []struct {
		unused time.Duration
		clock  bool
		want   time.Duration
	}{{day / 2, true, day / 2}, {2 * day, true, 0}, {2 * day, false, 2 * day}, {-400 * day, true, 0}} {
		put(t, s, "k", 1, c.unused)
		reader := s
		if !c.clock {
			reader = New(dir, "")
		}
		for name, read := range readers {
			stamp(t, s.path("records", "k"), c.unused)
			_, err := read(reader, "k")
			must(t, err)
			info, err := os.Stat(s.path("records", "k"))
			must(t, err)
			if got := noon.Sub(info.ModTime()); got != c.want {
				t.Errorf("%s, unused for %v: now for %v, want %v", name, c.unused, got, c.want)
			}
		}
	}
}

// TestPruneLeavesOthersAlone: whoever names a folder of their own as the cache loses nothing.
func TestPruneLeavesOthersAlone(t *testing.T) {
	dir := t.TempDir()
	s := at(dir, noon, 0)
	put(t, s, "k", 1, 0)
	must(t, s.Put("records", "sha256:1", nil))
	theirs := []string{
		"notes.txt", "src/main", "src/main.go", "records/readme", "records/_x.y", "records/README.md", "spool/music", "src/.part-x",
		"Mail/.new-1", "records/deep/k", ".git/config",
	}
	for _, f := range theirs {
		path := filepath.Join(dir, f)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte("precious"), 0o644))
		stamp(t, path, 1000*day)
	}
	p, err := s.Prune(t.Context(), PruneOptions{})
	if err != nil || p.Entries != 2 || p.Unfinished.Entries != 0 || p.Left.Entries != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, f := range theirs {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Error(err)
		}
	}
}

// TestPruneSweeps: what stopped runs left goes when it is old, and wrecks at once.
func TestPruneSweeps(t *testing.T) {
	s := at(t.TempDir(), noon, 0)
	put(t, s, "k", 1, 0)
	hash := fileName("sha256:1")
	part := header("wheels", "x", unfinished) + "\nabc"
	for name, unused := range map[string]time.Duration{
		"records/.new-1": 2 * scratchAge, "records/.new-2": scratchAge / 2, "spool/layerpack-1": 2 * scratchAge, "spool/layerpack-2": 0,
		".layerpack-tally-1": 2 * scratchAge, "wheels/.part-old": 2 * partAge, "wheels/.part-new": partAge / 2,
	} {
		path := filepath.Join(s.dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(part), 0o600))
		stamp(t, path, unused)
	}
	must(t, os.Mkdir(filepath.Join(s.dir, "records", hash), 0o755))
	p, err := s.Prune(t.Context(), PruneOptions{MaxSize: DefaultLimit})
	if err != nil || p.Unfinished.Entries != 5 || p.Entries != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	if got, want := kept(t, s), ".new-2 .part-new k layerpack-2"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	u, err := s.Usage(t.Context())
	if err != nil || u.Unfinished.Entries != 3 || u.Entries != 1 {
		t.Errorf("%+v, %v", u, err)
	}
}

// TestPruneInUse: what is open stays readable, and what was used since it was listed stays.
func TestPruneInUse(t *testing.T) {
	s := at(t.TempDir(), noon, 0)
	put(t, s, "open", 100_000, day)
	c, err := s.Open("records", "open")
	must(t, err)
	put(t, s, "used", 1, 3*day)
	items, err := s.scan(t.Context())
	must(t, err)
	_, err = s.Get("records", "used")
	must(t, err)
	p, err := s.prune(t.Context(), items, PruneOptions{})
	if err != nil || p.Entries != 1 || p.Left.Entries != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	b := make([]byte, 100_000)
	if n, err := c.ReadAt(b, 0); err != nil || n != len(b) {
		t.Errorf("%d bytes, %v", n, err)
	}
	must(t, c.Close())
	if _, err := s.Get("records", "used"); err != nil {
		t.Error(err)
	}
}

func TestUsage(t *testing.T) {
	s := at(filepath.Join(t.TempDir(), "none"), noon, 77)
	u, err := s.Usage(t.Context())
	if err != nil || u.Dir != s.dir || u.Limit != 77 || u.Entries != 0 || len(u.Collections) != 0 {
		t.Errorf("no folder: %+v, %v", u, err)
	}
	put(t, s, "a", 1, day)
	put(t, s, "b", 5000, 3*day)
	must(t, s.Put("facts", "sha256:a", nil))
	u, err = s.Usage(t.Context())
	must(t, err)
	if got, want := fmt.Sprint(len(u.Collections), u.Collections[0].Name, u.Collections[1].Total, noon.Sub(u.Collections[1].Oldest), u.Total),
		fmt.Sprint(2, "facts", Total{2, 3 * block}, 3*day, Total{3, 4 * block}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, s := range []*Store{New("", ""), New(blocked(t), "")} {
		u, err := s.Usage(t.Context())
		p, err2 := s.Prune(t.Context(), PruneOptions{})
		if s.dir == "" && (err != nil || u.Entries != 0 || err2 != nil || p.Entries != 0) {
			t.Errorf("%+v, %v, %+v, %v", u, err, p, err2)
		}
		if s.dir != "" && (err == nil || err2 == nil || errors.Is(err, os.ErrNotExist)) {
			t.Errorf("below a file: %v, %v", err, err2)
		}
	}
}
