package spec

import (
	"strconv"
	"time"
)

// maxEpoch is the last second of year 9999, the last that RFC 3339 can write.
const maxEpoch = 253402300799

// ParseEpoch reads SOURCE_DATE_EPOCH: whole seconds since 1970 (reproducible-builds.org
// specification). It returns the time as RFC 3339 has it; an empty value is no time.
func ParseEpoch(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	seconds, err := strconv.ParseUint(s, 10, 63)
	if err != nil || seconds > maxEpoch {
		return "", usage("SOURCE_DATE_EPOCH=%q: write whole seconds since 1970", s)
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339), nil
}
