package layers

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/layerpack/layerpack/pkg/layers/digest"
	"github.com/layerpack/layerpack/pkg/layers/splice"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// layer is one layer that is being written.
type layer struct {
	builder *Builder
	format  format
	whole   bool          // compressed entries need no matches: they are copied, or only their contents count
	copied  int64         // streams of at least as many compressed bytes are copied
	digests bool          // the format asks for the digest of each file
	sum     digest.Digest // of the tar, for the DiffID
	size    int64         // of the tar, in bytes
	tap     Tap
	streams chan *stream // compressed entries, in order, being prepared
}

// stream is a compressed entry on its way: buffers are its own until it has been joined.
type stream struct {
	buffers *splice.Buffers
	piece   splice.Piece
	sum     [digest.Size]byte // of the contents, if somebody asks
	err     error
	ready   chan struct{}
}

// spliced reports whether the bytes of e lie compressed, to be copied as they are.
func spliced(e *Entry) bool { return e.Kind == File && e.Deflate != nil && e.Size > 0 }

// feed prepares compressed entries ahead of their turn, as long as there are buffers. Buffers are
// taken in the order of entries, so that the entry whose turn it is always has its own.
func (l *layer) feed(ctx context.Context, entries []Entry) {
	defer close(l.streams)
	for i := range entries {
		e := &entries[i]
		if !spliced(e) {
			continue
		}
		if ctx.Err() != nil {
			return
		}
		s := &stream{ready: make(chan struct{})}
		select {
		case s.buffers = <-l.builder.buffers:
		case <-ctx.Done():
			return
		}
		if e.Size > splice.MaxPrepare {
			close(s.ready) // inflated when its turn comes, piece by piece
		} else {
			go func() {
				defer close(s.ready)
				s.err = l.prepare(e, s)
			}()
		}
		l.streams <- s
	}
}

// prepare inflates an entry and checks its length and CRC-32. Its SHA-256 costs next to nothing together with the
// tar's, see add, as a file's contents begin where a block of the tar's sum does; where they are not to be had together, it is
// computed here, beside other work.
func (l *layer) prepare(e *Entry, s *stream) (err error) {
	d, prepare := e.Deflate, s.buffers.Prepare
	if l.whole || d.Len >= l.copied {
		prepare = s.buffers.PrepareCopy
	}
	s.piece, err = prepare(d.Src, d.Offset, d.Len, e.Size, d.CRC32)
	if err != nil {
		return damaged(e, err)
	}
	if l.summed(e) && !digest.Paired() {
		s.sum = sha256.Sum256(s.piece.Decoded)
	}
	if l.tap != nil {
		l.tap(e, s.piece.Decoded)
	}
	return nil
}

// damaged says that a compressed entry is not what its archive says of it. A cut file and a
// failing disk look alike here; either way the bytes are not there.
func damaged(e *Entry, err error) error {
	return &refusal.Error{Input: origin(e), Cause: "the compressed bytes are not what was announced", Fix: changed, Err: err}
}

func wrongSum(e *Entry, got []byte) error {
	return refusal.New(origin(e), fmt.Sprintf("the bytes have SHA-256 %x, expected %x", got, *e.SHA256), changed)
}

// next waits for the stream of the entry whose turn it is, or prepares it where nothing is prepared ahead.
func (l *layer) next(ctx context.Context, e *Entry) (*stream, error) {
	if l.builder.ahead {
		s, ok := <-l.streams
		if !ok {
			return nil, ctx.Err()
		}
		<-s.ready
		return s, nil
	}
	s := &stream{}
	select {
	case s.buffers = <-l.builder.buffers:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e.Size <= splice.MaxPrepare {
		s.err = l.prepare(e, s)
	}
	return s, nil
}

// join adds the entry whose turn it is.
func (l *layer) join(ctx context.Context, e *Entry) error {
	s, err := l.next(ctx, e)
	if err != nil {
		return err
	}
	defer func() { l.builder.buffers <- s.buffers }()
	if s.err != nil {
		return s.err
	}
	if e.Size > splice.MaxPrepare {
		return l.joinLarge(ctx, e, s.buffers)
	}
	if err := l.add(e, s); err != nil {
		return err
	}
	if err := l.format.join(s); err != nil {
		return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
	}
	return nil
}

func (l *layer) joinLarge(ctx context.Context, e *Entry, b *splice.Buffers) error {
	var sum digest.Digest
	err := l.format.large(e.Deflate, e.Size, b, func(p []byte) error {
		l.countBoth(e, &sum, p)
		return ctx.Err()
	})
	var unwritten *outputError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &unwritten):
		return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
	case err != nil:
		return damaged(e, err)
	case e.SHA256 != nil && [32]byte(sum.Sum(nil)) != *e.SHA256:
		return wrongSum(e, sum.Sum(nil))
	}
	return nil
}

