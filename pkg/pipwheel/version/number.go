package version

import (
	"math"
	"strings"
)

// A number of a wide version is its decimal digits without leading zeros ("0" for zero), so that it can have any length.

// trimZeros returns the digits s as a number.
func trimZeros(s string) string {
	s = strings.TrimLeft(s, "0")
	if s == "" {
		return "0"
	}
	return s
}

// compareNumbers orders two numbers.
func compareNumbers(a, b string) int {
	if len(a) != len(b) {
		if len(a) < len(b) {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

// increment returns the number after s.
func increment(s string) string {
	b := []byte(s)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != '9' {
			b[i]++
			return string(b)
		}
		b[i] = '0'
	}
	return "1" + string(b)
}

// small returns the value of the digits s if it is below 2^32 - 1: the compact form of a version keeps that last value, and
// one above it, for itself.
func small(s string) (uint32, bool) {
	var n uint64
	for i := range len(s) {
		n = n*10 + uint64(s[i]-'0')
		if n >= math.MaxUint32 {
			return 0, false
		}
	}
	return uint32(n), true
}

func digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
