package deflate

import "slices"

// lengthsOf sets lens to the lengths of a prefix code for these frequencies, none above
// limit; symbols of frequency 0 get none. Fewer than two used symbols are made up to two,
// since some decoders refuse an incomplete code. Frequencies sum up to less than 1<<23.
func lengthsOf(freq []uint32, lens []uint8, limit int) {
	var keys [288]uint32 // frequency and symbol: unique, so any sort gives one order
	n := 0
	for s, f := range freq {
		lens[s] = 0
		if f > 0 {
			keys[n] = f<<9 | uint32(s)
			n++
		}
	}
	for s := uint32(0); n < 2; s++ {
		if freq[s] == 0 {
			keys[n] = 1<<9 | s
			n++
		}
	}
	slices.Sort(keys[:n])

	// Nodes 0..n-1 are the symbols, those after are made in order of weight, so the two
	// lightest are at the front of one of the two queues.
	var weight [2 * 288]uint32
	var parent [2 * 288]uint16
	for i, k := range keys[:n] {
		weight[i] = k >> 9
	}
	leaf, inner := 0, n
	for node := n; node < 2*n-1; node++ {
		for range 2 {
			light := inner
			if inner == node || leaf < n && weight[leaf] <= weight[inner] {
				light = leaf
				leaf++
			} else {
				inner++
			}
			weight[node] += weight[light]
			parent[light] = uint16(node)
		}
	}

	var depth [2 * 288]uint8
	var count [16]int
	used := 0 // of the code space, in units of the longest code
	for i := 2*n - 3; i >= 0; i-- {
		depth[i] = depth[parent[i]] + 1
		if i < n {
			l := min(int(depth[i]), limit)
			count[l]++
			used += 1 << (limit - l)
		}
	}
	// Codes that were cut short use too much: each turn lengthens one shorter code and hangs
	// one of the longest beside it, which frees one unit.
	for ; used > 1<<limit; used-- {
		count[limit]--
		for l := limit - 1; ; l-- {
			if count[l] > 0 {
				count[l]--
				count[l+1] += 2
				break
			}
		}
	}
	i := 0
	for l := limit; l > 0; l-- {
		for range count[l] {
			lens[keys[i]&511] = uint8(l)
			i++
		}
	}
}

// codesOf sets codes to the canonical code of these lengths (RFC 1951, section 3.2.2), bits
// reversed, as they are written.
func codesOf(lens []uint8, codes []uint16) {
	var count, next [17]uint16
	for _, l := range lens {
		count[l]++
	}
	count[0] = 0
	for l := 1; l < 16; l++ {
		next[l+1] = (next[l] + count[l]) << 1
	}
	for s, l := range lens {
		if l == 0 {
			continue
		}
		codes[s] = reversed(next[l], l)
		next[l]++
	}
}
