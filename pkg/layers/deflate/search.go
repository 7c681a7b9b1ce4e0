package deflate

import (
	"encoding/binary"
	"math/bits"
)

// Effort of a search, the parameters that zlib gives level 6: chains are followed for
// maxChain steps, a quarter of it when there is a match of goodLength already; a match of
// niceLength ends the search and one of lazyLength is taken without trying the next byte.
const (
	maxChain   = 128
	goodLength = 8
	lazyLength = 16
	niceLength = 128
	// A match of four bytes from farther away than this costs more than four literals.
	farForFour = 8 << 10
)

func (e *Encoder) hash(i int) uint32 {
	return binary.LittleEndian.Uint32(e.buf[i:]) * 0x9e3779b1 >> (32 - hashBits)
}

// insert makes position i known and returns the last position with its hash, or -1.
// Four bytes must follow i.
func (e *Encoder) insert(i int) int {
	h := e.hash(i)
	last := e.head[h]
	e.prev[i&(Window-1)] = last
	e.head[h] = e.base + uint32(i)
	if last < e.base {
		return -1
	}
	return int(last - e.base)
}

// common counts how many bytes at a and b (a < b) agree, up to limit which is not after buf.
func common(buf []byte, a, b, limit int) int {
	start := b
	for b+8 <= limit {
		x := binary.LittleEndian.Uint64(buf[a:]) ^ binary.LittleEndian.Uint64(buf[b:])
		if x != 0 {
			return b - start + bits.TrailingZeros64(x)>>3
		}
		a += 8
		b += 8
	}
	for b < limit && buf[a] == buf[b] {
		a++
		b++
	}
	return b - start
}

// longest follows the chain from candidate c for a match at i that is longer than best and
// ends before hi.
func (e *Encoder) longest(i, c, hi, best, chain int) (length, dist int) {
	buf := e.buf
	limit := min(hi, i+maxMatch)
	lowest := max(0, i-(Window-1))
	for ; c >= lowest && chain > 0 && i+best < limit; chain-- {
		if buf[c+best] == buf[i+best] {
			if n := common(buf, c, i, limit); n > best {
				best, length, dist = n, n, i-c
				if n >= niceLength {
					break
				}
			}
		}
		next := e.prev[c&(Window-1)]
		if next < e.base || int(next-e.base) >= c {
			break
		}
		c = int(next - e.base)
	}
	return length, dist
}

// search finds matches in buf[lo:hi] with hash chains and lazy evaluation.
func (e *Encoder) search(lo, hi int) {
	hashed := min(hi, len(e.buf)-3) // positions before have four bytes
	for i := lo; i < hi; {
		length, dist := 0, 0
		if i < hashed {
			length, dist = e.longest(i, e.insert(i), hi, minMatch-1, maxChain)
		}
		if length < minMatch || length == minMatch && dist > farForFour {
			e.literals(i, i+1)
			i++
			continue
		}
		inserted := i + 1
		for length < lazyLength && i+1 < hashed {
			chain := maxChain
			if length >= goodLength {
				chain /= 4
			}
			longer, far := e.longest(i+1, e.insert(i+1), hi, length, chain)
			inserted = i + 2
			if longer <= length {
				break
			}
			e.literals(i, i+1)
			i, length, dist = i+1, longer, far
		}
		e.emit(i, length, dist)
		for i += length; inserted < min(i, hashed); inserted++ {
			e.insert(inserted)
		}
	}
}

// index makes the history known, as much of it as pays for this much input, to those searches
// that the parts ask for.
func (e *Encoder) index(start int, parts []Part) {
	plain, parsed := 0, 0
	for _, p := range parts {
		switch p.Kind {
		case Plain:
			plain += p.Len
		case Parsed:
			parsed += p.Len
		}
	}
	for i := max(0, start-8*plain); i < min(start, len(e.buf)-3); i++ {
		e.insert(i)
	}
	if parsed > 0 {
		e.far.reset()
		e.recall(max(0, start-8*parsed), min(start, len(e.buf)-7))
	}
}
