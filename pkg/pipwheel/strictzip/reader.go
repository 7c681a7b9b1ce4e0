package strictzip

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Reader returns the bytes of e.
//
// io.EOF comes only after exactly e.Size bytes with e.CRC32 whose compressed form ended at its
// last byte; anything else is an [*Error] in its place. The check is made as soon as e.Size bytes
// were read, and Close returns its failure too, for callers that read no further. Never more than
// e.Size bytes are returned.
func (a *Archive) Reader(e Entry) (io.ReadCloser, error) {
	if a.late != nil {
		var err error
		if e, err = a.locate(e); err != nil {
			return nil, err
		}
	}
	if e.Offset < 0 || e.CompressedSize < 0 || e.Size < 0 || e.CompressedSize > a.dirStart || e.Offset > a.dirStart-e.CompressedSize {
		return nil, fmt.Errorf("entry %q is not of this archive", e.Name)
	}
	src := &source{raw: io.NewSectionReader(a.src, e.Offset, e.CompressedSize)}
	r := &reader{a: a, e: e, src: src}
	switch e.Method {
	case Stored:
		r.from = src
	case Deflate:
		r.in = a.newInflater(src)
		r.from = r.in.flate
	case Zstd:
		z, err := newZstd(src, e, a.window)
		if err != nil {
			return nil, err
		}
		r.from, r.z = z, z.IOReadCloser()
	default:
		return nil, refuse(Method, e.Name, "compression method %d", e.Method)
	}
	if e.Size == 0 {
		r.finish()
	}
	return r, nil
}

// locate finds an entry by its local header, which it checks.
func (a *Archive) locate(e Entry) (Entry, error) {
	i, ok := a.index[e.Name]
	if !ok {
		return e, fmt.Errorf("entry %q is not of this archive", e.Name)
	}
	h := a.late[i] // a copy, and of the entry too: several goroutines may be at it
	h.Entry = &e
	e = a.files[i]
	if err := h.check(&window{src: a.src, end: a.dirStart}, farRead); err != nil {
		return e, err
	}
	return e, nil
}

type reader struct {
	a    *Archive
	e    Entry
	src  *source
	from io.Reader
	in   *inflater // of DEFLATE
	z    io.Closer // of zstd
	done int64     // bytes returned
	crc  uint32
	err  error // what every further Read returns
}

// Read follows io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	p = p[:min(int64(len(p)), r.e.Size-r.done)]
	n, err := r.from.Read(p)
	r.crc = crc32.Update(r.crc, crc32.IEEETable, p[:n])
	r.done += int64(n)
	switch {
	case r.done == r.e.Size && (err == nil || errors.Is(err, io.EOF)):
		r.finish()
	case errors.Is(err, io.EOF):
		r.err = refuse(Size, r.e.Name, "%d bytes, %d declared", r.done, r.e.Size)
	case err != nil:
		r.err = r.explain(err)
	}
	if n > 0 || r.err == nil {
		return n, nil
	}
	return 0, r.err
}

// finish checks that nothing follows the declared size, and sets what the next Read returns.
func (r *reader) finish() {
	var one [1]byte
	var n int
	var err error
	for range 100 { // an io.Reader may return nothing without an error, but not for ever
		if n, err = r.from.Read(one[:]); n > 0 || err != nil {
			break
		}
	}
	switch {
	case n > 0:
		r.err = refuse(Size, r.e.Name, "more than the %d bytes declared", r.e.Size)
	case err == nil:
		r.err = io.ErrNoProgress
	case !errors.Is(err, io.EOF):
		r.err = r.explain(err)
	case r.crc != r.e.CRC32:
		r.err = refuse(Checksum, r.e.Name, "CRC-32 %08x, %08x declared", r.crc, r.e.CRC32)
	case r.in != nil && r.in.left() > 0:
		r.err = refuse(Data, r.e.Name, "%d bytes after the end of the compressed data", r.in.left())
	default:
		r.err = io.EOF
	}
}

// explain tells bad data from a failure to read.
func (r *reader) explain(err error) error {
	if r.src.err != nil {
		return fmt.Errorf("read entry %.200q: %w", r.e.Name, r.src.err)
	}
	return refuse(Data, r.e.Name, "bad compressed data: %v", err)
}

// Close gives the inflater back; it fails if the bytes were all read and found wrong.
func (r *reader) Close() error {
	if r.in != nil {
		r.a.inflaters.Put(r.in)
		r.in = nil
	}
	if r.z != nil {
		_ = r.z.Close()
		r.z = nil
	}
	r.from = nil
	err := r.err
	r.err = errClosed
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, errClosed) {
		return nil
	}
	return err
}

var errClosed = errors.New("read of a closed zip entry")
