package registry

import (
	"fmt"
	"io"
	"sync"
)

// source gives the bytes of an upload, as often as it takes.
type source struct {
	open     func() (io.ReadCloser, error)
	size     int64
	progress func(int64)

	reading sync.WaitGroup // readers that are not closed
	mu      sync.Mutex
	err     error
}

// sourceError is a failure of what is uploaded, not of the upload.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return fmt.Sprintf("reading what is to be uploaded: %v", e.err) }

func (e *sourceError) Unwrap() error { return e.err }

// from gives n bytes from offset on.
func (s *source) from(offset, n int64) (io.ReadCloser, error) {
	r, err := s.open()
	if err != nil {
		return nil, s.fail(err)
	}
	if err := skip(r, offset); err != nil {
		r.Close()
		return nil, s.fail(err)
	}
	s.reading.Add(1)
	return &piece{s: s, r: r, left: n, last: offset+n == s.size}, nil
}

func skip(r io.Reader, n int64) error {
	if n == 0 {
		return nil
	}
	if seeker, ok := r.(io.Seeker); ok {
		_, err := seeker.Seek(n, io.SeekStart)
		return err
	}
	_, err := io.CopyN(io.Discard, r, n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (s *source) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = &sourceError{err: err}
	return s.err
}

// failure waits for all readers to be closed and returns what went wrong in them.
func (s *source) failure() error {
	s.reading.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// piece is a request's body. The connection's own goroutine reads and closes it.
type piece struct {
	s      *source
	r      io.ReadCloser
	left   int64
	last   bool // the source must end where the piece does
	closed sync.Once
}

func (p *piece) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n, err := p.r.Read(b[:min(int64(len(b)), p.left)])
	p.left -= int64(n)
	if n > 0 && p.s.progress != nil {
		p.s.progress(int64(n))
	}
	switch {
	case err == io.EOF && p.left > 0:
		return n, p.s.fail(fmt.Errorf("it ends %d bytes early: %w", p.left, io.ErrUnexpectedEOF))
	case err != nil && err != io.EOF:
		return n, p.s.fail(err)
	case p.left == 0 && p.last && err == nil:
		return n, p.atEnd()
	case p.left == 0:
		return n, io.EOF
	}
	return n, nil
}

// atEnd looks beyond the last byte: there, a source that checks its digest says so, and a longer
// one gives itself away.
func (p *piece) atEnd() error {
	switch n, err := io.ReadFull(p.r, make([]byte, 1)); {
	case n > 0:
		return p.s.fail(fmt.Errorf("it is longer than the %d bytes it should have", p.s.size))
	case err != io.EOF:
		return p.s.fail(err)
	}
	return io.EOF
}

func (p *piece) Close() error {
	var err error
	p.closed.Do(func() {
		err = p.r.Close()
		p.s.reading.Done()
	})
	return err
}
