package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	newPrefix  = ".new-"  // names of entries that are being written
	partPrefix = ".part-" // names of content that later runs can go on with
)

// PutFrom keeps an entry whose content is r, to its end, which may be larger than memory. When
// it returns an error, no entry or the one before is there. A store that keeps nothing does not read r.
func (s *Store) PutFrom(collection, key string, r io.Reader) error {
	if s.dir == "" {
		return nil
	}
	if err := s.put(collection, key, r); err != nil {
		return fmt.Errorf("keeping %s in the cache: %w", collection, err)
	}
	return nil
}

func (s *Store) put(collection, key string, r io.Reader) error {
	path := s.path(collection, key)
	f, err := s.createTemp(filepath.Dir(path))
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.WriteString(f, header(collection, key, unfinished)+"\n")
	if err == nil {
		_, err = io.Copy(f, io.TeeReader(r, h))
	}
	if err == nil {
		err = s.finish(f, path, header(collection, key, hex.EncodeToString(h.Sum(nil))))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, ignoreGone(os.Remove(f.Name())))
	}
	return nil
}

// createTemp makes a locked file in a folder of the store, and the folder.
func (s *Store) createTemp(dir string) (f *os.File, err error) {
	for range 3 { // the folder can be removed between the two steps
		if err = s.makeDir(dir); err != nil {
			return nil, err
		}
		if f, err = os.CreateTemp(dir, newPrefix+"*"); err == nil {
			tryLock(f)
			return f, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return nil, err
}

// finish makes the file an entry: with its header, and then under its name.
func (s *Store) finish(f *os.File, path, head string) error {
	if _, err := f.WriteAt([]byte(head), 0); err != nil {
		return err
	}
	// Entries are no secret, and users that share the folder share them. They are not synced: what a machine
	// loses with its power is a miss for its digest, and waiting for the disk took longer than building.
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := replace(f.Name(), path); err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil {
		s.written.Add(onDisk(info.Size()))
	}
	return nil
}

// replace renames a file over an entry, and over an empty folder that lies where the entry should
// be. One with something in it is not the store's, and stays.
func replace(from, to string) error {
	err := os.Rename(from, to)
	if err == nil {
		return nil
	}
	if info, e := os.Lstat(to); e != nil || !info.IsDir() {
		return err
	}
	if !empty(to) {
		return fmt.Errorf("%s is a folder with files that are not the cache's: move it away, or set --cache-dir to another folder", to)
	}
	if err := removeFolder(to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// removeFolder removes a folder that has nothing in it, and nothing else.
func removeFolder(path string) error {
	if err := syscall.Rmdir(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "rmdir", Path: path, Err: err}
	}
	return nil
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// block is what a file system gives space in, nearly everywhere.
const block = 4096

// onDisk is what a file of a size takes on disk, in bytes.
func onDisk(size int64) int64 { return (max(size, 1) + block - 1) / block * block }