// summed reports whether somebody asks for the SHA-256 of e.
func (l *layer) summed(e *Entry) bool { return e.SHA256 != nil || l.digests }

// add counts the contents of a prepared entry and checks its SHA-256.
func (l *layer) add(e *Entry, s *stream) error {
	if l.summed(e) && digest.Paired() {
		s.sum = l.sum.Add(s.piece.Decoded)
		l.size += int64(len(s.piece.Decoded))
	} else {
		l.count(s.piece.Decoded)
	}
	if e.SHA256 != nil && s.sum != *e.SHA256 {
		return wrongSum(e, s.sum[:])
	}
	return nil
}

// countBoth counts p, which is part of e, and adds it to the file's sum if somebody asks for that.
func (l *layer) countBoth(e *Entry, sum *digest.Digest, p []byte) {
	if e.SHA256 == nil {
		l.count(p)
		return
	}
	l.size += int64(len(p))
	digest.WriteBoth(&l.sum, sum, p)
}

func (l *layer) count(p []byte) {
	l.sum.Write(p)
	l.size += int64(len(p))
}

// Write adds contents or padding that are to be encoded.
func (l *layer) Write(p []byte) (int, error) {
	l.count(p)
	if err := l.format.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// endTar adds the two blocks that end a tar.
func (l *layer) endTar() error {
	_, err := l.Write(make([]byte, 2*blockSize))
	return err
}

// write writes the tar.
func (l *layer) write(ctx context.Context, entries []Entry) error {
	buf := make([]byte, copyBuffer)
	var header []byte
	zeros := make([]byte, blockSize)
	for i := range entries {
		e := &entries[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		header = appendHeader(header[:0], e)
		l.count(header)
		if err := l.format.header(e, header); err != nil {
			return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
		}
		if e.Kind != File {
			continue
		}
		var err error
		if spliced(e) {
			err = l.join(ctx, e)
		} else {
			err = l.copyFile(ctx, e, buf)
		}
		if err != nil {
			return err
		}
		if _, err := l.Write(zeros[:padding(e.Size)]); err != nil {
			return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
		}
	}
	if err := l.format.end(l); err != nil {
		return fmt.Errorf("ending a layer: %w", err)
	}
	return nil
}

// copyFile adds the bytes of e, in blocks of one length whatever the reads gave: the
// encoder may see the difference. It reads on after the last byte until it sees the end, and with
// it what the reader verifies there.
func (l *layer) copyFile(ctx context.Context, e *Entry, buf []byte) (err error) {
	r, err := e.Open()
	if err != nil {
		return fmt.Errorf("reading %s: %w", origin(e), err)
	}
	defer func() {
		if cerr := r.Close(); cerr != nil {
			err = errors.Join(err, fmt.Errorf("reading %s: %w", origin(e), cerr))
		}
	}()
	var sum digest.Digest
	left := e.Size
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, rerr := fill(r, buf)
		if int64(n) > left {
			return refusal.New(origin(e), fmt.Sprintf("more than the announced %d bytes came", e.Size), changed)
		}
		left -= int64(n)
		l.countBoth(e, &sum, buf[:n])
		if err := l.format.write(buf[:n]); err != nil {
			return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
		}
		if errors.Is(rerr, io.EOF) {
			break
		}
		if rerr != nil {
			return fmt.Errorf("reading %s: %w", origin(e), rerr)
		}
	}
	if left != 0 {
		return refusal.New(origin(e), fmt.Sprintf("%d bytes were announced, %d came", e.Size, e.Size-left), changed)
	}
	if got := sum.Sum(nil); e.SHA256 != nil && [32]byte(got) != *e.SHA256 {
		return wrongSum(e, got)
	}
	return nil
}

// fill reads until p is full. Unlike [io.ReadFull] it gives the reader's own error: a reader of
// something that was cut says io.ErrUnexpectedEOF, and that is no end.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}
