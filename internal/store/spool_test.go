package store

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func use(t *testing.T, s *Store) {
	t.Helper()
	spool, err := s.Spool()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(spool, "layer"); err != nil {
		t.Error(err)
	}
	got, err := io.ReadAll(io.NewSectionReader(spool, 0, 5))
	if err != nil || string(got) != "layer" {
		t.Errorf("%q, %v", got, err)
	}
	if err := spool.Close(); err != nil {
		t.Error(err)
	}
}

// names lists what has a name below a folder, folders and the marker left out.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != markerName {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSpool(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	for what, s := range map[string]*Store{
		"in the store":                     New(dir, temp),
		"without a store":                  New("", temp),
		"beside one that cannot be used":   New(blocked(t), temp),
		"in the store, no temporary place": New(dir, ""),
	} {
		spool, err := s.Spool()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if left := append(names(t, dir), names(t, temp)...); left != nil {
			t.Errorf("%s: it has a name while it is open: %v", what, left)
		}
		if err := spool.Close(); err != nil {
			t.Error(err)
		}
		use(t, s)
	}
	if _, err := os.Stat(filepath.Join(dir, "spool")); err != nil {
		t.Error("the store's own folder was not used")
	}
}

func TestSpoolNowhere(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for what, c := range map[string]struct {
		store *Store
		want  string
	}{
		"no folders":                {New("", ""), "no folder to make it in; set --cache-dir"},
		"temporary folder is gone":  {New("", missing), "no such file or directory; set --cache-dir"},
		"neither of the two serves": {New(blocked(t), missing), "not a directory\nopen " + missing},
	} {
		_, err := c.store.Spool()
		if err == nil || !strings.HasPrefix(err.Error(), "making a temporary file for a layer: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the user's temporary folder was made")
	}
}
