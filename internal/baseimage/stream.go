package baseimage

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// stream is a layer's uncompressed tar. It inflates ahead in a goroutine of its own, while the
// reader hashes and parses.
type stream struct {
	src    *source
	inner  io.Reader
	finish func()
	full   chan chunk
	free   chan []byte
	stop   chan struct{}
	done   chan struct{}

	budget *budget
	hash   hash.Hash
	rest   []byte
	buf    []byte
	err    error
}

type chunk struct {
	b   []byte
	err error
}

const (
	chunkSize = 256 << 10 // bytes
	chunks    = 4
)

// openStream opens l and finds out how it is compressed from its first bytes, as runtimes do; its media type is not asked.
func openStream(ctx context.Context, l Layer, b *budget) (*stream, error) {
	rc, err := l.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	s := &stream{
		src: &source{ctx: ctx, rc: rc}, finish: func() {}, budget: b, hash: sha256.New(),
		full: make(chan chunk, chunks), free: make(chan []byte, chunks), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if err := s.decompress(bufio.NewReaderSize(s.src, 128<<10)); err != nil {
		return nil, errors.Join(explain(err), rc.Close())
	}
	for range chunks {
		s.free <- make([]byte, chunkSize)
	}
	go s.inflate()
	return s, nil
}

func (s *stream) decompress(r *bufio.Reader) error {
	magic, err := r.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}): // RFC 1952
		s.inner, err = gzip.NewReader(r)
		return err
	case bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}), len(magic) >= 4 && magic[0]>>4 == 5 && bytes.Equal(magic[1:4], []byte{0x2a, 0x4d, 0x18}): // RFC 8878, frames and skippable frames
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return err
		}
		s.inner, s.finish = d, d.Close
	case bytes.HasPrefix(magic, []byte("BZh")), bytes.HasPrefix(magic, []byte("\xfd7zXZ")):
		return refusal.New("", "the layer is compressed with bzip2 or xz", "rebuild the base with gzip or zstd layers")
	default:
		s.inner = r
	}
	return nil
}

func (s *stream) inflate() {
	defer close(s.done)
	for {
		var b []byte
		select {
		case b = <-s.free:
		case <-s.stop:
			return
		}
		n, err := fill(s.inner, b)
		select {
		case s.full <- chunk{b[:n], err}:
		case <-s.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// fill reads until b is full or the stream ends. Unlike with io.ReadFull the error is the stream's
// own, so that an end and a cut stay different.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		if s.buf != nil {
			s.free <- s.buf[:chunkSize]
			s.buf = nil
		}
		c := <-s.full
		s.rest, s.buf, s.err = c.b, c.b, c.err
		s.hash.Write(c.b)
		if err := s.budget.stream(len(c.b)); err != nil {
			s.rest, s.err = nil, err
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// explain makes of what went wrong while reading either the source's own error, or a refusal if
// the bytes are at fault.
func explain(err error) error {
	var src *sourceError
	switch {
	case errors.As(err, &src):
		return fmt.Errorf("reading: %w", src.error)
	case refusal.Is(err):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("reading: the layer is cut short: %w", err)
	}
	return &refusal.Error{Cause: "the layer cannot be read", Err: err}
}

func (s *stream) Close() error {
	close(s.stop)
	err := s.src.rc.Close() // first: a read that waits for the network ends
	<-s.done
	s.finish()
	return err
}

// source is the layer as it comes; it marks its own errors, so that decoders' can be told apart.
type source struct {
	ctx context.Context
	rc  io.ReadCloser
}

type sourceError struct{ error }

func (e *sourceError) Unwrap() error { return e.error }

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, &sourceError{err}
	}
	n, err := s.rc.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &sourceError{err}
	}
	return n, err
}
