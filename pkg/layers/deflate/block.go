package deflate

import "math"

// blockCode is how a block's symbols are written.
type blockCode struct {
	litLens  [numLit + 2]uint8
	distLens [numDist]uint8

	unit [512]unitCode  // of a token's unit
	dist [32]symbolCode // the first numDist count
	end  symbolCode
	pre  preamble
}

// unitCode is what is written for a literal or a length, extra bits included, in bits 0..23, and how many bits that
// are in bits 24..31.
type unitCode uint32

// symbolCode is a symbol's code in bits 0..15, its length in bits 16..23, and the same with
// extra bits included in bits 24..31.
type symbolCode uint32

func newCode(code uint16, length uint8, extra uint) symbolCode {
	return symbolCode(uint32(code) | uint32(length)<<16 | (uint32(length)+uint32(extra))<<24)
}

// with returns the bits to write for the symbol with these extra bits, and how many they are.
func (c symbolCode) with(extra uint32) (v, n uint64) {
	return uint64(c&0xffff) | uint64(extra)<<(c>>16&31), uint64(c >> 24)
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
	c, t, freq := &e.code, &e.tokens, &e.freq
	t.symbols(freq)
	extra := t.extra(freq)
	dynamic := math.MaxInt
	if t.n >= dynamicSymbols {
		c.litLens[286], c.litLens[287] = 0, 0 // only the fixed codes have these
		lengthsOf(freq[:], c.litLens[:numLit], 15)
		lengthsOf(t.distFreq[:numDist], c.distLens[:], 15)
		dynamic = 3 + c.pre.plan(c.litLens[:numLit], c.distLens[:]) + t.cost(freq, c) + extra
	}
	dynLit, dynDist := c.litLens, c.distLens
	fixedLens(c.litLens[:], c.distLens[:])
	fixed := 3 + t.cost(freq, c) + extra
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

// symbols counts the literals, lengths and the block's end by their symbols.
func (t *tokens) symbols(freq *[numLit]uint32) {
	copy(freq[:256], t.unitFreq[:256])
	clear(freq[256:])
	freq[endSym] = 1
	for l := minLength; l <= maxMatch; l++ {
		freq[endSym+1+int(lengthSym[l])] += t.unitFreq[256+l-minLength]
	}
}

// extra is how many extra bits the tokens have.
func (t *tokens) extra(freq *[numLit]uint32) (bits int) {
	for s, n := range lengthExtra {
		bits += int(freq[endSym+1+s]) * int(n)
	}
	for s, f := range t.distFreq[:numDist] {
		bits += int(f) * int(distExtra(s))
	}
	return bits
}

// cost is what the tokens take with the code lengths of c, in bits, extra bits left out.
func (t *tokens) cost(freq *[numLit]uint32, c *blockCode) (bits int) {
	for s, f := range freq {
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
	for b := range 256 {
		c.unit[b] = unitCode(codes[b]) | unitCode(c.litLens[b])<<24
	}
	c.end = newCode(codes[endSym], c.litLens[endSym], 0)
	for l := minLength; l <= maxMatch; l++ {
		s := lengthSym[l]
		n, extra := c.litLens[endSym+1+int(s)], l-int(lengthBase[s])
		c.unit[256+l-minLength] = unitCode(codes[endSym+1+int(s)]) | unitCode(extra)<<(n&15) | unitCode(n+lengthExtra[s])<<24
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
