package source

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A stamp is the same for a file that is as it was, and another after any change, even one that
// keeps size and modification time.
func TestStamp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a-1-py3-none-any.whl")
	when := time.Unix(1_700_000_000, 0)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	stamp := func() string {
		t.Helper()
		found, err := Wheels([]string{path})
		if err != nil {
			t.Fatal(err)
		}
		s, changed := found[0].Stamp()
		if changed.Before(when) {
			t.Errorf("changed at %v", changed)
		}
		return s
	}
	write("one")
	first := stamp()
	if first == "" || stamp() != first {
		t.Errorf("stamps %q and %q", first, stamp())
	}
	time.Sleep(20 * time.Millisecond) // the clock of a file system ticks every few milliseconds
	write("two")
	if stamp() == first {
		t.Errorf("the changed file has the stamp %q too", first)
	}
}
