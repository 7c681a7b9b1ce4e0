package deflate

import (
	"encoding/binary"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// Parsed parts are searched for repetitions of what precedes them, the one thing that the
// encoder of their matches could not see. Such matches lie far, so short ones do not pay; a
// table of every other position, by the hash of longBytes bytes, finds the rest.
const (
	longBytes = 7
	longBits  = 14
	longStep  = 2
	longDepth = 4
	// ownEnough is how long a match of the part's own must be to be taken unasked.
	ownEnough = 24
)

func longHash(v uint64) uint64 {
	return v << (64 - 8*longBytes) * 0x9e3779b185ebca87 >> (64 - longBits)
}

// longTable knows positions of the buffer by what stands there. Their order is that of the
// buffer, and positions below the encoder's base are of earlier buffers.
type longTable struct {
	head [1 << longBits]uint32
	prev [Window / longStep]uint32
}

// insert makes positions lo up to hi known; eight bytes follow each.
func (t *longTable) insert(buf []byte, base uint32, lo, hi int) {
	for i := (lo + longStep - 1) / longStep * longStep; i < hi; i += longStep {
		h := longHash(binary.LittleEndian.Uint64(buf[i:])) & (1<<longBits - 1)
		t.prev[i/longStep&(Window/longStep-1)] = t.head[h]
		t.head[h] = base + uint32(i)
	}
}

// find looks in buf[at:end] for the first position where longer than least bytes repeat what
// the table knows, and returns end if there is none. Eight bytes follow each position, and the
// match ends before limit.
func (t *longTable) find(buf []byte, base uint32, at, end, limit, least int) (i, length, dist int) {
	for i = at; i < end; i++ {
		v := binary.LittleEndian.Uint64(buf[i:])
		p := t.head[longHash(v)&(1<<longBits-1)]
		for depth := longDepth; p >= base; depth-- {
			c := int(p - base)
			if i-c >= Window {
				break
			}
			if (binary.LittleEndian.Uint64(buf[c:])^v)<<(64-8*longBytes) == 0 {
				if n := common(buf, c, i, min(limit, i+maxMatch)); n > max(least, length) {
					length, dist = n, i-c
				}
			}
			q := t.prev[c/longStep&(Window/longStep-1)]
			if depth == 1 || q >= p {
				break
			}
			p = q
		}
		if length > 0 {
			return i, length, dist
		}
	}
	return i, 0, 0
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
			at = max(lo+m.Pos(), i)
			own, dist = lo+m.Pos()+m.Len()-at, m.Dist()
			if own >= 3 && own <= min(maxMatch, hi-at) && dist > 0 && dist <= min(Window, at) {
				break
			}
			at, matches = hi, matches[1:]
		}
		length := 0
		if end := min(at, hashed); i < end {
			far := 0
			if i, length, far = e.long.find(e.buf, e.base, i, end, hi, 0); length > 0 {
				dist = far
			}
		}
		if length == 0 {
			if i = at; i == hi {
				break
			}
			length = own
			if own < ownEnough && i < hashed {
				if _, n, far := e.long.find(e.buf, e.base, i, i+1, hi, own+1); n > 0 {
					length, dist = n, far
				}
			}
		}
		// Not every position is known, so a match may begin before it was found.
		for i > done && dist < i && length < maxMatch && e.buf[i-1] == e.buf[i-1-dist] {
			i--
			length++
		}
		e.emit(i, length, dist)
		i += length
	}
	e.long.insert(e.buf, e.base, lo, hashed)
}
