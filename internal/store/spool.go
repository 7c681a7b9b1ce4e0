package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	spoolDir    = "spool"
	spoolPrefix = "layerpack-" // of names that a file has for a moment
)

// Spool is a file without a name: it is gone when it is closed or the process ends, however
// the process ends.
type Spool struct{ *os.File }

// Spool makes an empty one, in the store's folder where that can be written, else in the
// folder for temporary files.
func (s *Store) Spool() (*Spool, error) {
	var tried error
	if s.dir != "" {
		dir := filepath.Join(s.dir, spoolDir)
		f, err := unnamed(dir, s.makeDir(dir))
		if err == nil {
			return &Spool{f}, nil
		}
		tried = err
	}
	if s.temp != "" {
		f, err := unnamed(s.temp, nil)
		if err == nil {
			return &Spool{f}, nil
		}
		tried = errors.Join(tried, err)
	}
	if tried == nil {
		tried = errors.New("no folder to make it in")
	}
	return nil, fmt.Errorf("making a temporary file for a layer: %w; set --cache-dir or TMPDIR to a folder that can be written", tried)
}

// unnamed makes a file in a folder and takes its name away. err is what making the folder said.
func unnamed(dir string, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, spoolPrefix+"*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
