//go:build e2e

package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// checkout is how a copy of the project comes to be; the zero value is a plain one.
type checkout struct {
	parent  string // folder it is put in; "" is a new one
	reverse bool   // files are made in reverse order
	private bool   // nobody but the owner may read
	mtime   time.Time
}

// project copies the test's project to PARENT/demo, adds files that its .dockerignore keeps out,
// and copies the folder of modules to PARENT/modules. It answers the project's folder.
func (c checkout) project(t *testing.T) string {
	t.Helper()
	if c.parent == "" {
		c.parent = t.TempDir()
	}
	dir := filepath.Join(c.parent, "demo")
	c.copyTree(t, "modules", filepath.Join(c.parent, "modules"))
	c.copyTree(t, "project", dir)
	for _, ignored := range []string{".env", "look.ipynb", "data/extract.csv", "Dockerfile", ".git/HEAD", "sales/__pycache__/forecast.cpython-311.pyc"} {
		c.write(t, filepath.Join(dir, ignored), []byte("must stay out\n"))
	}
	// Docker's rules are not git's: *.ipynb is about the project's own folder alone.
	c.write(t, filepath.Join(dir, "sales/look.ipynb"), []byte("{}\n"))
	return dir
}

func (c checkout) copyTree(t *testing.T, from, to string) {
	t.Helper()
	var names []string
	err := walk(from, func(name string, e fs.DirEntry) {
		if !e.IsDir() {
			names = append(names, name)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.reverse {
		slices.Reverse(names)
	}
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		c.write(t, filepath.Join(to, name), raw)
	}
}

func (c checkout) write(t *testing.T, file string, raw []byte) {
	t.Helper()
	dirMode, mode := os.FileMode(0o755), os.FileMode(0o644)
	if c.private {
		dirMode, mode = 0o700, 0o600
	}
	if err := os.MkdirAll(filepath.Dir(file), dirMode); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw, mode); err != nil {
		t.Fatal(err)
	}
	if !c.mtime.IsZero() {
		for _, path := range []string{file, filepath.Dir(file)} {
			if err := os.Chtimes(path, c.mtime, c.mtime); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// walk visits all below a folder, by their names relative to it.
func walk(dir string, visit func(name string, e fs.DirEntry)) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		visit(name, e)
		return err
	})
}

// file makes a file with some content and answers its path.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	checkout{}.write(t, path, []byte(content))
	return path
}
