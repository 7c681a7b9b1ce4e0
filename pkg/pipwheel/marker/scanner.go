package marker

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says that a text is no requirement or no marker.
type Error struct {
	Input  string // as given
	Offset int    // in bytes, where the reader stopped
	Cause  string
	Err    error // the error underneath, if there is one
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%q: at byte %d: %s", e.Input, e.Offset, e.Cause)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the error underneath.
func (e *Error) Unwrap() error { return e.Err }

// scanner walks over a requirement or marker. White space in them is blanks and tabs; line ends are not.
type scanner struct {
	s     string
	pos   int
	depth int // of parentheses
}

func (sc *scanner) fail(format string, args ...any) error {
	return &Error{Input: sc.s, Offset: sc.pos, Cause: fmt.Sprintf(format, args...)}
}

func (sc *scanner) rest() string { return sc.s[sc.pos:] }

func (sc *scanner) done() bool { return sc.pos == len(sc.s) }

// space skips white space and reports whether there was some.
func (sc *scanner) space() bool {
	start := sc.pos
	for !sc.done() && (sc.s[sc.pos] == ' ' || sc.s[sc.pos] == '\t') {
		sc.pos++
	}
	return sc.pos > start
}

// take skips c, if it comes next.
func (sc *scanner) take(c byte) bool {
	if !sc.done() && sc.s[sc.pos] == c {
		sc.pos++
		return true
	}
	return false
}

// word skips w, if it comes next as a whole word.
func (sc *scanner) word(w string) bool {
	if strings.HasPrefix(sc.rest(), w) && !wordAt(sc.s, sc.pos+len(w)) {
		sc.pos += len(w)
		return true
	}
	return false
}

// wordAt reports whether the character at i can continue a word.
func wordAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return i < len(s) && (r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r))
}

// identifier reads a name of a distribution or an extra, which begins and ends with an ASCII letter or digit.
func (sc *scanner) identifier() (string, bool) {
	end := sc.pos
	for i := sc.pos; i < len(sc.s); i++ {
		c := sc.s[i]
		if alnum(c) {
			end = i + 1
		} else if i == sc.pos || c != '.' && c != '_' && c != '-' {
			break
		}
	}
	if end == sc.pos || wordAt(sc.s, end) {
		return "", false
	}
	name := sc.s[sc.pos:end]
	sc.pos = end
	return name, true
}

func alnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
