package inflate_test

import (
	"bytes"
	"fmt"
	"testing"
)

// longestCodes are codes whose symbols need most bits: literals of 11 and 15 bits, lengths of 11 and
// 15 with 5 extra bits, a distance of 15 with 13. The other codes make them complete.
func longestCodes() (lits, dists []int) {
	lits, dists = make([]int, 286), make([]int, 30)
	for l := 1; l <= 9; l++ {
		lits['0'+l] = l
	}
	lits['a'], lits['b'], lits[281] = 11, 11, 11
	lits['c'], lits[256], lits['e'] = 12, 13, 14
	lits['d'], lits[282] = 15, 15
	for l := 1; l <= 14; l++ {
		dists[l] = l
	}
	dists[0], dists[29] = 15, 15
	return lits, dists
}

// Whatever the order of long codes is, and the bit they begin at, bits do not run out.
func TestLoopsAgreeOnLongestCodes(t *testing.T) {
	p := newPair(t)
	history := noise(33000, 1)
	lits, dists := longestCodes()
	codes, distCodes := canonical(lits), canonical(dists)
	pre := map[int]int{}
	for l := range 16 {
		pre[l] = 4
	}
	header := dynamicHeader(len(lits), len(dists), pre)
	for _, l := range append(lits, dists...) {
		header.code(l, 4)
	}
	symbols := [4]int{'a', 'd', 281, 282}
	for k := range 8 * 256 {
		b := &bits{bytes.Clone(header.p), header.n}
		var want []byte
		want = append(want, history...)
		for range k & 7 { // one bit each
			b.code(codes['1'], lits['1'])
			want = append(want, '1')
		}
		for turn := range 12 {
			s := symbols[k>>3>>(turn&3*2)&3]
			b.code(codes[s], lits[s])
			if s < 256 {
				want = append(want, byte(s))
				continue
			}
			extra, back := (k+turn*7)&31, 8191-(k*67+turn*997)&8191
			b.put(extra, 5).code(distCodes[29], dists[29]).put(back, 13)
			for range 131 + (s-281)*32 + extra {
				want = append(want, want[len(want)-24577-back])
			}
		}
		b.code(codes[256], lits[256])
		want = want[len(history):]
		got := p.compare(t, fmt.Sprintf("stream %d", k), history, b.p, len(want))
		if got.err != "" || !bytes.Equal(got.out[len(history):], want) {
			t.Fatalf("stream %d: %v", k, got)
		}
	}
}
