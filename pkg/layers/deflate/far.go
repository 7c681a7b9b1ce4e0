package deflate

import (
	"encoding/binary"
	"math/bits"
)

// Parsed parts are searched for repetitions of what precedes them, the one thing that the
// encoder of their matches could not see. Such matches lie far, so short ones do not pay; a
// table of positions, by the hash of the farBytes bytes that stand there, finds the rest.
const (
	farBytes = 6
	farBits  = 11 // buckets, as a power of two
	farWays  = 8  // positions in each
	// Of the history that a call is given, every third position is made known: what of it lies in matches is
	// not known any more, and all is not worth the time.
	historyStep = 3

	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// farTable knows positions of the buffer by what stands there.
type farTable [1 << farBits]farBucket

// farBucket holds the last positions of one hash, the last one lowest. Of each it keeps another byte of the
// hash: most of what is looked up is not there, and eight bytes tell so at once. Of a position
// it keeps the low 16 bits, which are enough to tell how far back it is; whether it is really there, its bytes
// tell.
type farBucket struct {
	tags, near, far uint64
	_               uint64 // a bucket does not cross lines of the cache
}

// farHash hashes the low farBytes bytes of v.
func farHash(v uint64) (bucket, tag uint64) {
	x := v << (64 - 8*farBytes) * 0x9e3779b185ebca87
	return x >> (64 - farBits), x >> (64 - farBits - 8) & 0xff
}

// insert makes every step-th of the positions from lo up to hi known; eight bytes follow each.
func (t *farTable) insert(buf []byte, lo, hi, step int) {
	for i := lo; i < hi; i += step {
		h, tag := farHash(binary.LittleEndian.Uint64(buf[i:]))
		t.add(h, tag, i)
	}
}

func (t *farTable) add(h, tag uint64, i int) {
	b := &t[h&(1<<farBits-1)]
	b.tags = b.tags<<8 | tag
	b.far = b.far<<16 | b.near>>48
	b.near = b.near<<16 | uint64(uint16(i))
}

// like returns the bucket where positions at which v stands would be, and a mark in the bits of highs for each of
// its positions that may be one.
func (t *farTable) like(v uint64) (b *farBucket, marks uint64) {
	h, tag := farHash(v)
	b = &t[h&(1<<farBits-1)]
	x := b.tags ^ ones*tag
	return b, (x - ones) & ^x & highs
}

// longest returns the longest match at i, where v stands, among the marked positions of the bucket: more
// than least bytes, and none after limit. Eight bytes follow i before limit.
func (b *farBucket) longest(buf []byte, i int, v, marks uint64, limit, least int) (length, dist int) {
	limit = min(limit, i+maxMatch)
	for ; marks != 0; marks &= marks - 1 {
		slot := uint(bits.TrailingZeros64(marks)) >> 3
		w := b.near
		if slot >= farWays/2 {
			w = b.far
		}
		d := int(uint16(i) - uint16(w>>(16*slot&63)))
		if d == 0 || d >= Window || d > i {
			continue
		}
		x := binary.LittleEndian.Uint64(buf[i-d:]) ^ v
		if x<<(64-8*farBytes) != 0 {
			continue
		}
		n := bits.TrailingZeros64(x) >> 3
		if x == 0 {
			n += common(buf, i-d+8, i+8, limit)
		}
		if n = min(n, limit-i); n > least {
			least, length, dist = n, n, d
		}
	}
	return length, dist
}
