package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Opened is a file of the host that is read at any place, and its size in bytes.
type Opened struct {
	*os.File
	size int64
}

// Size is how large the file was when it was opened.
func (o *Opened) Size() int64 { return o.size }

// Open opens a file that the user named for reading at any place.
func Open(path string) (*Opened, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, hostError(path, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("it is no regular file")}
	}
	if err != nil {
		return nil, errors.Join(hostError(path, err), f.Close())
	}
	return &Opened{File: f, size: info.Size()}, nil
}

// Listed is a regular file directly in a folder.
type Listed struct {
	Name, Path string
	Size       int64 // in bytes
}

// List returns the regular files in a folder, by name; links are followed. [fs.ErrNotExist] is in
// the chain where the folder is not there.
func List(dir string) ([]Listed, error) {
	items, err := os.ReadDir(dir)
	if err != nil {
		return nil, hostError(dir, err)
	}
	var out []Listed
	for _, it := range items {
		path := filepath.Join(dir, it.Name())
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a link that leads nowhere, or gone meanwhile
		}
		if err != nil {
			return nil, hostError(path, err)
		}
		if info.Mode().IsRegular() {
			out = append(out, Listed{Name: it.Name(), Path: path, Size: info.Size()})
		}
	}
	return out, nil
}

// Exists reports whether a path of the host leads to something.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
