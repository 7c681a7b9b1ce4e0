package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A file of that name and first line tells backups and archivers that a folder can be had again:
// the Cache Directory Tagging Specification.
const (
	markerName = "CACHEDIR.TAG"
	marker     = "Signature: 8a477f597d28d172789f06886806bc55\n" +
		"# This folder is a cache of layerpack, which removes its own files from it as they age.\n" +
		"# For what the first line says, see https://bford.info/cachedir/\n"
)

// makeDir makes a folder of the store, and marks the store's own where there was none or nothing
// in it. A folder that had something else in it is somebody's, and not all of it a cache.
func (s *Store) makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if empty(s.dir) {
		if err := os.MkdirAll(s.dir, 0o755); err != nil {
			return err
		}
		s.mark()
	}
	return os.MkdirAll(dir, 0o755)
}

// mark writes the marker. A store without one works as well.
func (s *Store) mark() {
	f, err := os.OpenFile(filepath.Join(s.dir, markerName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return
	}
	_, err = f.WriteString(marker)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name()) // half a marker says nothing
	}
}

// empty reports whether a folder has nothing in it, or is not there.
func empty(dir string) bool {
	f, err := os.Open(dir)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close() //nolint:errcheck // it was only read
	_, err = f.Readdirnames(1)
	return errors.Is(err, io.EOF)
}
