// Package store keeps what layerpack has learnt on disk: profiles of bases and records of layers.
//
// Everything in it can be lost without harm. A file is written to a temporary name, synced and
// renamed, and carries the SHA-256 of its content, which every read checks: a damaged file is
// a miss, and the next write mends it. Any number of processes may share a store.
package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrMiss says that the store has no entry of that key, or none that is whole.
var ErrMiss = errors.New("not in the store")

// Store is a folder of entries. One with an empty folder has nothing and keeps nothing.
type Store struct {
	dir  string
	temp string
}

// New returns the store in dir, which is made when something is first put into it. An empty
// dir gives a store that keeps nothing. temp is where blobs are spooled while they are built;
// an empty one means inside dir.
func New(dir, temp string) *Store { return &Store{dir: dir, temp: temp} }

const header = "layerpack-store 1 sha256:"

// Get returns the entry of a key in a collection ("records"). Any reason not to have it is [ErrMiss].
func (s *Store) Get(collection, key string) ([]byte, error) {
	if s.dir == "" {
		return nil, ErrMiss
	}
	b, err := os.ReadFile(s.path(collection, key))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMiss, err)
	}
	head, content, ok := bytes.Cut(b, []byte("\n"))
	if !ok || string(head) != header+sum(content) {
		return nil, fmt.Errorf("%w: %s is damaged", ErrMiss, s.path(collection, key))
	}
	return content, nil
}

// Put keeps an entry. When it returns an error, no entry or the one before is there.
func (s *Store) Put(collection, key string, content []byte) error {
	if s.dir == "" {
		return nil
	}
	target := s.path(collection, key)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("keeping %s: %w", collection, err)
	}
	f, err := os.CreateTemp(filepath.Dir(target), ".new-*")
	if err != nil {
		return fmt.Errorf("keeping %s: %w", collection, err)
	}
	_, err = f.Write(append([]byte(header+sum(content)+"\n"), content...))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("keeping %s: %w", collection, err), os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), target); err != nil {
		return errors.Join(fmt.Errorf("keeping %s: %w", collection, err), os.Remove(f.Name()))
	}
	return nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// path names an entry's file. Keys are digests and names of this program; anything else in
// them is replaced, so that no key leaves the folder.
func (s *Store) path(collection, key string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return '_'
	}, key)
	return filepath.Join(s.dir, collection, safe)
}

// Spool is a file without a name: it is gone when it is closed or the process ends, however
// the process ends.
type Spool struct{ *os.File }

// Spool makes an empty one, in the store's folder where that can be written, else in the
// folder for temporary files.
func (s *Store) Spool() (*Spool, error) {
	var tried []error
	for _, dir := range []string{s.spoolDir(), s.temp} {
		if dir == "" {
			continue
		}
		f, err := unnamed(dir)
		if err == nil {
			return &Spool{f}, nil
		}
		tried = append(tried, err)
	}
	return nil, fmt.Errorf("making a temporary file for a layer: %w; set --cache-dir or TMPDIR to a folder that can be written", errors.Join(tried...))
}

func (s *Store) spoolDir() string {
	if s.dir == "" {
		return ""
	}
	return filepath.Join(s.dir, "spool")
}

func unnamed(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "layer-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
