package tagging

import (
	"errors"
	"fmt"
	"strings"
)

// expand writes a pattern's tag, or tells the first field that has no value outside brackets.
func expand(pattern string, value func(string) string) (tag, missing string, err error) {
	var b strings.Builder
	for pattern != "" {
		at := strings.IndexAny(pattern, "{}[]")
		if at < 0 {
			b.WriteString(pattern)
			break
		}
		b.WriteString(pattern[:at])
		mark, rest := pattern[at], pattern[at+1:]
		var inner string
		var closed bool
		switch mark {
		case '{':
			inner, pattern, closed = strings.Cut(rest, "}")
			if closed && value(inner) == "" && missing == "" {
				missing = inner
			}
			b.WriteString(value(inner))
		case '[':
			inner, pattern, closed = strings.Cut(rest, "]")
			if strings.Contains(inner, "[") {
				return "", "", errors.New("brackets inside brackets")
			}
			text, without, err := expand(inner, value)
			if err != nil {
				return "", "", err
			}
			if without == "" {
				b.WriteString(text)
			}
		}
		if !closed {
			return "", "", fmt.Errorf("%q without its other half", mark)
		}
	}
	return b.String(), missing, nil
}
