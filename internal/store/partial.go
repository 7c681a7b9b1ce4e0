package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrDiffers says that content has another digest than it should.
var ErrDiffers = errors.New("the content is not what it should be")

// Partial is content on its way into the store. Closed before it is committed, or when its
// process is killed, it stays for a later run to go on with.
type Partial struct {
	store           *Store
	file            *os.File // nil once it is committed or closed
	begun           *os.File // the same, for those who read along
	collection, key string
	path            string // where the entry goes; empty where it is not kept
	head, size      int64
}

// Partial begins content of a key, or goes on with what an earlier run left of it: Size tells
// how much that is. Where the store cannot be written, or another process is at the same content,
// it is a temporary file, which is not kept but can be used all the same.
func (s *Store) Partial(collection, key string) (*Partial, error) {
	p := &Partial{store: s, collection: collection, key: key, head: headLen(collection, key)}
	if s.dir != "" {
		p.path = s.path(collection, key)
		p.file = s.openPart(filepath.Join(filepath.Dir(p.path), partPrefix+filepath.Base(p.path)))
	}
	if p.file == nil {
		spool, err := s.Spool()
		if err != nil {
			return nil, err
		}
		p.file, p.path = spool.File, ""
	}
	p.begun = p.file
	if err := p.begin(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// openPart opens and locks the file of partial content; nil where it cannot.
func (s *Store) openPart(path string) *os.File {
	if err := s.makeDir(filepath.Dir(path)); err != nil {
		return nil
	}
	for range 3 { // a process that prunes can remove the file before it is locked
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil
		}
		locked := tryLock(f)
		opened, err := f.Stat()
		named, nameErr := os.Lstat(path)
		if locked && err == nil && nameErr == nil && named.Mode().IsRegular() && os.SameFile(opened, named) {
			return f
		}
		_ = f.Close() // nothing was written
		if !locked {
			return nil
		}
	}
	return nil
}

// begin finds out how much is there. A file that does not begin as it should is begun anew.
func (p *Partial) begin() error {
	want := []byte(header(p.collection, p.key, unfinished) + "\n")
	have := make([]byte, len(want))
	info, err := p.file.Stat()
	if err == nil {
		_, err = p.file.ReadAt(have, 0)
	}
	if err == nil && bytes.Equal(have, want) {
		p.size = info.Size() - p.head
		return nil
	}
	return p.Reset()
}

// Size is how much content is there, in bytes.
func (p *Partial) Size() int64 { return p.size }

// Write adds to the end of the content.
func (p *Partial) Write(b []byte) (int, error) {
	n, err := p.file.WriteAt(b, p.head+p.size)
	p.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("writing %s to the cache: %w", p.collection, err)
	}
	return n, nil
}

// ReadAt reads content that has been written, whether or not it is what it should be. Unlike the
// other methods it may be called from other goroutines, while any of the others is, and goes on
// after Commit until the Content is closed. It reads io.EOF or [os.ErrClosed] of what Reset or
// Close took away.
func (p *Partial) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("reading before the content's start, at %d", off)
	}
	return p.begun.ReadAt(b, p.head+off)
}

// Reset throws the content away, for a source that cannot go on in the middle.
func (p *Partial) Reset() error {
	p.size = 0
	err := p.file.Truncate(0)
	if err == nil {
		_, err = p.file.WriteAt([]byte(header(p.collection, p.key, unfinished)+"\n"), 0)
	}
	if err != nil {
		return fmt.Errorf("writing %s to the cache: %w", p.collection, err)
	}
	return nil
}

// Commit makes the content the entry of its key and returns it for reading. Content with
// another SHA-256 is thrown away: the error is [ErrDiffers], and Write begins anew.
func (p *Partial) Commit(want [sha256.Size]byte) (*Content, error) {
	content, digest, err := hashContent(p.file, p.collection, p.key)
	if err != nil {
		return nil, fmt.Errorf("reading %s in the cache: %w", p.collection, err)
	}
	if digest != hex.EncodeToString(want[:]) {
		err := fmt.Errorf("%w: it has sha256 %s, wanted is %x", ErrDiffers, digest, want)
		return nil, errors.Join(err, p.Reset())
	}
	if p.path != "" {
		if err := p.store.finish(p.file, p.path, header(p.collection, p.key, digest)); err != nil {
			return nil, fmt.Errorf("keeping %s in the cache: %w", p.collection, err)
		}
	}
	file := p.file
	p.file = nil
	return &Content{io.NewSectionReader(file, p.head, content.Size()), file}, nil
}

// Close leaves the content for a later run, unless it has been committed.
func (p *Partial) Close() error {
	if p.file == nil {
		return nil
	}
	f := p.file
	p.file = nil
	return f.Close()
}
