package strictzip

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
)

// source is the compressed bytes of one entry; it remembers a failure to read them, so that it is
// not taken for bad data.
type source struct {
	raw *io.SectionReader
	err error
}

// Read follows io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.raw.Read(p)
	if errors.Is(err, io.EOF) && s.left() > 0 {
		err = io.ErrUnexpectedEOF // the archive became shorter
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// left is the number of bytes not yet read.
func (s *source) left() int64 {
	at, _ := s.raw.Seek(0, io.SeekCurrent) // never fails
	return s.raw.Size() - at
}

// inflater is a DEFLATE reader that knows what it has consumed: flate takes byte by byte from an
// io.ByteReader, none too many.
type inflater struct {
	buf   *bufio.Reader
	src   *source
	flate io.ReadCloser
}

// newInflater takes an inflater of the archive's, or makes one, for src.
func (a *Archive) newInflater(src *source) *inflater {
	in, ok := a.inflaters.Get().(*inflater)
	if !ok {
		in = &inflater{buf: bufio.NewReaderSize(src, 32<<10)}
		in.flate = flate.NewReader(in.buf)
	} else {
		in.buf.Reset(src)
		_ = in.flate.(flate.Resetter).Reset(in.buf, nil) // never fails
	}
	in.src = src
	return in
}

// left is the number of compressed bytes not consumed.
func (in *inflater) left() int64 { return in.src.left() + int64(in.buf.Buffered()) }
