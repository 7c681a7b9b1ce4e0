package deflate

import (
	"encoding/binary"
	"math/bits"
)

// Parsed parts are searched for repetitions of what precedes them, the one thing that the
// encoder of their matches could not see. Such matches lie far, so short ones do not pay; a
// table of every other position, by the hash of farBytes bytes, finds the rest.
const (
	farBytes = 6
	farStep  = 2
	farBits  = 11 // buckets, as a power of two
	farWays  = 8  // positions in each

	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// farTable knows positions of the buffer by what stands there. A bucket keeps one byte of each
// position's hash: most of what is looked up is not there, and eight bytes tell so at once.
type farTable struct {
	tags [1 << farBits][farWays]byte // 0 where nothing is known
	next [1 << farBits]uint8
	pos  [1 << farBits][farWays]uint32
}

// reset forgets all positions.
func (t *farTable) reset() {
	clear(t.tags[:])
	clear(t.next[:])
}

// farHash hashes the low farBytes bytes of v.
func farHash(v uint64) (bucket uint64, tag byte) {
	x := v << (64 - 8*farBytes) * 0x9e3779b185ebca87
	return x >> (64 - farBits), max(1, byte(x>>(64-farBits-8)))
}

// insert makes every other position from lo up to hi known; eight bytes follow each.
func (t *farTable) insert(buf []byte, lo, hi int) {
	for i := lo + lo&(farStep-1); i < hi; i += farStep {
		h, tag := farHash(binary.LittleEndian.Uint64(buf[i:]))
		slot := t.next[h] & (farWays - 1)
		t.next[h]++
		t.tags[h][slot] = tag
		t.pos[h][slot] = uint32(i)
	}
}

// find looks in buf[at:end] for the first position where more than least bytes repeat what
// the table knows, and returns end if there is none. Eight bytes follow each position, and the
// match ends before limit.
func (t *farTable) find(buf []byte, at, end, limit, least int) (i, length, dist int) {
	for i = at; i < end; i++ {
		v := binary.LittleEndian.Uint64(buf[i:])
		h, tag := farHash(v)
		x := binary.LittleEndian.Uint64(t.tags[h][:]) ^ ones*uint64(tag)
		hits := (x - ones) & ^x & highs
		if hits == 0 {
			continue
		}
		for ; hits != 0; hits &= hits - 1 {
			// A borrow can mark the byte after a hit, too.
			slot := bits.TrailingZeros64(hits) >> 3
			c := int(t.pos[h][slot])
			if t.tags[h][slot] != tag || i-c >= Window || (binary.LittleEndian.Uint64(buf[c:])^v)<<(64-8*farBytes) != 0 {
				continue
			}
			n := common(buf, c, i, min(limit, i+maxMatch))
			if n > max(least, length) || n == length && i-c < dist {
				length, dist = n, i-c
			}
		}
		if length > 0 {
			return i, length, dist
		}
	}
	return i, 0, 0
}
