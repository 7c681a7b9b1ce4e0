package measure

import (
	"slices"
	"time"
)

// Median is the middle of values, or the mean of the two in the middle. Without values it is 0.
func Median[T ~int64](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return sorted[middle-1] + (sorted[middle]-sorted[middle-1])/2
}

// Median takes the median of each figure on its own; ok is false where nothing was measured.
func (s Series) Median(contender, step string) (r Result, ok bool) {
	var user, wall []time.Duration
	var size []int64
	for _, r := range s[Key{contender, step}] {
		user, wall, size = append(user, r.User), append(wall, r.Wall), append(size, r.Size)
	}
	return Result{Median(user), Median(wall), Median(size)}, len(user) > 0
}
