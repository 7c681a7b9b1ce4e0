package pysource

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// literal returns the value of a string literal ("String and Bytes literals"). It does not know
// bytes, f-strings, \N{NAME} and surrogates.
func literal(b []byte) (string, bool) {
	at := bytes.IndexAny(b, `"'`)
	if at < 0 {
		return "", false
	}
	raw := false
	for _, c := range b[:at] {
		switch c | 0x20 {
		case 'r':
			raw = true
		case 'u':
		default:
			return "", false
		}
	}
	size := 1
	if len(b) >= at+6 && b[at+1] == b[at] && b[at+2] == b[at] {
		size = 3
	}
	if len(b) < at+2*size {
		return "", false
	}
	s := string(b[at+size : len(b)-size])
	if raw || !strings.Contains(s, `\`) {
		return s, true
	}
	return unescape(s)
}

// unescape replaces escape sequences ("Escape sequences").
func unescape(s string) (string, bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 >= len(s) {
			b.WriteString(s)
			return b.String(), i < 0
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		digits, base := 0, 16
		switch c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'x':
			digits = 2
		case 'u':
			digits = 4
		case 'U':
			digits = 8
		case 'N':
			return "", false
		case '0', '1', '2', '3', '4', '5', '6', '7':
			s = string(c) + s
			base = 8
			for digits = 1; digits < 3 && digits < len(s) && s[digits] >= '0' && s[digits] <= '7'; digits++ {
			}
		default:
			if k := strings.IndexByte("abfnrtv", c); k >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v"[k])
			} else {
				b.WriteString(`\` + string(rune(c)))
			}
		}
		if digits == 0 {
			continue
		}
		if len(s) < digits {
			return "", false
		}
		r, err := strconv.ParseUint(s[:digits], base, 32)
		if err != nil || r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
			return "", false
		}
		b.WriteRune(rune(r))
		s = s[digits:]
	}
}
