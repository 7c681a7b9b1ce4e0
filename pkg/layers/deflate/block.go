package deflate

import "math"

// blockCode is how a block's symbols are written.
type blockCode struct {
	litLens  [numLit + 2]uint8
	distLens [numDist]uint8

	lit  [512]symbolCode // the first numLit count
	dist [32]symbolCode  // the first numDist count
	pre  preamble
}

// symbolCode is a symbol's code in bits 0..15, its length in bits 16..23, and the same with
// extra bits included in bits 24..31.
type symbolCode uint32

func newCode(code uint16, length uint8, extra uint) symbolCode {
	return symbolCode(uint32(code) | uint32(length)<<16 | (uint32(length)+uint32(extra))<<24)
}

// with returns the bits to write for the symbol with these extra bits, and how many they are.
func (c symbolCode) with(extra uint32) (v uint64, n uint) {
	return uint64(c&0xffff) | uint64(extra)<<(c>>16&31), uint(c >> 24)
}

// A block of fewer symbols than this is not worth codes of its own.
const dynamicSymbols = 48

// closeBlock writes the open block, which ends at end, in whichever of the three ways is
// shortest, checks it, and opens the next.
func (e *Encoder) closeBlock(end int) {
	at := e.block
	e.block = end
	if at == end {
		return
	}
	c, t := &e.code, &e.tokens
	t.litFreq[endSym] = 1
	extra := t.extra()
	dynamic := math.MaxInt
	if t.n >= dynamicSymbols {
		c.litLens[286], c.litLens[287] = 0, 0 // only the fixed codes have these
		lengthsOf(t.litFreq[:numLit], c.litLens[:numLit], 15)
		lengthsOf(t.distFreq[:numDist], c.distLens[:], 15)
		dynamic = 3 + c.pre.plan(c.litLens[:numLit], c.distLens[:]) + t.cost(c) + extra
	}
	dynLit, dynDist := c.litLens, c.distLens
	fixedLens(c.litLens[:], c.distLens[:])
	fixed := 3 + t.cost(c) + extra
	stored := (end-at)*8 + 42*((end-at+0xfffe)/0xffff)
	switch {
	case stored < min(dynamic, fixed):
		e.w.stored(e.buf[at:end])
	case fixed <= dynamic:
		e.w.put(1<<1, 3)
		c.assign()
		e.w.block(c, t.list(), fixed)
	default:
		c.litLens, c.distLens = dynLit, dynDist
		e.w.put(2<<1, 3)
		c.pre.write(&e.w)
		c.assign()
		e.w.block(c, t.list(), dynamic)
	}
	t.reset()
}

// extra is how many extra bits the tokens have.
func (t *tokens) extra() (bits int) {
	for s, n := range lengthExtra {
		bits += int(t.litFreq[endSym+1+s]) * int(n)
	}
	for s, f := range t.distFreq[:numDist] {
		bits += int(f) * int(distExtra(s))
	}
	return bits
}

// cost is what the tokens take with the code lengths of c, in bits, extra bits left out.
func (t *tokens) cost(c *blockCode) (bits int) {
	for s, f := range t.litFreq[:numLit] {
		bits += int(f) * int(c.litLens[s])
	}
	for s, f := range t.distFreq[:numDist] {
		bits += int(f) * int(c.distLens[s])
	}
	return bits
}

// assign sets the codes from their lengths.
func (c *blockCode) assign() {
	var codes [numLit + 2]uint16
	codesOf(c.litLens[:], codes[:])
	for s := range codes[:numLit] {
		extra := uint(0)
		if s > endSym {
			extra = uint(lengthExtra[s-endSym-1])
		}
		c.lit[s] = newCode(codes[s], c.litLens[s], extra)
	}
	codesOf(c.distLens[:], codes[:])
	for s := range c.distLens {
		c.dist[s] = newCode(codes[s], c.distLens[s], distExtra(s))
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
