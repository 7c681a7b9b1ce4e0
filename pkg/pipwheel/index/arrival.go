package index

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// arrival is a wheel on its way, between the transfer that brings it and those who read along. A
// nil arrival is one that nobody reads.
type arrival struct {
	size int64

	mu       sync.Mutex
	change   *sync.Cond  // of what follows
	start    int64       // of the tail
	tail     []byte      // the end of the file, until all is here
	from     io.ReaderAt // what has arrived
	shown    int64       // bytes before here may be read from it
	handed   bool        // some were
	moved    int64
	done     bool
	err      error // why it did not arrive
	closed   bool
	finished chan struct{} // closed with done
}

func newArrival(size int64, tail []byte) *arrival {
	a := &arrival{size: size, start: size - int64(len(tail)), tail: tail, moved: int64(len(tail)), finished: make(chan struct{})}
	a.change = sync.NewCond(&a.mu)
	return a
}

// grow says that n bytes have arrived in from, after so many came over the network.
func (a *arrival) grow(from io.ReaderAt, n, moved int64) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.from, a.shown, a.moved = from, n, moved
	a.change.Broadcast()
}

// forget throws away what has arrived, unless someone may have read of it already.
func (a *arrival) forget(reset func() error) (forgot bool, err error) {
	if a == nil {
		return true, reset()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.handed {
		return false, nil
	}
	a.shown = 0
	return true, reset()
}

// read reports whether someone may have read what arrived.
func (a *arrival) read() bool {
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.handed
}

// finish says that all is in from and verified, or why it is not.
func (a *arrival) finish(from io.ReaderAt, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done, a.err = true, err; err == nil {
		a.from, a.shown, a.start, a.tail = from, a.size, a.size, nil
	}
	close(a.finished)
	a.change.Broadcast()
}

// result is why it did not arrive, once it is finished.
func (a *arrival) result() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// close makes every reading fail.
func (a *arrival) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed, a.tail = true, nil
	a.change.Broadcast()
}

// errClosed is a wheel that nobody wants any more.
var errClosed = errors.New("the wheel was closed")

// failed is why nothing more can be read.
func (a *arrival) failed() error {
	if a.closed {
		return errClosed
	}
	return a.err
}

// readAt reads some bytes at off, which lies within the file: those of the tail, or those before
// it, once they are there.
func (a *arrival) readAt(p []byte, off int64) (int, error) {
	from, p, err := a.await(p, off)
	if err != nil {
		return 0, err
	}
	n, err := from.ReadAt(p, off)
	if n == len(p) {
		return n, nil
	}
	// What was thrown away meanwhile cannot be read; why it was is known at the end.
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.done && !a.closed {
		a.change.Wait()
	}
	if failed := a.failed(); failed != nil {
		return 0, failed
	}
	return 0, fmt.Errorf("reading at %d of what arrived: %w", off, err)
}

// await waits until the first bytes of p can be read, and says from where.
func (a *arrival) await(p []byte, off int64) (from io.ReaderAt, now []byte, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		if err := a.failed(); err != nil {
			return nil, nil, err
		}
		if off >= a.start {
			return &tailReader{a.tail, a.start}, p[:min(int64(len(p)), a.size-off)], nil
		}
		p := p[:min(int64(len(p)), a.start-off)]
		if off+int64(len(p)) <= a.shown {
			a.handed = true
			return a.from, p, nil
		}
		a.change.Wait()
	}
}

// tailReader reads the end of a file by offsets in the file.
type tailReader struct {
	tail  []byte
	start int64
}

func (r *tailReader) ReadAt(p []byte, off int64) (int, error) {
	return copy(p, r.tail[off-r.start:]), nil
}

// sameTail compares the end that was read before with that of the file.
func sameTail(tail []byte, file io.ReaderAt, start int64) (bool, error) {
	buf := make([]byte, min(len(tail), 64<<10))
	for at := 0; at < len(tail); at += len(buf) {
		buf = buf[:min(len(buf), len(tail)-at)]
		if n, err := file.ReadAt(buf, start+int64(at)); n < len(buf) {
			return false, err
		}
		if !bytes.Equal(buf, tail[at:at+len(buf)]) {
			return false, nil
		}
	}
	return true, nil
}
