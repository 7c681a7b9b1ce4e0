package deflate

import (
	"encoding/binary"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// Parsed parts are searched for repetitions of what precedes them, the one thing that the
// encoder of their matches could not see. Such matches lie far, so short ones do not pay; a
// table of every other position, by the hash of longBytes bytes, finds the rest.
const (
	longBytes = 6
	longBits  = 14
	longStep  = 2
	longDepth = 2
	// ownEnough is how long a match of the part's own must be to be taken unasked.
	ownEnough = 64
)

func longHash(v uint64) uint64 {
	return v << (64 - 8*longBytes) * 0x9e3779b185ebca87 >> (64 - longBits)
}

// insertLong makes position i, which eight bytes follow, known to later parts.
func (e *Encoder) insertLong(i int) {
	h := longHash(binary.LittleEndian.Uint64(e.buf[i:]))
	e.longPrev[i/longStep&(Window/longStep-1)] = e.longHead[h]
	e.longHead[h] = e.base + uint32(i)
}

// before finds the longest match at i, which eight bytes follow, that ends before limit in
// what insertLong made known.
func (e *Encoder) before(i, limit int) (length, dist int) {
	buf := e.buf
	v := binary.LittleEndian.Uint64(buf[i:])
	at := e.longHead[longHash(v)]
	for depth := longDepth; at >= e.base; {
		c := int(at - e.base)
		if i-c >= Window {
			break
		}
		if (binary.LittleEndian.Uint64(buf[c:])^v)<<(64-8*longBytes) == 0 {
			if n := common(buf, c, i, limit); n > length {
				length, dist = n, i-c
			}
		}
		if depth--; depth == 0 {
			break
		}
		next := e.longPrev[c/longStep&(Window/longStep-1)]
		if next >= at {
			break
		}
		at = next
	}
	return length, dist
}

// reuse takes over the matches of buf[lo:hi], and looks for longer ones in the parts before
// wherever a literal or a short match begins.
func (e *Encoder) reuse(lo, hi int, matches []inflate.Match) {
	hashed := hi - 7 // positions before have eight bytes
	for i, done := lo, lo; i < hi; done = i {
		// The next of the part's own matches begins at at, or has been covered up to there.
		at, own, dist := hi, 0, 0
		for len(matches) > 0 {
			m := matches[0]
			if at = max(lo+m.Pos(), i); lo+m.Pos()+m.Len()-at >= 3 {
				own, dist = lo+m.Pos()+m.Len()-at, m.Dist()
				break
			}
			at, matches = hi, matches[1:]
		}
		length := 0
		for end := min(at, hashed); i < end; i++ {
			if length, dist = e.before(i, min(hi, i+maxMatch)); length > 0 {
				break
			}
		}
		if length == 0 {
			if i = at; i == hi {
				break
			}
			length, dist = own, matches[0].Dist()
			if own < ownEnough && i < hashed {
				if n, far := e.before(i, min(hi, i+maxMatch)); n > own+1 {
					length, dist = n, far
				}
			}
		}
		// Every other position is known, so a match may begin a byte earlier than it was found.
		if dist < i && i > done && length < maxMatch && e.buf[i-1] == e.buf[i-1-dist] {
			i--
			length++
		}
		e.emit(i, length, dist)
		i += length
	}
	for i := (lo + longStep - 1) / longStep * longStep; i < hashed; i += longStep {
		e.insertLong(i)
	}
}
