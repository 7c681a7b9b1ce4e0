package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// kind is what a file of the store is.
type kind byte

const (
	entry   kind = iota
	part         // content that is not complete
	scratch      // a file that is being written, or was when its process was killed
	wreck        // what lies where an entry should be and is none
)

// item is a file of the store.
type item struct {
	kind       kind
	collection string
	path       string
	size       int64 // on disk, in bytes
	used       time.Time
}

// scan lists the store. Files that the store would not write are not listed: whoever names a
// folder of their own as the cache loses nothing.
func (s *Store) scan(ctx context.Context) ([]item, error) {
	folders, err := readDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("reading the cache: %w", err)
	}
	var items []item
	for _, d := range folders {
		if strings.HasPrefix(d.Name(), tallyName+"-") {
			if it, ok := s.look("", d); ok {
				items = append(items, it)
			}
			continue
		}
		if !d.IsDir() || !isPlain(d.Name()) && !isHashed(d.Name()) {
			continue
		}
		files, err := readDir(filepath.Join(s.dir, d.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the cache: %w", err)
		}
		for _, f := range files {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if it, ok := s.look(d.Name(), f); ok {
				items = append(items, it)
			}
		}
	}
	return items, nil
}

// look tells what a file is; not ok where it is not the store's, or gone.
func (s *Store) look(collection string, f fs.DirEntry) (item, bool) {
	it := item{collection: collection, path: filepath.Join(s.dir, collection, f.Name())}
	info, err := f.Info()
	if err != nil {
		return it, false
	}
	it.size, it.used = onDisk(info.Size()), info.ModTime()
	file := info.Mode().IsRegular()
	switch name := f.Name(); {
	case collection == "": // beside the collections
		it.kind = scratch
		return it, file
	case collection == spoolDir:
		it.kind = scratch
		return it, file && strings.HasPrefix(name, spoolPrefix)
	case strings.HasPrefix(name, newPrefix):
		it.kind = scratch
		return it, file
	case strings.HasPrefix(name, partPrefix):
		it.kind = part
		return it, file && (isHashed(name[len(partPrefix):]) || hasMagic(it.path))
	case isHashed(name) && file:
		return it, true
	case isHashed(name):
		it.kind = wreck
		return it, true
	case isPlain(name):
		return it, file && hasMagic(it.path) // anybody's file may have that name
	}
	return it, false
}

// hasMagic reports whether a file begins as ours do.
func hasMagic(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // it was only read
	head := make([]byte, len(magic))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == magic
}

// readDir is os.ReadDir where a folder that is not there is empty.
func readDir(dir string) ([]fs.DirEntry, error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return list, err
}
