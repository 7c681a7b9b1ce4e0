package deflate

import "math/bits"

// Symbols of lengths and distances (RFC 1951, section 3.2.5).
const (
	numLit  = 286
	numDist = 30
	endSym  = 256
)

var (
	lengthBase  = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	lengthSym   = lengthSymbols() // by length
)

func lengthSymbols() (s [maxMatch + 1]uint8) {
	for i, base := range lengthBase {
		for l := int(base); l <= maxMatch; l++ {
			s[l] = uint8(i)
		}
	}
	return s
}

// distSym returns the symbol of a distance less one, and its extra bits.
func distSym(d uint32) (sym, extra uint32) {
	if d < 4 {
		return d, 0
	}
	high := uint32(bits.Len32(d)) - 2 // how many extra bits
	return 2*high + d>>(high&31), d & (1<<(high&31) - 1)
}

// distExtra is how many extra bits follow a distance symbol.
func distExtra(sym int) uint {
	if sym < 4 {
		return 0
	}
	return uint(sym/2 - 1)
}

func reversed(code uint16, length uint8) uint16 {
	return bits.Reverse16(code) >> (16 - length)
}
