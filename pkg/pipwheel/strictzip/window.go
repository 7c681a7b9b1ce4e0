package strictzip

import (
	"errors"
	"fmt"
	"io"
)

// window reads small pieces at rising offsets with few reads of the source.
type window struct {
	src io.ReaderAt
	end int64  // no piece reaches beyond
	off int64  // of buf in src
	buf []byte // what was read last
}

// at returns n bytes at off, valid until the next call; ok is false when they reach beyond the
// end. A read of the source fetches at least ahead bytes, so that neighbours come with it.
func (w *window) at(off int64, n, ahead int) (p []byte, ok bool, err error) {
	if off < 0 || off > w.end || int64(n) > w.end-off {
		return nil, false, nil
	}
	if off < w.off || off+int64(n) > w.off+int64(len(w.buf)) {
		want := int(min(int64(max(n, ahead)), w.end-off))
		if cap(w.buf) < want {
			w.buf = make([]byte, want)
		}
		w.off, w.buf = off, w.buf[:want]
		if err := readAt(w.src, w.buf, off); err != nil {
			w.buf = w.buf[:0]
			return nil, false, err
		}
	}
	i := off - w.off
	return w.buf[i : i+int64(n)], true, nil
}

// readAt fills p; an early end of the source is a failure, its size was given.
func readAt(src io.ReaderAt, p []byte, off int64) error {
	n, err := src.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read %d bytes at offset %d of a zip archive: %w", len(p), off, err)
}
