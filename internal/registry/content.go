package registry

import (
	"fmt"
	"io"
	"sync"
)

// source gives the bytes of an upload, as often as it takes.
type source struct {
	open func() (io.ReadCloser, error)
	size int64
	// progress is told how the place moves up to which the blob has gone out: backwards, too, where
	// bytes of a try that broke must go again. Nil is told nothing.
	progress func(int64)

	reading sync.WaitGroup // readers that are not closed
	mu      sync.Mutex
	at      int64  // what progress was told, summed up
	start   int64  // at the beginning of the last piece
	last    *piece // the one that counts
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
	p := &piece{s: s, r: r, left: n, last: offset+n == s.size}
	s.moveTo(offset, p)
	return p, nil
}

// moveTo says that the upload goes on at an offset, with the bytes of p.
func (s *source) moveTo(offset int64, p *piece) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell(offset - s.at)
	s.start, s.last = offset, p
}

// moved counts bytes of a piece. Those of one that was replaced by another go nowhere.
func (s *source) moved(p *piece, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p == s.last {
		s.tell(int64(n))
	}
}

func (s *source) tell(n int64) {
	s.at += n
	if n != 0 && s.progress != nil {
		s.progress(n)
	}
}

// sent is how much of the last piece went out.
func (s *source) sent() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at - s.start
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
	p.s.moved(p, n)
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
