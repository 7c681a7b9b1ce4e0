package prefect

import (
	"strconv"
	"strings"
)

// olderThan reports whether the Prefect that wrote the file is older than a release. It is not known where the
// file names none, or one that is not precise enough to tell.
func (f *File) olderThan(release ...int) (older, known bool) {
	at, _, _ := strings.Cut(strings.TrimPrefix(f.PrefectVersion.Text, "v"), "+")
	parts := strings.Split(at, ".")
	for i, want := range release {
		if i == len(parts) {
			for _, rest := range release[i:] {
				if rest > 0 {
					return false, false // 3.6 may be 3.6.0 or 3.6.30
				}
			}
			return false, true
		}
		n, err := strconv.Atoi(parts[i][:leadingDigits(parts[i])])
		if err != nil {
			return false, false
		}
		if n != want {
			return n < want, true
		}
	}
	return false, true
}

// leadingDigits is the length of the number that a text begins with: 3.8.0rc1 counts as 3.8.0.
func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// writtenBefore is olderThan where it is known, and false else.
func (f *File) writtenBefore(release ...int) bool {
	older, known := f.olderThan(release...)
	return older && known
}
