package inflate

import "math/bits"

// A decoding table maps the next bits of the stream to an entry:
//
//	bits  0..5   how many bits the entry uses up, extra bits included
//	bits  8..11  length or distance: bits of the code alone; nothing that counts for a literal
//	bit  12      end of block
//	bit  13      points to a second table: its size in bits 8..11, its start in bits 16..31
//	bit  14      set if bit 12 or 13 is, and alone for codes that stand for nothing
//	bit  15      literal
//	bits 16..31  the literal, or the base of a length or distance
//
// Entries for two literals at once were tried: they do not pay, filling them in costs as much.
const (
	litBits  = 11
	distBits = 8
	preBits  = 7

	litMask  = 1<<litBits - 1
	distMask = 1<<distBits - 1

	flagEnd     = 1 << 12
	flagSub     = 1 << 13
	flagSpecial = 1 << 14
	flagLiteral = 1 << 15

	// A complete code of 288 symbols needs at most 2,342 entries with first tables of 11 bits,
	// one of 32 symbols at most 402 with 8 bits (zlib's examples/enough.c counts them).
	litEntries  = 2400
	distEntries = 416

	maxCode = 15
	numLit  = 288
	numDist = 32
	endSym  = 256
)

// symbols of length and distance codes (RFC 1951, section 3.2.5).
var (
	lengthBase  = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distBase    = [30]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distExtra   = [30]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}

	litEntry  = litSymbols()
	distEntry = distSymbols()
	preEntry  = preSymbols()
)

func litSymbols() (e [numLit]uint32) {
	for s := range uint32(256) {
		e[s] = flagLiteral | s<<16
	}
	e[endSym] = flagSpecial | flagEnd
	for s := range lengthBase {
		e[endSym+1+s] = uint32(lengthBase[s])<<16 | uint32(lengthExtra[s])
	}
	e[286], e[287] = flagSpecial, flagSpecial
	return e
}

func distSymbols() (e [numDist]uint32) {
	for s := range distBase {
		e[s] = uint32(distBase[s])<<16 | uint32(distExtra[s])
	}
	e[30], e[31] = flagSpecial, flagSpecial
	return e
}

func preSymbols() (e [19]uint32) {
	for s := range e {
		e[s] = uint32(s) << 16
	}
	return e
}

// build fills table, whose first part has 1<<tableBits entries, for the code with these
// lengths. A code of one symbol of one bit, and an empty one, are incomplete but allowed
// unless strict, as in zlib: their unused bit patterns decode to nothing.
func build(table []uint32, lens []uint8, entries []uint32, tableBits uint, strict bool) error {
	count := tally(lens)
	left, longest := int32(1), uint(0)
	for l := 1; l <= maxCode; l++ {
		left = left<<1 - int32(count[l])
		if left < 0 {
			return ErrCodes
		}
		if count[l] != 0 {
			longest = uint(l)
		}
	}
	if left > 0 && (strict || longest > 1) {
		return ErrCodes
	}
	if left > 0 {
		for i := range table[:1<<tableBits] {
			table[i] = flagSpecial
		}
		for s, l := range lens {
			if l == 1 {
				for i := 0; i < 1<<tableBits; i += 2 {
					table[i] = coded(entries[s], 1)
				}
			}
		}
		return nil
	}

	sorted, total := order(lens, &count)

	// Codes are handed out in order of length, bits reversed. The table holds 1<<size entries
	// so far and doubles with the length: copying is cheaper than filling with strides.
	size, length := uint(0), uint(1)
	code, next := uint32(0), 0 // the code as it is counted, its first bit highest
	table[0] = flagSpecial
	for ; length <= tableBits; length++ {
		copy(table[1<<size:2<<size], table[:1<<size])
		size++
		code <<= 1
		end := next + int(count[length])
		t := table[:1<<size]
		for _, s := range sorted[next:end] {
			t[bits.Reverse16(uint16(code))>>(16-length&15)] = coded(entries[s], uint32(length))
			code++
		}
		next = end
		if next == total {
			for ; size < tableBits; size++ {
				copy(table[1<<size:2<<size], table[:1<<size])
			}
			return nil
		}
	}
	code = uint32(bits.Reverse16(uint16(code)) >> (16 - tableBits))
	return buildSecond(table, entries, sorted[next:total], &count, code, tableBits)
}

// buildSecond adds second tables for the codes longer than tableBits, in order of length.
func buildSecond(table, entries []uint32, sorted []uint16, count *[maxCode + 1]uint16, code uint32, tableBits uint) error {
	length := tableBits + 1
	mask := uint32(1)<<tableBits - 1
	prefix, start, end := ^uint32(0), uint32(0), uint32(1)<<tableBits
	for _, s := range sorted {
		for count[length] == 0 {
			length++
		}
		if code&mask != prefix {
			prefix = code & mask
			start = end
			bits := length - tableBits
			for used := uint32(count[length]); used < 1<<bits && bits < maxCode-tableBits; {
				bits++
				used = used<<1 + uint32(count[tableBits+bits])
			}
			end = start + 1<<bits
			if int(end) > len(table) {
				return ErrCodes
			}
			table[prefix] = flagSpecial | flagSub | start<<16 | uint32(bits)<<8 | uint32(tableBits)
		}
		e := coded(entries[s], uint32(length-tableBits))
		for i := start + code>>tableBits; i < end; i += 1 << (length - tableBits) {
			table[i] = e
		}
		count[length]--
		code = successor(code, length)
	}
	return nil
}

// coded adds the length of a symbol's code to its entry, as a literal's too: a branch costs more.
func coded(entry, length uint32) uint32 { return entry + length<<8 + length }

// successor is the code after code, both of this length with their bits reversed; after the
// last one it is 0.
func successor(code uint32, length uint) uint32 {
	zeros := ^code & (1<<length - 1)
	if zeros == 0 {
		return 0
	}
	bit := uint32(1) << (bits.Len32(zeros) - 1)
	return code&(bit-1) | bit
}
