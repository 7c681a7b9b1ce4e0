package deflate

import (
	"encoding/binary"
	"slices"
)

// writer appends bits, least significant first.
type writer struct {
	out  []byte
	bits uint64
	n    uint // how many of bits count; under 8 between calls
}

// put appends the n low bits of v; n is at most 56, the higher bits of v are zero.
func (w *writer) put(v uint64, n uint) {
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

// block writes the literals and matches of buf[at:end] and the end of the block, size bits at
// most, with the codes of c.
func (w *writer) block(c *blockCode, buf []byte, at, end int, matches []match, size int) {
	w.out = slices.Grow(w.out, size/8+16)
	out, o := w.out[:cap(w.out)], len(w.out)
	bits, n := w.bits, w.n
	for _, m := range matches {
		bits, n, o = c.literals(out, o, bits, n, buf[at:m.pos])
		l := c.lengths[m.len]
		bits |= uint64(l>>8) << (n & 63)
		n += uint(l & 0xff)
		s := distSym(m.dist)
		d := c.dists[s]
		bits |= uint64(d.code) << (n & 63)
		n += uint(d.len)
		bits |= uint64(m.dist-d.base) << (n & 63)
		n += uint(d.extra)
		binary.LittleEndian.PutUint64(out[o:], bits)
		o += int(n >> 3)
		bits >>= n &^ 7
		n &= 7
		at = int(m.pos) + int(m.len)
	}
	bits, n, o = c.literals(out, o, bits, n, buf[at:end])
	w.out, w.bits, w.n = out[:o], bits, n
	w.put(uint64(c.lit[endSym]>>8), uint(c.lit[endSym]&0xff))
}

// literals writes p.
func (c *blockCode) literals(out []byte, o int, bits uint64, n uint, p []byte) (uint64, uint, int) {
	for len(p) >= 3 {
		a, b, d := c.lit[p[0]], c.lit[p[1]], c.lit[p[2]]
		bits |= uint64(a>>8) << (n & 63)
		n += uint(a & 0xff)
		bits |= uint64(b>>8) << (n & 63)
		n += uint(b & 0xff)
		bits |= uint64(d>>8) << (n & 63)
		n += uint(d & 0xff)
		binary.LittleEndian.PutUint64(out[o:], bits)
		o += int(n >> 3)
		bits >>= n &^ 7
		n &= 7
		p = p[3:]
	}
	for _, x := range p {
		a := c.lit[x]
		bits |= uint64(a>>8) << (n & 63)
		n += uint(a & 0xff)
	}
	binary.LittleEndian.PutUint64(out[o:], bits)
	o += int(n >> 3)
	bits >>= n &^ 7
	n &= 7
	return bits, n, o
}
