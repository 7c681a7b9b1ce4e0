package deflate

import (
	"encoding/binary"
	"slices"
)

// writer appends bits, least significant first.
type writer struct {
	out  []byte
	bits uint64
	n    uint64 // how many of bits count; under 8 between calls
}

// put appends the n low bits of v; n is at most 56, the higher bits of v are zero.
func (w *writer) put(v, n uint64) {
	w.bits |= v << w.n
	w.n += n
	for w.n >= 8 {
		w.out = append(w.out, byte(w.bits))
		w.bits >>= 8
		w.n -= 8
	}
}

// align pads with zeros to a byte boundary.
func (w *writer) align() {
	if w.n > 0 {
		w.out = append(w.out, byte(w.bits))
		w.bits, w.n = 0, 0
	}
}

// sync ends the piece at a byte boundary with an empty stored block, unless it is at one.
func (w *writer) sync() {
	if w.n == 0 {
		return
	}
	w.put(0, 3)
	w.align()
	w.out = append(w.out, 0, 0, 0xff, 0xff)
}

// stored writes p as stored blocks.
func (w *writer) stored(p []byte) {
	for len(p) > 0 {
		k := min(len(p), 0xffff)
		w.put(0, 3)
		w.align()
		w.out = binary.LittleEndian.AppendUint16(w.out, uint16(k))
		w.out = binary.LittleEndian.AppendUint16(w.out, ^uint16(k))
		w.out = append(w.out, p[:k]...)
		p = p[k:]
	}
}

// block writes tokens and the end of their block, size bits at most, with the codes of c.
func (w *writer) block(c *blockCode, tokens []token, size int) {
	w.out = slices.Grow(w.out, size/8+16)
	o := len(w.out)
	w.out = w.out[:o+w.tokens(w.out[o:cap(w.out)], c, tokens)]
	v, k := c.end.with(0)
	w.put(v, k)
}

// tokensEach is tokens, one by one.
func (w *writer) tokensEach(out []byte, c *blockCode, tokens []token) (o int) {
	bits, n := w.bits, w.n
	for _, t := range tokens {
		// A match has at most 48 bits, and seven more may wait. A literal has no distance: nothing is
		// written for that.
		u := c.unit[t.unit()]
		v, k := uint64(u&(1<<24-1)), uint64(u>>24)
		d, l := c.dist[t.distSymbol()].with(t.distExtra())
		bits |= (v | d<<(k&63)) << (n & 63)
		n += k + l
		binary.LittleEndian.PutUint64(out[o:], bits)
		o += int(n >> 3)
		bits >>= n & 56
		n &= 7
	}
	w.bits, w.n = bits, n
	return o
}
