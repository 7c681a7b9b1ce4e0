package layers

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// outputRooms is how many buffers of copyBuffer bytes wait to be written, beside the one that is filled.
const outputRooms = 2

// output buffers a blob on its way to where it is written. What is full is counted, hashed and written by a goroutine beside the
// caller if there are cores for that; an error of it is returned by a later call.
type output struct {
	blob  *meter
	buf   []byte
	err   error
	full  chan []byte // nil if nothing is done beside
	spare chan room
}

// room is a buffer that was written, and what came of it or of one before.
type room struct {
	p   []byte
	err error
}

func newOutput(w io.Writer, beside bool) *output {
	o := &output{blob: newMeter(w), buf: make([]byte, 0, copyBuffer)}
	if !beside {
		return o
	}
	o.full, o.spare = make(chan []byte, outputRooms), make(chan room, outputRooms)
	for range outputRooms {
		o.spare <- room{p: make([]byte, 0, copyBuffer)}
	}
	go func() {
		defer close(o.spare)
		var err error
		for p := range o.full {
			if err == nil {
				_, err = o.blob.Write(p)
			}
			o.spare <- room{p[:0], err}
		}
	}()
	return o
}

// Write adds p.
func (o *output) Write(p []byte) (n int, err error) {
	for n < len(p) && o.err == nil {
		if rest := p[n:]; len(o.buf) == 0 && len(rest) >= cap(o.buf) && o.full == nil {
			_, o.err = o.blob.Write(rest)
			n = len(p)
			break
		}
		k := copy(o.buf[len(o.buf):cap(o.buf)], p[n:])
		o.buf = o.buf[:len(o.buf)+k]
		n += k
		if len(o.buf) == cap(o.buf) {
			o.pass()
		}
	}
	return n, o.err
}

// pass has what is buffered written.
func (o *output) pass() {
	if o.full == nil {
		_, o.err = o.blob.Write(o.buf)
		o.buf = o.buf[:0]
		return
	}
	o.full <- o.buf
	r := <-o.spare
	o.buf, o.err = r.p, r.err
}

// close has everything written and waits for that, and returns the first error there was.
func (o *output) close() error {
	if o.err == nil && len(o.buf) > 0 {
		o.pass()
	}
	if o.full != nil {
		close(o.full)
		for r := range o.spare {
			if o.err == nil {
				o.err = r.err
			}
		}
		o.full = nil
	}
	return o.err
}

// drop waits until nothing is written any more, and returns the first error there was; what is buffered is not written.
func (o *output) drop() error {
	o.buf = o.buf[:0]
	return o.close()
}

// meter counts and hashes what passes through it.
type meter struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func newMeter(w io.Writer) *meter { return &meter{w: w, sum: sha256.New()} }

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	m.sum.Write(p[:n])
	m.n += int64(n)
	if err != nil {
		err = &outputError{err}
	}
	return n, err
}

// outputError is a failure of what a layer is written to, not of what it is made from.
type outputError struct{ err error }

func (o *outputError) Error() string { return o.err.Error() }

func (o *outputError) Unwrap() error { return o.err }

func (m *meter) hash() v1.Hash { return hashOf(m.sum) }

func hashOf(sum hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum.Sum(nil))}
}
