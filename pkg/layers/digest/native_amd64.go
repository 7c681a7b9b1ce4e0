//go:build !purego

package digest

import "encoding/binary"

// native is a digest by the SHA extensions. The zero value is an empty one.
type native struct {
	state  state
	block  [BlockSize]byte // its first length%BlockSize bytes wait for the rest of their block
	length uint64          // bytes written
}

// state is the hash value H(i) of FIPS 180-4, 6.2 in the order in which SHA256RNDS2 takes
// it: f, e, b, a, h, g, d, c.
type state [8]uint32

// initial is H(0) of FIPS 180-4, 5.3.3.
func initial() state {
	return state{0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667, 0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372}
}

// blocks advances s by the whole message blocks of p. What follows the last one is ignored.
//
//go:noescape
func blocks(s *state, p []byte)

// blocksBoth does what blocks does to a and to b, which must not be the same.
//
//go:noescape
func blocksBoth(a, b *state, p []byte)

func (d *native) reset() { d.length = 0 }

// begin counts n bytes that are about to be added and returns how many wait in the block.
func (d *native) begin(n int) int {
	if d.length == 0 {
		d.state = initial()
	}
	waiting := int(d.length % BlockSize)
	d.length += uint64(n)
	return waiting
}

func (d *native) write(p []byte) {
	if waiting := d.begin(len(p)); waiting > 0 {
		n := copy(d.block[waiting:], p)
		if waiting+n < BlockSize {
			return
		}
		blocks(&d.state, d.block[:])
		p = p[n:]
	}
	if len(p) >= BlockSize {
		blocks(&d.state, p)
	}
	copy(d.block[:], p[len(p)&^(BlockSize-1):])
}

// writeNative adds p to a and to b, together if they are at the same place of a block.
func writeNative(a, b *native, p []byte) {
	if a == b || a.length%BlockSize != b.length%BlockSize {
		a.write(p)
		b.write(p)
		return
	}
	b.begin(len(p))
	if waiting := a.begin(len(p)); waiting > 0 {
		n := copy(a.block[waiting:], p)
		copy(b.block[waiting:], p)
		if waiting+n < BlockSize {
			return
		}
		if a.block == b.block {
			blocksBoth(&a.state, &b.state, a.block[:])
		} else { // they began apart
			blocks(&a.state, a.block[:])
			blocks(&b.state, b.block[:])
		}
		p = p[n:]
	}
	if len(p) >= BlockSize {
		blocksBoth(&a.state, &b.state, p)
	}
	rest := p[len(p)&^(BlockSize-1):]
	copy(a.block[:], rest)
	copy(b.block[:], rest)
}

// sum pads as FIPS 180-4, 5.1.1 says: a bit 1, zeros, and the length in bits.
func (d *native) sum() [Size]byte {
	s := d.state
	if d.length == 0 {
		s = initial()
	}
	var last [2 * BlockSize]byte
	waiting := copy(last[:], d.block[:d.length%BlockSize])
	last[waiting] = 0x80
	end := BlockSize
	if waiting+1+8 > BlockSize {
		end = 2 * BlockSize
	}
	binary.BigEndian.PutUint64(last[end-8:], d.length*8)
	blocks(&s, last[:end])

	var sum [Size]byte
	for i, from := range [...]int{3, 2, 7, 6, 1, 0, 5, 4} { // a to h
		binary.BigEndian.PutUint32(sum[4*i:], s[from])
	}
	return sum
}
