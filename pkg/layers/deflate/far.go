package deflate

import (
	"encoding/binary"
	"math/bits"
)

// Parsed parts are searched for repetitions of what precedes them, the one thing that the
// encoder of their matches could not see. Such matches lie far, so short ones do not pay; a
// table of positions, by the hash of the farBytes bytes that stand there, finds the rest.
const (
	farBytes  = 6
	farBits   = 11 // buckets, as a power of two
	farWays   = 8  // positions in each
	farFactor = 0x9e3779b185ebca87

	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// farTable knows positions of the buffer by what stands there: of each hash the last ones, the last one lowest.
// Of each it keeps another byte of the hash: most of what is looked up is not there, and eight bytes
// tell so at once. They lie apart, as hardly anything else is read. Of a position it keeps the low 16 bits, which are
// enough to tell how far back it is; whether it is really there, its bytes tell.
type farTable struct {
	tags [1 << farBits]uint64
	at   [1 << farBits][2]uint64
}

// farHash hashes the low farBytes bytes of v.
func farHash(v uint64) (bucket, tag uint64) {
	x := v << (64 - 8*farBytes) * farFactor
	return x >> (64 - farBits), x >> (64 - farBits - 8) & 0xff
}

func (t *farTable) reset() {
	clear(t.tags[:])
	clear(t.at[:])
}

// addEach makes positions known; eight bytes of buf follow each.
func (t *farTable) addEach(buf []byte, positions []uint64) {
	for _, i := range positions {
		h, tag := farHash(binary.LittleEndian.Uint64(buf[i:]))
		h &= 1<<farBits - 1
		t.tags[h] = t.tags[h]<<8 | tag
		at := &t.at[h]
		at[1] = at[1]<<16 | at[0]>>48
		at[0] = at[0]<<16 | i&0xffff
	}
}

// like returns the bucket where positions at which v stands would be, and a mark in the bits of highs for each of
// its positions that may be one.
func (t *farTable) like(v uint64) (h, marks uint64) {
	h, tag := farHash(v)
	x := t.tags[h&(1<<farBits-1)] ^ ones*tag
	return h, (x - ones) & ^x & highs
}

// longest returns the longest match at i, where v stands, among the marked positions of bucket h: more
// than least bytes, and none after limit. Eight bytes follow i before limit.
func (t *farTable) longest(h uint64, buf []byte, i int, v, marks uint64, limit, least int) (length, dist int) {
	at := &t.at[h&(1<<farBits-1)]
	limit = min(limit, i+maxMatch)
	for ; marks != 0; marks &= marks - 1 {
		slot := uint(bits.TrailingZeros64(marks)) >> 3
		d := int(uint16(i) - uint16(at[slot>>2&1]>>(16*slot&63)))
		if d == 0 || d >= Window || d > i {
			continue
		}
		x := binary.LittleEndian.Uint64(buf[i-d:]) ^ v
		if x<<(64-8*farBytes) != 0 {
			continue
		}
		n := bits.TrailingZeros64(x) >> 3
		if x == 0 {
			if i+least >= limit || buf[i-d+least] != buf[i+least] {
				continue // not longer, if it is as long
			}
			n += common(buf, i-d+8, i+8, limit)
		}
		if n = min(n, limit-i); n > least {
			least, length, dist = n, n, d
		}
	}
	return length, dist
}
