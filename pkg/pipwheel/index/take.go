package index

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
)

// take writes a body to the store, never more than there should be. What of it is there already is
// compared.
func (t *transfer) take(ctx context.Context, body io.Reader, got span) error {
	limit, at := got.end, got.first
	if limit == 0 {
		limit = maxWheel
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := body.Read(buf)
		t.moved += int64(n)
		if at+int64(n) > limit {
			return mismatch(t.file.at(), "size", "more than that", strconv.FormatInt(limit, 10))
		}
		if n > 0 {
			same := min(int64(n), t.to.Size()-at)
			if err := t.compare(buf[:same], at); err != nil {
				return err
			}
			if err := t.add(buf[same:n]); err != nil {
				return err
			}
			at += int64(n)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == io.EOF {
			if at < got.end {
				err = io.ErrUnexpectedEOF
			} else {
				return nil
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w after %d bytes: %w", t.file.at(), errBody, at, bare(err))
		}
	}
}

// compare refuses bytes that came otherwise before and have been read.
func (t *transfer) compare(b []byte, at int64) error {
	if len(b) == 0 {
		return nil
	}
	before := make([]byte, len(b))
	if n, err := t.to.ReadAt(before, at); n < len(b) {
		return fmt.Errorf("reading %s in the cache: %w", t.file.Filename, err)
	}
	if !bytes.Equal(b, before) {
		return mismatch(t.file.at(), "content", "other bytes when it was asked for again", "those that came before")
	}
	return nil
}

// add writes what comes next. Of what an earlier run left nothing is shown to readers before it
// is verified.
func (t *transfer) add(b []byte) error {
	if len(b) > 0 {
		if _, err := t.to.Write(b); err != nil {
			return err
		}
	}
	n := int64(0)
	if t.sums != nil {
		_, _ = t.sums.Write(b) // never fails
		n = t.to.Size()
	}
	t.readers.grow(t.to, n, t.moved)
	if t.progress != nil && len(b) > 0 {
		t.progress(t.to.Size())
	}
	return nil
}
