package deflate

import (
	"fmt"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

const (
	// Window is how far back a match reaches, in bytes: more history is not used.
	Window = 32 << 10
	// MaxInput is the most input of one call, in bytes.
	MaxInput = 256 << 10

	minMatch = 4 // shortest match that is searched for; a parsed one may have 3
	maxMatch = 258
	hashBits = 15
)

// Encoder holds tables between calls; its zero value is ready. It is for one goroutine at a
// time, and large (about 0.8 MiB).
type Encoder struct {
	buf  []byte
	base uint32 // position of buf[0]; positions below are of earlier calls
	used uint32 // positions of this call
	head [1 << hashBits]uint32
	prev [Window]uint32
	far  farTable

	positions positions

	tokens tokens
	start  int // of the input in buf
	block  int // where the open block begins in buf
	header int // where the last tar header begins in buf, or -1

	w    writer
	code blockCode
	freq [numLit]uint32 // of the block that is closed

	check   inflate.Decoder
	decoded []byte
}

// Encode appends buf[start:], encoded as blocks that end at a byte boundary, to dst. Matches
// may reach into buf[:start], the bytes that precede them in the decoded stream; header is
// where in buf the last tar header begins, negative if none does. The parts' lengths sum up to
// len(buf)-start, at most MaxInput.
func (e *Encoder) Encode(dst, buf []byte, start, header int, parts []Part) ([]byte, error) {
	if start < 0 || start > len(buf) {
		return dst, fmt.Errorf("deflate: input starts at %d of %d bytes", start, len(buf))
	}
	if start > Window {
		buf, header, start = buf[start-Window:], header-(start-Window), Window
	}
	if len(buf)-start > MaxInput {
		return dst, fmt.Errorf("deflate: %d bytes in one call: at most %d", len(buf)-start, MaxInput)
	}
	e.begin(buf, start, header)
	e.w.out = dst
	e.index(start, parts)
	at := start
	for _, p := range parts {
		if p.Len < 0 || p.Len > len(buf)-at {
			return dst, fmt.Errorf("deflate: parts are longer than their %d bytes of input", len(buf)-start)
		}
		switch p.Kind {
		case Header:
			e.searchHeader(at, at+p.Len)
		case Zeros:
			e.zeros(at, at+p.Len)
		case Parsed:
			e.reuse(at, at+p.Len, p.Matches)
		default:
			e.search(at, at+p.Len)
		}
		at += p.Len
	}
	if at != len(buf) {
		return dst, fmt.Errorf("deflate: parts describe %d of %d bytes", at-start, len(buf)-start)
	}
	e.closeBlock(at)
	e.w.sync()
	out := e.w.out
	e.w.out, e.buf = nil, nil
	if err := e.verify(out, len(dst), buf, start); err != nil {
		return dst, err
	}
	return out, nil
}

func (e *Encoder) begin(buf []byte, start, header int) {
	// Positions only grow, so entries of earlier calls are too old instead of wrong.
	e.base += e.used
	e.used = uint32(len(buf))
	if e.base == 0 || e.base > 1<<31 {
		e.base = 1
		clear(e.head[:])
	}
	e.buf, e.start, e.block, e.header = buf, start, start, header
	e.w = writer{}
	e.tokens.reset()
}
