package index

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxFresh bounds how long a page goes unasked, whatever its server says.
const maxFresh = 24 * time.Hour

// caching is what the headers of an answer say about keeping it (RFC 9111), for a cache of one user.
type caching struct {
	store bool          // it may be kept
	fresh time.Duration // how long it may be used without asking, from now on
}

// cachingOf reads Cache-Control, Expires, Date and Age. Without a word about freshness there is
// none: a page that was published a minute ago is what users look for.
func cachingOf(h http.Header) caching {
	c := caching{store: true}
	explicit := false
	for _, line := range h.Values("Cache-Control") {
		for word := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
			switch strings.ToLower(name) {
			case "no-store":
				return caching{}
			case "no-cache":
				return caching{store: true}
			case "max-age":
				seconds, err := strconv.ParseUint(strings.Trim(value, `" `), 10, 31)
				if err != nil {
					return caching{store: true}
				}
				if !explicit {
					c.fresh, explicit = time.Duration(seconds)*time.Second, true
				}
			}
		}
	}
	if !explicit {
		expires, err := http.ParseTime(h.Get("Expires"))
		date, dateErr := http.ParseTime(h.Get("Date"))
		if err == nil && dateErr == nil {
			c.fresh = expires.Sub(date)
		}
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		c.fresh -= time.Duration(age) * time.Second
	}
	c.fresh = min(max(c.fresh, 0), maxFresh)
	return c
}
