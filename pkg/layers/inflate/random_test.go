package inflate_test

import (
	"math/rand/v2"
	"slices"
)

// randomStream makes a last block with random codes and n things after it: either random bytes, or
// symbols that are all as likely, so that long codes meet. Then want is how many bytes they are.
func randomStream(r *rand.Rand, n int) (c []byte, want int) {
	// Lengths 0 to 15 are sent as they are, in four bits each.
	pre := map[int]int{}
	for l := range 16 {
		pre[l] = 4
	}
	nlit, ndist := 257+r.IntN(30), 1+r.IntN(30)
	// Codes of up to 11 bits need no second table, so that nothing is refilled between them.
	lens := randomCode(r, nlit, 2+r.IntN(nlit-1), 11+r.IntN(2)*4)
	// The end of the block gets one of the longest codes: else it comes too soon.
	longest := slices.Index(lens, slices.Max(lens))
	lens[256], lens[longest] = lens[longest], lens[256]
	dists := randomCode(r, ndist, min(ndist, 1+r.IntN(30)), 15)
	b := dynamicHeader(nlit, ndist, pre)
	for _, l := range slices.Concat(lens, dists) {
		b.code(l, 4)
	}
	if r.IntN(2) == 0 {
		for range n {
			b.put(r.IntN(256), 8)
		}
		return b.p, r.IntN(20000)
	}
	codes, distCodes := canonical(lens), canonical(dists)
	for range n {
		length := 1
		if s := b.symbol(r, lens, codes); s > 256 {
			// RFC 1951, section 3.2.5: four lengths for each number of extra bits, two distances.
			length = s - 254
			if extra := (s - 261) / 4; s == 285 {
				length = 258
			} else if extra > 0 {
				v := r.IntN(1 << extra)
				b.put(v, extra)
				length = 3 + (4+(s-261)%4)<<extra + v
			}
			if d := b.symbol(r, dists, distCodes); d > 3 {
				b.put(r.IntN(1<<(d/2-1)), d/2-1)
			}
		} else if s == 256 {
			return b.p, want
		}
		want += length
	}
	b.code(codes[256], lens[256])
	return b.p, want
}

// symbol appends the code of a random symbol, mostly of a long one and seldom of the block's end.
func (b *bits) symbol(r *rand.Rand, lens, codes []int) int {
	best := -1
	for tries := r.IntN(4); best < 0 || tries >= 0; tries-- {
		s := r.IntN(len(lens))
		if lens[s] > 0 && (s != 256 || r.IntN(50) == 0) && (best < 0 || lens[s] > lens[best]) {
			best = s
		}
	}
	b.code(codes[best], lens[best])
	return best
}

// canonical returns the codes with these lengths, as section 3.2.2 makes them.
func canonical(lens []int) []int {
	codes := make([]int, len(lens))
	code := 0
	for l := 1; l <= 15; l++ {
		for s := range lens {
			if lens[s] == l {
				codes[s] = code
				code++
			}
		}
		code <<= 1
	}
	return codes
}

// randomCode makes the lengths of a complete code of used of n symbols, none longer than deepest bits. If
// only one is used the code is incomplete, of one bit.
func randomCode(r *rand.Rand, n, used, deepest int) []int {
	leaves := []int{1, 1}
	if used == 1 {
		leaves = leaves[:1]
	}
	skew := r.IntN(3)
	for len(leaves) < used {
		i := r.IntN(len(leaves))
		if skew > 0 && r.IntN(4) > 0 {
			i = len(leaves) - 1 - r.IntN(min(len(leaves), 4)) // those made last are long
		}
		if leaves[i] == deepest {
			i = slices.IndexFunc(leaves, func(l int) bool { return l < deepest })
		}
		leaves[i]++
		leaves = append(leaves, leaves[i])
	}
	lens := make([]int, n)
	for k, s := range r.Perm(n)[:used] {
		lens[s] = leaves[k]
	}
	return lens
}
