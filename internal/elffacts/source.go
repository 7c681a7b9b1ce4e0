package elffacts

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

const (
	maxHead   = 4 << 20  // bytes kept from the beginning of a file
	maxWindow = 64 << 10 // bytes asked for at once
	maxOpens  = 6
	magic     = "\x7fELF"
)

// source reads a stream at any offset: the beginning from memory, the rest by going forward, and
// by opening the stream again when something lies before.
type source struct {
	open  func() (io.ReadCloser, error)
	size  uint64
	head  []byte
	opens int
	r     io.ReadCloser
	buf   *bufio.Reader
	pos   uint64 // of buf's next byte
}

// errBroken is an ELF file that cannot be understood.
type errBroken string

func (e errBroken) Error() string { return string(e) }

func (s *source) start() error {
	if err := s.close(); err != nil {
		return err
	}
	if s.opens++; s.opens > maxOpens {
		return errBroken(fmt.Sprintf("its parts lie in an order that takes more than %d readings", maxOpens))
	}
	r, err := s.open()
	if err != nil {
		return err
	}
	s.r, s.pos = r, 0
	if s.buf == nil {
		s.buf = bufio.NewReaderSize(r, maxWindow)
	} else {
		s.buf.Reset(r)
	}
	return nil
}

func (s *source) close() error {
	if s.r == nil {
		return nil
	}
	r := s.r
	s.r = nil
	return r.Close()
}

// magic reports whether the stream begins as ELF files do, and then keeps its beginning.
func (s *source) magic() (bool, error) {
	if s.size < uint64(len(magic)) {
		return false, nil
	}
	if err := s.start(); err != nil {
		return false, err
	}
	first, err := s.buf.Peek(len(magic))
	if err != nil {
		return false, s.short(err)
	}
	if string(first) != magic {
		return false, nil
	}
	s.head = make([]byte, min(s.size, maxHead))
	n, err := io.ReadFull(s.buf, s.head)
	if s.pos = uint64(n); err != nil {
		return false, s.short(err)
	}
	return true, nil
}

// at is n bytes at offset off, or as many as the file has. They are valid until the next call.
func (s *source) at(off uint64, n int) ([]byte, error) {
	if off >= s.size || n <= 0 {
		return nil, nil
	}
	n = int(min(uint64(n), maxWindow, s.size-off))
	if have := uint64(len(s.head)); off < have && uint64(n) <= have-off {
		return s.head[off : off+uint64(n)], nil
	}
	if s.r == nil || off < s.pos {
		if err := s.start(); err != nil {
			return nil, err
		}
	}
	for s.pos < off {
		step, err := s.buf.Discard(int(min(off-s.pos, 1<<30)))
		if s.pos += uint64(step); err != nil {
			return nil, s.short(err)
		}
	}
	b, err := s.buf.Peek(n)
	if err != nil {
		return nil, s.short(err)
	}
	return b, nil
}

// short is the error of a read: a stream that ends early is not what was announced.
func (s *source) short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the stream ended before its %d bytes: %w", s.size, io.ErrUnexpectedEOF)
	}
	return err
}
