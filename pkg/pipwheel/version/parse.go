package version

import (
	"fmt"
	"strings"
)

// Error says that a text is no version, specifier or set of specifiers.
type Error struct {
	Input string // as given
	Cause string
}

func (e *Error) Error() string { return fmt.Sprintf("%q: %s", e.Input, e.Cause) }

// Parse reads a version in any spelling that PEP 440 permits ("Normalization"): a leading v, surrounding white space,
// upper case, alpha, beta, c, pre, preview, rev and r, other separators, leading zeros, -N for .postN.
// The error is an [*Error].
func Parse(s string) (Version, error) {
	p, ok := scan(trimSpace(s))
	if !ok {
		return Version{}, &Error{Input: s, Cause: "not a version (PEP 440): want [N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]"}
	}
	return p.version(), nil
}

// scanned is where the parts of a version lie in its text; implied numbers are "0".
type scanned struct {
	epoch, release string
	pre, post, dev string // empty when there is none
	local          string
	rank           rank // of the pre-release, or 0
}

func scan(s string) (p scanned, ok bool) {
	if s != "" && s[0]|0x20 == 'v' {
		s = s[1:]
	}
	n := countDigits(s)
	if n > 0 && n < len(s) && s[n] == '!' {
		p.epoch, s = s[:n], s[n+1:]
		n = countDigits(s)
	}
	if n == 0 {
		return p, false
	}
	for n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		n += 1 + countDigits(s[n+1:])
	}
	p.release, s = s[:n], s[n:]
	if s == "" {
		return p, true
	}
	p.pre, p.rank, s = scanPre(s)
	p.post, s = scanPost(s)
	p.dev, s = scanWord(s, "dev")
	if s != "" && s[0] == '+' {
		p.local, s = s[1:], ""
		return p, validLocal(p.local)
	}
	return p, s == ""
}

func scanPre(s string) (number string, r rank, rest string) {
	t := skipSeparator(s)
	if t == "" {
		return "", 0, s
	}
	var words []string
	switch t[0] | 0x20 {
	case 'a':
		words, r = []string{"alpha", "a"}, rankAlpha
	case 'b':
		words, r = []string{"beta", "b"}, rankBeta
	case 'c':
		words, r = []string{"c"}, rankCandidate
	case 'p':
		words, r = []string{"preview", "pre"}, rankCandidate
	case 'r':
		words, r = []string{"rc"}, rankCandidate
	}
	if number, rest = scanWord(s, words...); number == "" {
		return "", 0, s
	}
	return number, r, rest
}

func scanPost(s string) (number, rest string) {
	if len(s) > 1 && s[0] == '-' && isDigit(s[1]) {
		n := 1 + countDigits(s[1:])
		return s[1:n], s[n:]
	}
	return scanWord(s, "post", "rev", "r")
}

// scanWord reads the first of words that fits, with the separators around it and the number after it.
func scanWord(s string, words ...string) (number, rest string) {
	t := skipSeparator(s)
	for _, w := range words {
		if len(t) >= len(w) && equalFold(t[:len(w)], w) {
			t = skipSeparator(t[len(w):])
			n := countDigits(t)
			if n == 0 {
				return "0", t
			}
			return t[:n], t[n:]
		}
	}
	return "", s
}

func skipSeparator(s string) string {
	if s != "" && isSeparator(s[0]) {
		return s[1:]
	}
	return s
}

func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' }

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func validLocal(s string) bool {
	gap := true // a separator, or the start, came before
	for i := range len(s) {
		switch {
		case isAlnum(s[i]):
			gap = false
		case gap || !isSeparator(s[i]):
			return false
		default:
			gap = true
		}
	}
	return !gap
}

// version packs what was scanned.
func (p scanned) version() Version {
	local := normalLocal(p.local)
	if p.epoch == "" {
		if v, ok := p.compact(); ok {
			if local != nil {
				v.ext = &extension{local: local}
			}
			return v
		}
	}
	w := public{epoch: trimZeros(p.epoch), rank: p.rank, pre: trimZeros(p.pre)}
	for n := range strings.SplitSeq(p.release, ".") {
		w.release = append(w.release, trimZeros(n))
	}
	if p.post != "" {
		w.post = trimZeros(p.post)
	}
	if p.dev != "" {
		w.dev = trimZeros(p.dev)
	}
	if w.rank == 0 {
		w.rank = rankFinal
	}
	return w.version(local)
}

func (p scanned) compact() (v Version, ok bool) {
	v = Version{rank: p.rank, dev: noDev}
	rest, more := p.release, true
	for more {
		var number string
		if v.n == width {
			return v, false
		}
		number, rest, more = strings.Cut(rest, ".")
		if v.release[v.n], ok = small(number); !ok {
			return v, false
		}
		v.n++
	}
	if v.pre, ok = small(p.pre); !ok {
		return v, false
	}
	if p.post != "" {
		if v.post, ok = small(p.post); !ok {
			return v, false
		}
		v.post++
	}
	if p.dev != "" {
		if v.dev, ok = small(p.dev); !ok {
			return v, false
		}
	}
	if v.rank == 0 {
		v.rank = plainRank(p.post != "", p.dev != "")
	}
	return v, true
}

func normalLocal(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 0x80 && isSeparator(byte(r)) })
	for i, part := range parts {
		if digits(part) {
			parts[i] = trimZeros(part)
		}
	}
	return parts
}
