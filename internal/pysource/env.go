package pysource

import (
	"cmp"
	"strconv"
	"strings"
)

// Env is the interpreter that will import a file. What it leaves out is not known, and conditions
// that depend on it are not decided.
type Env struct {
	Python         string // "3.11" or "3.11.7"
	Platform       string // sys.platform: "linux"
	Implementation string // sys.implementation.name: "cpython"
}

// version is the numbers that are known of a version of Python: none, two or three.
type version []int

// parseVersion reads "3.11" or "3.11.7rc1"; anything else is an unknown version.
func parseVersion(s string) version {
	var v version
	for part := range strings.SplitSeq(s, ".") {
		digits := len(part) - len(strings.TrimLeft(part, "0123456789"))
		n, err := strconv.Atoi(part[:digits])
		if err != nil || n > 1<<20 {
			break
		}
		v = append(v, n)
		if digits < len(part) || len(v) == 3 {
			break
		}
	}
	if len(v) < 2 {
		return nil
	}
	return v
}

// before reports whether it is known to be older than 3.minor.
func (v version) before(minor int) bool {
	return len(v) >= 2 && cmp.Or(cmp.Compare(v[0], 3), cmp.Compare(v[1], minor)) < 0
}
