// Package store keeps what layerpack has learnt on disk: profiles of bases, records of layers,
// and whatever else can be had again at a price.
//
// Everything in it can be lost without harm. A file is written to a temporary name and
// renamed, and carries its own key and the SHA-256 of its content, which every read checks: a
// damaged file is a miss, and the next write mends it. Any number of processes may share a
// store, and any of them may be killed at any time. What has not been used for longest goes
// first where the store outgrows its limit ([Store.Tidy]); what the store did not write is never
// counted or removed to make room, whatever its name. A folder that the store makes, or finds
// empty, is marked as a cache (CACHEDIR.TAG).
//
// Most callers want [Store.Get] and [Store.Put]; what is too large for memory goes through
// [Store.Partial] and [Store.Open].
package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrMiss says that the store has no entry of that key, or none that is whole.
var ErrMiss = errors.New("not in the store")

// DefaultLimit is what a store may hold in bytes: the wheels of some dozen images, and what is known of
// thousands.
const DefaultLimit = 10 << 30

// Store is a folder of entries. One with an empty folder has nothing and keeps nothing.
type Store struct {
	dir, temp string
	now       func() time.Time
	limit     int64
	written   atomic.Int64 // bytes on disk, since the last Tidy
}

// Options say where a store is and how large it may grow.
type Options struct {
	// Dir is the store's folder, which is made when something is first put into it. Where it is
	// empty, nothing is kept.
	Dir string
	// Temp is the folder for temporary files, which takes content while it is made where Dir cannot.
	Temp string
	// Now is the clock. Without one, use is not noted and nothing is old.
	Now func() time.Time
	// Limit is the most that the store may hold, in bytes on disk; 0 is [DefaultLimit].
	Limit int64
}

// With returns the store that the options describe.
func With(o Options) *Store {
	s := &Store{dir: o.Dir, temp: o.Temp, now: o.Now, limit: o.Limit}
	if s.limit == 0 {
		s.limit = DefaultLimit
	}
	return s
}

// New returns the store in dir without a clock, with temp for temporary files.
func New(dir, temp string) *Store { return With(Options{Dir: dir, Temp: temp}) }

// maxInMemory is the most that Get reads, in bytes; larger content is for Open.
const maxInMemory = 512 << 20

// Get returns the entry of a key in a collection ("records"). Any reason not to have it is
// [ErrMiss]; an entry that is not whole is removed.
func (s *Store) Get(collection, key string) ([]byte, error) {
	if s.dir == "" {
		return nil, ErrMiss
	}
	path := s.path(collection, key)
	f, info, err := openEntry(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	if info.Size() > maxInMemory {
		return nil, fmt.Errorf("%w: %s is too large to be read at once", ErrMiss, path)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("%w: reading %s: %w", ErrMiss, path, err)
	}
	head, content, ok := bytes.Cut(b, []byte("\n"))
	if !ok || string(head) != header(collection, key, sum(content)) {
		return nil, damaged(path, info)
	}
	s.use(path, info)
	return content, nil
}

// Put keeps an entry. When it returns an error, no entry or the one before is there.
func (s *Store) Put(collection, key string, content []byte) error {
	return s.PutFrom(collection, key, bytes.NewReader(content))
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

func (s *Store) path(collection, key string) string {
	return filepath.Join(s.dir, fileName(collection), fileName(key))
}

// openEntry opens the file of an entry. What is no file is damage, and is never waited for.
func openEntry(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMiss, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMiss, errors.Join(err, f.Close()))
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errors.Join(damaged(path, info), f.Close())
	}
	return f, info, nil
}

// damaged is the miss of an entry that is not whole, which is removed unless another process has
// put a new one in its place. A folder stays until the next write.
func damaged(path string, seen fs.FileInfo) error {
	if now, err := os.Lstat(path); err == nil && os.SameFile(now, seen) && !now.IsDir() {
		_ = os.Remove(path) // where it cannot be removed, it is a miss every time
	}
	return fmt.Errorf("%w: %s is damaged or another entry's", ErrMiss, path)
}

// noted is how long a use is not noted again, so that reading stays reading.
const noted = 24 * time.Hour

// use stamps an entry with the time of its use, once a day.
func (s *Store) use(path string, info fs.FileInfo) {
	if s.now == nil {
		return
	}
	now := s.now()
	if age := now.Sub(info.ModTime()); age < noted && age > -noted {
		return
	}
	_ = os.Chtimes(path, now, now) // a store that others own, or that cannot be written, notes nothing
}
