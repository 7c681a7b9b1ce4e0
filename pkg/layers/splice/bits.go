package splice

import "github.com/layerpack/layerpack/pkg/layers/inflate"

// realignment is the most that realign appends, in bytes.
const realignment = 5

// clearFinal takes the final mark from the last block of a stream, and clears the unused bits
// of its last byte. p holds the stream's bytes from at on, and need not hold all.
func clearFinal(p []byte, at int64, info inflate.Info) {
	if i := info.LastBlock/8 - at; i >= 0 && i < int64(len(p)) {
		p[i] &^= 1 << (info.LastBlock & 7)
	}
	if i := info.End/8 - at; info.End&7 != 0 && i >= 0 && i < int64(len(p)) {
		p[i] &= 1<<(info.End&7) - 1
	}
}

// realign appends what brings a stream that ends at bit end to a byte boundary: an empty stored
// block. Its three header bits are zero and those that fit are in the last byte already.
func realign(p []byte, end int64) []byte {
	switch end & 7 {
	case 0:
		return p
	case 6, 7:
		p = append(p, 0)
	}
	return append(p, 0, 0, 0xff, 0xff)
}
