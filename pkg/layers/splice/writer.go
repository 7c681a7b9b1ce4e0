package splice

import (
	"errors"
	"hash/crc32"
	"io"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// Writer writes one gzip member, or more if [Writer.Next] is called. It is for one goroutine at a time. After an error every call
// returns it.
type Writer struct {
	w       io.Writer
	started bool
	written int64 // bytes, to w
	err     error

	crc  uint32
	size uint32 // modulo 1<<32, as in the trailer

	// buf holds what was written last: history that the encoder may refer to, and from start on
	// what is still to be encoded, as parts say.
	buf     []byte
	start   int
	header  int // where the last tar header of the history begins in buf, or -1
	parts   []deflate.Part
	matches []inflate.Match

	encoder  deflate.Encoder
	out      []byte
	encoders int // how many pieces may be encoded beside the caller
	queue    queue
}

const bufSize = 2*deflate.Window + 2*deflate.MaxInput

var errClosed = errors.New("splice: written to after Close")

// NewWriter returns a Writer to w. Nothing is written before the first piece is complete.
func NewWriter(w io.Writer) *Writer { return NewParallel(w, 0) }

// NewParallel is NewWriter with up to encoders goroutines that encode while the caller goes on;
// the output is the same. Each takes about 2 MiB, and with any up to 6 MiB of output may wait.
func NewParallel(w io.Writer, encoders int) *Writer {
	return &Writer{w: w, buf: make([]byte, 0, bufSize), header: -1, encoders: encoders}
}

// Write adds p to the contents; it is encoded, together with what is written before and after.
func (z *Writer) Write(p []byte) (int, error) {
	kind := deflate.Plain
	if allZero(p) {
		kind = deflate.Zeros
	}
	return z.add(p, kind)
}

// Header adds a tar header to the contents, a whole number of blocks of 512 bytes. It is
// encoded with regard to the header before.
func (z *Writer) Header(p []byte) (int, error) { return z.add(p, deflate.Header) }

func (z *Writer) add(p []byte, kind deflate.Kind) (n int, err error) {
	for len(p) > 0 && z.err == nil {
		pending := len(z.buf) - z.start
		if pending == deflate.MaxInput || kind == deflate.Header && pending+len(p) > deflate.MaxInput && pending > 0 {
			z.flush()
			continue
		}
		k := min(len(p), deflate.MaxInput-pending)
		z.append(p[:k], deflate.Part{Len: k, Kind: kind})
		z.crc = crc32.Update(z.crc, crc32.IEEETable, p[:k])
		z.size += uint32(k)
		p = p[k:]
		n += k
	}
	return n, z.err
}

// append makes p pending.
func (z *Writer) append(p []byte, part deflate.Part) {
	z.buf = append(z.buf, p...)
	if last := len(z.parts) - 1; last >= 0 && z.parts[last].Kind == part.Kind && part.Kind <= deflate.Zeros && part.Kind != deflate.Header {
		z.parts[last].Len += part.Len
		return
	}
	z.parts = append(z.parts, part)
}

// Join adds a prepared stream. The piece is not needed any more when it returns.
func (z *Writer) Join(p Piece) error {
	if z.err != nil {
		return z.err
	}
	if p.raw == nil {
		if len(z.buf)-z.start+len(p.Decoded) > deflate.MaxInput {
			z.flush()
		}
		first := len(z.matches)
		z.matches = append(z.matches, p.matches...)
		z.append(p.Decoded, deflate.Part{Len: len(p.Decoded), Kind: deflate.Parsed, Matches: z.matches[first:]})
	} else {
		z.flush()
		z.emit(item{p: p.raw})
		z.remember(p.Decoded)
	}
	z.crc = combine(z.crc, p.crc, int64(len(p.Decoded)))
	z.size += uint32(len(p.Decoded))
	return z.err
}

// flush encodes and writes what is pending.
func (z *Writer) flush() {
	if len(z.buf) == z.start || z.err != nil {
		return
	}
	z.encode()
	at := z.start
	for _, p := range z.parts {
		if p.Kind == deflate.Header {
			z.header = at
		}
		at += p.Len
	}
	z.parts = z.parts[:0]
	z.start = len(z.buf)
	if cap(z.buf)-len(z.buf) < deflate.MaxInput+deflate.Window {
		z.slide()
	}
}

// slide drops history that is out of reach.
func (z *Writer) slide() {
	drop := len(z.buf) - deflate.Window
	if drop <= 0 {
		return
	}
	z.buf = z.buf[:copy(z.buf, z.buf[drop:])]
	z.start = len(z.buf)
	z.header = max(z.header-drop, -1)
}

// remember makes p, which was written without the encoder, history.
func (z *Writer) remember(p []byte) {
	if len(p) >= deflate.Window {
		z.buf, z.header = z.buf[:0], -1
		p = p[len(p)-deflate.Window:]
	}
	if cap(z.buf)-len(z.buf)-len(p) < deflate.MaxInput {
		z.slide()
	}
	z.buf = append(z.buf, p...)
	z.start = len(z.buf)
}

// Close encodes what is pending and ends the member. It does not close the underlying writer.
func (z *Writer) Close() error {
	if z.err == errClosed {
		return nil
	}
	z.flush()
	z.drainAll()
	z.put(z.trailer())
	if z.err != nil {
		return z.err
	}
	z.err = errClosed
	return nil
}

// put writes to the underlying writer.
func (z *Writer) put(p []byte) {
	if z.err != nil {
		return
	}
	if !z.started {
		z.started = true
		z.put([]byte(memberHeader))
	}
	if z.err == nil {
		var n int
		n, z.err = z.w.Write(p)
		z.written += int64(n)
	}
}

func allZero(p []byte) bool {
	for _, b := range p {
		if b != 0 {
			return false
		}
	}
	return true
}
