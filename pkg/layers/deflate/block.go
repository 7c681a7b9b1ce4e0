package deflate

import "math"

// blockCode is how a block's symbols are written.
type blockCode struct {
	litFreq  [numLit]uint32
	distFreq [numDist]uint32
	litLens  [numLit + 2]uint8
	distLens [numDist]uint8

	lit     [numLit]uint32       // code<<8 | bits
	lengths [maxMatch + 1]uint32 // the same, extra bits included
	dists   [numDist]distCode
	pre     preamble
}

type distCode struct {
	code, base uint16
	len, extra uint8
}

// A block of fewer symbols than this is not worth codes of its own.
const dynamicSymbols = 48

// closeBlock writes the open block, which ends at end, in whichever of the three ways is
// shortest, and opens the next.
func (e *Encoder) closeBlock(end int) {
	at, matches, covered := e.block, e.matches, e.covered
	e.block, e.covered, e.matches = end, 0, e.matches[:0]
	if at == end {
		return
	}
	c := &e.code
	extra := c.count(e.buf, at, end, matches)
	dynamic := math.MaxInt
	if end-at-covered+len(matches) >= dynamicSymbols {
		c.litLens[286], c.litLens[287] = 0, 0 // only the fixed codes have these
		lengthsOf(c.litFreq[:], c.litLens[:numLit], 15)
		lengthsOf(c.distFreq[:], c.distLens[:], 15)
		dynamic = 3 + c.pre.plan(c.litLens[:numLit], c.distLens[:]) + c.cost() + extra
	}
	dynLit, dynDist := c.litLens, c.distLens
	fixedLens(c.litLens[:], c.distLens[:])
	fixed := 3 + c.cost() + extra
	stored := (end-at)*8 + 42*((end-at+0xfffe)/0xffff)
	switch {
	case stored < min(dynamic, fixed):
		e.w.stored(e.buf[at:end])
		return
	case fixed <= dynamic:
		e.w.put(1<<1, 3)
		c.assign()
		e.w.block(c, e.buf, at, end, matches, fixed)
	default:
		c.litLens, c.distLens = dynLit, dynDist
		e.w.put(2<<1, 3)
		c.pre.write(&e.w)
		c.assign()
		e.w.block(c, e.buf, at, end, matches, dynamic)
	}
}

// count counts symbols and returns how many extra bits they have.
func (c *blockCode) count(buf []byte, at, end int, matches []match) (extra int) {
	var even, odd [256]uint32
	clear(c.litFreq[:])
	clear(c.distFreq[:])
	tally := func(p []byte) {
		for ; len(p) >= 2; p = p[2:] {
			even[p[0]]++
			odd[p[1]]++
		}
		for _, x := range p {
			even[x]++
		}
	}
	for _, m := range matches {
		tally(buf[at:m.pos])
		l, d := lengthSym[m.len], distSym(m.dist)
		c.litFreq[endSym+1+int(l)]++
		c.distFreq[d]++
		extra += int(lengthExtra[l]) + int(distExtra(d))
		at = int(m.pos) + int(m.len)
	}
	tally(buf[at:end])
	for s := range even {
		c.litFreq[s] = even[s] + odd[s]
	}
	c.litFreq[endSym] = 1
	return extra
}

// cost is what the counted symbols take with the code lengths set, in bits, extra bits left out.
func (c *blockCode) cost() (bits int) {
	for s, f := range c.litFreq {
		bits += int(f) * int(c.litLens[s])
	}
	for s, f := range c.distFreq {
		bits += int(f) * int(c.distLens[s])
	}
	return bits
}

// assign sets the codes from their lengths.
func (c *blockCode) assign() {
	var codes [numLit + 2]uint16
	codesOf(c.litLens[:], codes[:])
	for s := range c.lit {
		c.lit[s] = uint32(codes[s])<<8 | uint32(c.litLens[s])
	}
	for l := 3; l <= maxMatch; l++ {
		s := lengthSym[l]
		code := c.lit[endSym+1+int(s)]
		c.lengths[l] = code + uint32(l-int(lengthBase[s]))<<(8+code&0xff) + uint32(lengthExtra[s])
	}
	codesOf(c.distLens[:], codes[:])
	for s := range c.dists {
		extra := distExtra(s)
		base := s
		if s >= 4 {
			base = (2 + s&1) << extra
		}
		c.dists[s] = distCode{codes[s], uint16(base), c.distLens[s], uint8(extra)}
	}
}

// fixedLens sets the lengths of the fixed codes (RFC 1951, section 3.2.6).
func fixedLens(lit, dist []uint8) {
	for s := range lit {
		switch {
		case s < 144 || s >= 280:
			lit[s] = 8
		case s < 256:
			lit[s] = 9
		default:
			lit[s] = 7
		}
	}
	for s := range dist {
		dist[s] = 5
	}
}
