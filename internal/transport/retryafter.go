package transport

import (
	"net/http"
	"strings"
	"time"
)

// maxRetryAfter caps what a server can ask for, so that sums with it cannot overflow. It is above
// every sensible budget.
const maxRetryAfter = 24 * time.Hour

// RetryAfter reads a Retry-After header (RFC 9110, 10.2.3), in seconds or as a date. Without one,
// with one that is not understood and with one in the past it is 0; it is 24 hours at most.
func RetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if seconds, ok := digits(value); ok {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, min(at.Sub(now), maxRetryAfter))
}

// digits reads a decimal number, saturating at a value far above maxRetryAfter.
func digits(s string) (int64, bool) {
	const most = 1 << 30
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int64(s[i]-'0'), most)
	}
	return n, true
}
