package tag

import (
	"cmp"
	"strings"
)

// CompareBuild orders build tags (PEP 427): by the number they begin with, however long, then by
// the rest as text; none comes first. It is negative, zero or positive as a is lower than, equal to or higher than b.
func CompareBuild(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b))
	}
	numA, restA := splitBuild(a)
	numB, restB := splitBuild(b)
	return cmp.Or(cmp.Compare(len(numA), len(numB)), strings.Compare(numA, numB), strings.Compare(restA, restB))
}

// splitBuild cuts the number off, without leading zeros.
func splitBuild(s string) (number, rest string) {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return strings.TrimLeft(s[:n], "0"), s[n:]
}
