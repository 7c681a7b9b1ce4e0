package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Content is an entry that is read from disk. It stays readable until it is closed, also when
// the entry is removed or replaced meanwhile.
type Content struct {
	*io.SectionReader
	file *os.File
}

// Close ends the reading.
func (c *Content) Close() error { return c.file.Close() }

// Open returns the entry of a key for reading at any place, without holding it in memory. It has
// been read to its end and its digest compared before Open returns. Any reason not to have it is
// [ErrMiss]; an entry that is not whole is removed.
func (s *Store) Open(collection, key string) (*Content, error) {
	if s.dir == "" {
		return nil, ErrMiss
	}
	path := s.path(collection, key)
	f, info, err := openEntry(path)
	if err != nil {
		return nil, err
	}
	content, digest, err := hashContent(f, collection, key)
	if err != nil {
		return nil, fmt.Errorf("%w: reading %s: %w", ErrMiss, path, errors.Join(err, f.Close()))
	}
	head := make([]byte, info.Size()-content.Size())
	if _, err := f.ReadAt(head, 0); err != nil || !bytes.Equal(head, []byte(header(collection, key, digest)+"\n")) {
		err := damaged(path, info)
		return nil, errors.Join(err, f.Close())
	}
	s.use(path, info)
	return &Content{content, f}, nil
}

// hashContent reads what lies behind the header, and returns it with its SHA-256 in hex.
func hashContent(f *os.File, collection, key string) (*io.SectionReader, string, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	head := min(headLen(collection, key), info.Size())
	content := io.NewSectionReader(f, head, info.Size()-head)
	h := sha256.New()
	if n, err := io.Copy(h, content); err != nil || n != content.Size() {
		return nil, "", errors.Join(err, fmt.Errorf("%d bytes of %d were read", n, content.Size()))
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	return content, hex.EncodeToString(h.Sum(nil)), nil
}

// headLen is the length of an entry's header with its newline, in bytes.
func headLen(collection, key string) int64 {
	return int64(len(header(collection, key, unfinished)) + 1)
}
