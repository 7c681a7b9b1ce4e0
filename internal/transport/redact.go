package transport

import (
	"fmt"
	"net/url"
	"strings"
)

// Error is a request that got no answer. Its text names the method and the redacted URL.
type Error struct {
	Method string
	URL    string // redacted
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("%s %s: %v", e.Method, e.URL, e.Err) }

// Unwrap returns the error underneath.
func (e *Error) Unwrap() error { return e.Err }

// Redact writes a URL without what could be a secret: user and password go, and every query value
// but those the distribution protocol is known to carry in the open.
func Redact(u *url.URL) string {
	if u == nil {
		return ""
	}
	var b strings.Builder
	if u.Scheme != "" {
		b.WriteString(u.Scheme + ":")
	}
	if u.Host != "" {
		b.WriteString("//" + u.Host)
	}
	b.WriteString(u.EscapedPath())
	sep := byte('?')
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		key, value, paired := strings.Cut(pair, "=")
		if pair == "" {
			continue
		}
		b.WriteByte(sep)
		sep = '&'
		switch {
		case !paired || len(key) > 32: // a bare token, not a name
			b.WriteString("…")
		case key == "digest" || key == "mount" || key == "from":
			b.WriteString(key + "=" + value)
		default:
			b.WriteString(key + "=…")
		}
	}
	return b.String()
}
