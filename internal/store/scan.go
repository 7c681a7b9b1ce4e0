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
	"syscall"
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

// scan lists the store. Files that the store did not write are not listed, whatever their names,
// nor is what cannot be read: whoever names a folder of their own as the cache loses nothing.
func (s *Store) scan(ctx context.Context) ([]item, error) {
	folders, err := readDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("reading the cache: %w", err)
	}
	var items []item
	for _, d := range folders {
		if isTemp(d.Name(), tallyName+"-") {
			if it, ok := s.look("", d); ok {
				items = append(items, it)
			}
			continue
		}
		if !d.IsDir() || !isPlain(d.Name()) && !isHashed(d.Name()) {
			continue
		}
		files, err := readDir(filepath.Join(s.dir, d.Name()))
		if errors.Is(err, fs.ErrPermission) {
			continue // somebody else's
		}
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

// look tells what a file is; not ok where it is not the store's, or gone. A name alone makes no
// file the store's, but for empty ones, which a process makes before it writes to them.
func (s *Store) look(collection string, f fs.DirEntry) (item, bool) {
	it := item{collection: collection, path: filepath.Join(s.dir, collection, f.Name())}
	name, begun := f.Name(), false
	switch {
	case collection == "" && isTemp(name, tallyName+"-"),
		collection == spoolDir && isTemp(name, spoolPrefix),
		collection != "" && isTemp(name, newPrefix):
		it.kind, begun = scratch, true
	case strings.HasPrefix(name, partPrefix) && isEntry(name[len(partPrefix):]):
		it.kind, begun = part, true
	case isHashed(name) && f.IsDir():
		it.kind = wreck
	case !isEntry(name):
		return it, false
	}
	info, err := f.Info()
	if err != nil {
		return it, false
	}
	it.size, it.used = onDisk(info.Size()), info.ModTime()
	switch {
	case it.kind == wreck:
		return it, info.IsDir() && empty(it.path)
	case !info.Mode().IsRegular():
		return it, false
	}
	head, err := readHead(it.path)
	return it, err == nil && (string(head) == magic || begun && len(head) == 0)
}

// readHead reads what tells the store's files from others': as many bytes as magic has, where
// the file has so many.
func readHead(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// readDir is os.ReadDir where a folder that is not there is empty.
func readDir(dir string) ([]fs.DirEntry, error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return list, err
}
