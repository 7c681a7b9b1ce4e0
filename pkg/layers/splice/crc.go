package splice

// CRC-32 as a polynomial over GF(2), bits reversed: bit 31 is the coefficient of x^0.
const polynomial = 0xedb88320

// powers holds x^(2^k) modulo the polynomial. The exponents repeat: x^(2^32) is x again.
var powers = func() (p [32]uint32) {
	p[0] = 1 << 30
	for k := 1; k < len(p); k++ {
		p[k] = times(p[k-1], p[k-1])
	}
	return p
}()

// times multiplies modulo the polynomial.
func times(a, b uint32) (product uint32) {
	for ; a != 0; a <<= 1 {
		product ^= b & -(a >> 31)
		b = b>>1 ^ polynomial&-(b&1)
	}
	return product
}

// combine returns the CRC-32 of bytes whose first part has the CRC-32 a, and whose second part
// has b and is n bytes long: the first is shifted by n bytes, and the two are added.
func combine(a, b uint32, n int64) uint32 {
	shift := uint32(1) << 31 // x^0
	for k := 3; n > 0; k, n = k+1, n>>1 {
		if n&1 != 0 {
			shift = times(powers[k&31], shift)
		}
	}
	return times(shift, a) ^ b
}
