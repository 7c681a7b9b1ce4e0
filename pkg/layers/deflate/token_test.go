package deflate

import "testing"

// A token says what it was made from.
func TestToken(t *testing.T) {
	for length := 3; length <= maxMatch; length++ {
		for _, dist := range []int{1, 2, 4, 5, 257, 1 << 14, Window - 1, Window} {
			m := matchToken(length, dist)
			if int(m.unit()) != 256+length-3 {
				t.Fatalf("length %d: unit %d", length, m.unit())
			}
			sym, extra := distSym(uint32(dist - 1))
			if m.distSymbol() != sym || m.distExtra() != extra {
				t.Fatalf("distance %d: symbol %d, extra %d", dist, m.distSymbol(), m.distExtra())
			}
		}
	}
	for b := range 256 {
		if m := literalToken(byte(b)); int(m.unit()) != b || m.distSymbol() != noDist || m.distExtra() != 0 {
			t.Fatalf("literal %d: %#x", b, m)
		}
	}
}

// Literals that can be taken back leave nothing behind, and a full block is closed for what comes next.
func TestTokens(t *testing.T) {
	var k tokens
	k.literal('a')
	k.literal('b')
	k.drop()
	k.match(matchToken(5, 1))
	k.drop()
	k.match(matchToken(10, 300))
	if k.n != 2 || k.unitFreq['a'] != 1 || k.unitFreq['b'] != 0 || k.unitFreq[256+5-3] != 0 || k.distFreq[0] != 0 || k.list()[1] != matchToken(10, 300) {
		t.Errorf("%d tokens, %v", k.n, k.list())
	}
	k.reset()
	if k != (tokens{all: k.all}) {
		t.Error("something is left")
	}
	var e Encoder
	p := make([]byte, 5*blockSymbols)
	seed := uint32(1)
	for i := range p {
		seed = seed*1664525 + 1013904223
		p[i] = byte(seed >> 29)
	}
	for _, n := range []int{blockSymbols - 1, blockSymbols, blockSymbols + 1, len(p)} {
		if _, err := e.Encode(nil, p[:n], 0, -1, []Part{{Len: n, Kind: Parsed}}); err != nil {
			t.Errorf("%d literals: %v", n, err)
		}
	}
}
