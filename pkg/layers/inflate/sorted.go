package inflate

import "encoding/binary"

// tally counts how many symbols have codes of each length. Many have none, mostly side by side: they
// are left out by eights.
func tally(lens []uint8) (count [maxCode + 1]uint16) {
	var odd [maxCode + 1]uint16
	for ; len(lens) >= 8; lens = lens[8:] {
		v := binary.LittleEndian.Uint64(lens)
		if v == 0 {
			continue
		}
		// Two sets of counters: the next symbol often has the same length, and waiting for the
		// counter just written is slow.
		for range 4 {
			count[v&maxCode]++
			odd[v>>8&maxCode]++
			v >>= 16
		}
	}
	for _, l := range lens {
		count[l&maxCode]++
	}
	for l, n := range odd {
		count[l] += n
	}
	count[0] = 0
	return count
}

// order sorts the symbols that have a code by its length, and says how many they are. Those without
// all go to the same place behind the others: a branch would be foreseen badly.
func order(lens []uint8, count *[maxCode + 1]uint16) (sorted [numLit + 1]uint16, total int) {
	var offset [maxCode + 1]uint16
	for l := 1; l < maxCode; l++ {
		offset[l+1] = offset[l] + count[l]
	}
	total = int(offset[maxCode] + count[maxCode])
	offset[0] = numLit
	s := uint16(0)
	for ; len(lens) >= 8; lens = lens[8:] {
		v := binary.LittleEndian.Uint64(lens)
		if v == 0 {
			s += 8
			continue
		}
		for range 8 {
			l := v & maxCode
			sorted[offset[l]] = s
			offset[l] += uint16((l + maxCode) >> 4)
			s++
			v >>= 8
		}
	}
	for _, l := range lens {
		l &= maxCode
		sorted[offset[l]] = s
		offset[l] += uint16((l + maxCode) >> 4)
		s++
	}
	return sorted, total
}
