// Package store keeps what layerpack has learnt on disk: profiles of bases and records of layers.
//
// Everything in it can be lost without harm. A file is written to a temporary name, synced and
// renamed, and carries its own key and the SHA-256 of its content, which every read checks: a
// damaged file is a miss, and the next write mends it. Any number of processes may share a store.
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
// dir gives a store that keeps nothing. temp is the folder for temporary files, which takes
// blobs while they are built where dir cannot.
func New(dir, temp string) *Store { return &Store{dir: dir, temp: temp} }

// Get returns the entry of a key in a collection ("records"). Any reason not to have it is [ErrMiss].
func (s *Store) Get(collection, key string) ([]byte, error) {
	if s.dir == "" {
		return nil, ErrMiss
	}
	path := s.path(collection, key)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMiss, err)
	}
	head, content, ok := bytes.Cut(b, []byte("\n"))
	if !ok || string(head) != header(collection, key, content) {
		return nil, fmt.Errorf("%w: %s is damaged or another entry's", ErrMiss, path)
	}
	return content, nil
}

// Put keeps an entry. When it returns an error, no entry or the one before is there.
func (s *Store) Put(collection, key string, content []byte) error {
	if s.dir == "" {
		return nil
	}
	if err := s.put(s.path(collection, key), header(collection, key, content), content); err != nil {
		return fmt.Errorf("keeping %s in the cache: %w", collection, err)
	}
	return nil
}

func (s *Store) put(path, head string, content []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(append([]byte(head+"\n"), content...))
	// Entries are no secret, and users that share the folder share them.
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// header is an entry's first line. It names the key, so that a file under a wrong name is no
// answer, and the content's digest.
func header(collection, key string, content []byte) string {
	return fmt.Sprintf("layerpack-store 2 sha256:%s %q", sum(content), collection+"/"+key)
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func (s *Store) path(collection, key string) string {
	return filepath.Join(s.dir, fileName(collection), fileName(key))
}

// fileName makes a name of a key that every file system holds, tells from others whatever
// their case, and keeps in its folder. Keys that are no such name get a hash behind them.
func fileName(key string) string {
	const most = 100 // bytes of the key to show
	safe := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return '_'
	}, key)
	if safe == key && key != "" && len(key) <= most {
		return key
	}
	return "_" + safe[:min(len(safe), most)] + "." + sum([]byte(key))[:16]
}

// Delete forgets an entry, if it is there.
func (s *Store) Delete(collection, key string) error {
	if s.dir == "" {
		return nil
	}
	if err := os.Remove(s.path(collection, key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting %s: %w", collection, err)
	}
	return nil
}
