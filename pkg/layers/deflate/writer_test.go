package deflate

import (
	"bytes"
	"testing"
)

// someTokens are tokens of all kinds, and a block's codes for them.
func someTokens(n int, seed uint32) (*blockCode, []token) {
	e := &Encoder{}
	t := &e.tokens
	next := func() int {
		seed = seed*1664525 + 1013904223
		return int(seed >> 8)
	}
	for range n {
		switch next() & 3 {
		case 0:
			t.match(matchToken(3+next()%256, 1+next()%Window))
		case 1:
			t.match(matchToken(258, 1+next()&3))
		default:
			t.literal(byte(next() & 0x5f))
		}
	}
	c := &e.code
	t.symbols(&e.freq)
	lengthsOf(e.freq[:], c.litLens[:numLit], 15)
	lengthsOf(t.distFreq[:numDist], c.distLens[:], 15)
	c.assign()
	return c, t.list()
}

// Both ways to write tokens give the same bits, whatever waits before them.
func TestWriteTokens(t *testing.T) {
	for n := range 400 {
		c, tokens := someTokens(n, uint32(n))
		one := writer{bits: uint64(n) & (1<<(n&7) - 1), n: uint64(n & 7)}
		other := one
		a, b := make([]byte, 6*n+16), make([]byte, 6*n+16)
		a, b = a[:one.tokens(a, c, tokens)], b[:other.tokensEach(b, c, tokens)]
		if !bytes.Equal(a, b) || one.bits != other.bits || one.n != other.n {
			t.Fatalf("%d tokens: %d bytes and %d bits wait, one by one %d and %d", n, len(a), one.n, len(b), other.n)
		}
	}
}

// Where there is no room, nothing is written beyond.
func TestWriteTokensWithoutRoom(t *testing.T) {
	c, tokens := someTokens(300, 1)
	for room := range 200 {
		all := make([]byte, room+64)
		out := all[:room:room]
		func() {
			defer func() {
				if recover() == nil {
					t.Fatalf("%d tokens fit into %d bytes", len(tokens), room)
				}
			}()
			(&writer{}).tokens(out, c, tokens)
		}()
		if !bytes.Equal(all[room:], make([]byte, 64)) {
			t.Fatalf("written beyond %d bytes", room)
		}
	}
}
