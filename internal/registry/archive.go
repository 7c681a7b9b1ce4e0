package registry

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Archive is an image archive as a source: a tar of an OCI layout, or what docker save writes. It is
// open until Close; blobs that are being read must be closed before.
type Archive interface {
	Source
	io.Closer
}

// Spool is a file without a name: it is gone when it is closed.
type Spool interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// ArchiveOptions say how an archive is read. Spool is required.
type ArchiveOptions struct {
	// Stdin is what the file "-" means. Nil refuses it.
	Stdin io.Reader
	// Spool makes an empty one. It takes what can be read once only, and layers as they are encoded.
	Spool func() (Spool, error)
	// Known returns the record of an uncompressed layer that was encoded before, by its
	// [layers.StreamKey], or nil. Such a layer is encoded again only when its bytes are asked for.
	Known func(layers.Key) *layers.Record
	// Keep is given the record of each layer that was encoded.
	Keep func(*layers.Record)
	// Forget is given the key of a record that was not true.
	Forget func(layers.Key)
	// Encoding is told of each layer before it is encoded: its tar's size in bytes.
	Encoding func(size int64)
}

const stdin = "-"

// archive is a tar with random access to its members.
type archive struct {
	name    string // TYPE:FILE, for messages
	from    io.ReaderAt
	members map[string]member
	close   func() error
}

// openArchive opens a file or spools what can be read once only, and indexes it.
func openArchive(ctx context.Context, kind, path string, o *ArchiveOptions) (*archive, error) {
	a := &archive{name: kind + ":" + path}
	size, err := a.open(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if a.members, err = indexTar(ctx, a.name, io.NewSectionReader(a.from, 0, size)); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// open returns the size of the tar.
func (a *archive) open(ctx context.Context, path string, o *ArchiveOptions) (int64, error) {
	if path == stdin {
		if o.Stdin == nil {
			return 0, refusal.New(a.name, "there is no standard input", "name a file")
		}
		return a.spool(ctx, o.Stdin, o)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, refusal.New(a.name, "there is no such file", "")
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", a.name, err)
	}
	info, err := f.Stat()
	if err != nil {
		return 0, errors.Join(fmt.Errorf("%s: %w", a.name, err), f.Close())
	}
	if info.IsDir() {
		return 0, errors.Join(refusal.New(a.name, "it is a folder", "name the archive's file; oci:DIR reads a folder that is an OCI layout"), f.Close())
	}
	if info.Mode().IsRegular() {
		head := make([]byte, magicSize)
		n, err := f.ReadAt(head, 0)
		if err != nil && err != io.EOF {
			return 0, errors.Join(fmt.Errorf("%s: %w", a.name, err), f.Close())
		}
		if compressionOf(head[:n]) == plain {
			a.from, a.close = f, f.Close
			return info.Size(), nil
		}
	}
	size, err := a.spool(ctx, f, o)
	if closed := f.Close(); err == nil && closed != nil {
		return 0, errors.Join(fmt.Errorf("%s: %w", a.name, closed), a.close())
	}
	return size, err
}

// spool copies what r gives, decompressed, to a temporary file.
func (a *archive) spool(ctx context.Context, r io.Reader, o *ArchiveOptions) (int64, error) {
	s, err := o.Spool()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", a.name, err)
	}
	type copied struct {
		n   int64
		err error
	}
	// A read of a terminal or a pipe cannot be broken off: it is left behind, and what it gives
	// cannot be written any more.
	done := make(chan copied, 1)
	go func() {
		n, err := a.copy(s, r)
		done <- copied{n, err}
	}()
	var c copied
	select {
	case <-ctx.Done():
		c.err = ctx.Err()
	case c = <-done:
	}
	if c.err != nil {
		return 0, errors.Join(c.err, s.Close())
	}
	a.from, a.close = s, s.Close
	return c.n, nil
}

func (a *archive) copy(w io.Writer, r io.Reader) (int64, error) {
	in := &counted{r: r}
	buffered := bufio.NewReaderSize(in, 64<<10)
	head, err := buffered.Peek(magicSize)
	switch {
	case err == io.EOF && len(head) == 0:
		return 0, refusal.New(a.name, "it is empty", "look whether the command that writes it has failed")
	case err != nil && err != io.EOF:
		return 0, fmt.Errorf("reading %s: %w", a.name, err)
	}
	from := io.Reader(buffered)
	switch how := compressionOf(head); how {
	case plain:
	case byGzip:
		if from, err = gunzip(buffered, in); err != nil {
			return 0, a.damaged(err)
		}
	default:
		return 0, refusal.New(a.name, "it is compressed by "+string(how), "decompress it first; a tar and one compressed by gzip can be read")
	}
	n, err := io.Copy(w, from)
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, a.damaged(err)
	}
	if errors.Is(err, errInflates) {
		return n, &refusal.Error{
			Input: a.name, Cause: "it is no archive of an image", Err: err,
			Fix: "if it is one, decompress it first: a tar is read where it lies",
		}
	}
	if err != nil {
		return n, fmt.Errorf("reading %s: %w", a.name, err)
	}
	return n, nil
}

func (a *archive) damaged(err error) error {
	return &refusal.Error{Input: a.name, Cause: "it is damaged or cut", Err: err, Fix: "write it again"}
}

// Close implements [Archive].
func (a *archive) Close() error { return a.close() }

// compression is how a stream is compressed, told by its first bytes.
type compression string

const (
	plain     compression = ""
	byGzip    compression = "gzip"
	byZstd    compression = "zstd"
	magicSize             = 6
)

func compressionOf(head []byte) compression {
	for magic, c := range map[string]compression{
		"\x1f\x8b": byGzip, "\x28\xb5\x2f\xfd": byZstd, "BZh": "bzip2", "\xfd7zXZ\x00": "xz",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return c
		}
	}
	return plain
}
