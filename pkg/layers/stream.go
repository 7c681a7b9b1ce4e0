package layers

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/layerpack/layerpack/pkg/layers/digest"
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
	ahead   chan *batch // in order, being prepared
	batch   *batch      // whose streams are being joined
}

// damaged says that a compressed entry is not what its archive says of it. A cut file and a
// failing disk look alike here; either way the bytes are not there.
func damaged(e *Entry, err error) error {
	return &refusal.Error{Input: origin(e), Cause: "the compressed bytes are not what was announced", Fix: changed, Err: err}
}

func wrongSum(e *Entry, got []byte) error {
	return refusal.New(origin(e), fmt.Sprintf("the bytes have SHA-256 %x, expected %x", got, *e.SHA256), changed)
}

// join adds the compressed entry whose turn it is.
func (l *layer) join(ctx context.Context, e *Entry) error {
	b, err := l.next(ctx, e)
	if err != nil {
		return err
	}
	if b.large != nil {
		err = l.joinLarge(ctx, b)
	} else {
		err = l.joinOne(&b.streams[b.joined])
		b.joined++
	}
	if err == nil && b.done() {
		l.batch = nil
		l.give(b)
	}
	return err
}

func (l *layer) joinOne(s *stream) error {
	if s.err != nil {
		return s.err
	}
	if err := l.add(s.entry, s); err != nil {
		return err
	}
	if err := l.format.join(s); err != nil {
		return fmt.Errorf("writing /%s into a layer: %w", s.entry.Path, err)
	}
	return nil
}

func (l *layer) joinLarge(ctx context.Context, b *batch) error {
	e := b.large
	var sum digest.Digest
	inflated, err := b.each(ctx, func(p []byte) error {
		l.countBoth(e, &sum, p)
		if err := ctx.Err(); err != nil {
			return err
		}
		return l.format.part(p)
	})
	if err == nil {
		err = l.format.joinLarge(inflated, &b.buffers)
	}
	var unwritten *outputError
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
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
