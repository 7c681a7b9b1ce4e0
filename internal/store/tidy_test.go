package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestTidyKeepsTheLimit: runs that write more and more stay within the limit, and what was used
// last is there.
func TestTidyKeepsTheLimit(t *testing.T) {
	dir := t.TempDir()
	const limit = 40 * block
	counts := 0
	for i := range 100 {
		s := at(dir, noon.Add(time.Duration(i)*time.Minute), limit)
		key := strconv.Itoa(i)
		must(t, s.Put("records", key, nil))
		used := s.now()
		must(t, os.Chtimes(s.path("records", key), used, used))
		before, _ := os.ReadFile(filepath.Join(dir, tallyName))
		must(t, s.Tidy(t.Context()))
		after, err := os.ReadFile(filepath.Join(dir, tallyName))
		must(t, err)
		if len(after) < len(before) || i == 0 {
			counts++
		}
		u, err := s.Usage(t.Context())
		if err != nil || u.Bytes > limit {
			t.Fatalf("run %d: %d bytes, %v", i, u.Bytes, err)
		}
		if _, err := s.Get("records", key); err != nil {
			t.Fatalf("run %d: what was just written is gone: %v", i, err)
		}
	}
	// Each count makes room for a tenth: four entries.
	if counts > 100/4 {
		t.Errorf("the store was counted %d times in 100 runs", counts)
	}
}

// TestTidyIsCheap: nothing is listed where nothing was written, or where the tally says that there is room.
func TestTidyIsCheap(t *testing.T) {
	dir := t.TempDir()
	scratch := filepath.Join(dir, "records", newPrefix+"1")
	leave := func() {
		must(t, os.MkdirAll(filepath.Dir(scratch), 0o755))
		must(t, os.WriteFile(scratch, nil, 0o600))
		stamp(t, scratch, 30*day)
	}
	write := func(s *Store) { must(t, s.Put("records", "k", nil)) }
	tally := func(s string) func(*Store) {
		s = tallyHead + "\n" + s
		return func(st *Store) {
			write(st)
			must(t, os.WriteFile(filepath.Join(dir, tallyName), []byte(s), 0o644))
		}
	}
	line := func(when time.Time, n int64) string { return fmt.Sprintf("%d %d\n", when.Unix(), n) }
	for _, c := range []struct {
		name  string
		do    func(*Store)
		swept bool
	}{
		{"nothing written, nothing known", func(*Store) {}, false},
		{"first write", write, true},
		{"second", write, false},
		{"nothing written", func(*Store) {}, false},
		{"counted yesterday", tally(line(noon.Add(-25*time.Hour), 0)), true},
		{"counted today", tally(line(noon.Add(-time.Hour), 0) + line(noon, 5*block)), false},
		{"counted in the future", tally(line(noon.Add(25*time.Hour), 0)), true},
		{"over the limit", tally(line(noon, 0) + line(noon, 9*block) + line(noon, block)), true},
		{"empty", tally(""), false}, // the run's own line is the first
		{"damaged", tally("x\n"), true},
		{"negative", tally(line(noon, 0) + line(noon, -1000*block)), true},
		{"too large", tally(line(noon, 1<<62) + line(noon, 1<<62)), true},
		{"a folder", func(s *Store) {
			write(s)
			must(t, os.Remove(filepath.Join(dir, tallyName)))
			must(t, os.Mkdir(filepath.Join(dir, tallyName), 0o755))
		}, true},
	} {
		leave()
		s := at(dir, noon, 10*block)
		c.do(s)
		if err := s.Tidy(t.Context()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := os.Stat(scratch); (err != nil) != c.swept {
			t.Errorf("%s: swept is %v, want %v", c.name, err != nil, c.swept)
		}
	}
	// Without a clock, or without a folder, nothing is done.
	leave()
	for _, s := range []*Store{New(dir, ""), at("", noon, 0)} {
		write(s)
		must(t, s.Tidy(t.Context()))
	}
	if _, err := os.Stat(scratch); err != nil {
		t.Error(err)
	}
}
