// Package distname spells names of distributions and extras.
//
// The rules are those of the packaging specification "Names and normalization" (PEP 503, PEP 685).
// Only ASCII letters are folded: no letter of another alphabet ever becomes an ASCII one.
//
// Most callers want [Normalize], to compare two names or to ask an index for one.
package distname

// Valid reports whether s is a valid name of a distribution or an extra: ASCII letters, digits,
// ".", "_" and "-", with a letter or digit at both ends (core metadata, "Name").
func Valid(s string) bool {
	if s == "" || !alnum(s[0]) || !alnum(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if !alnum(s[i]) && !separator(s[i]) {
			return false
		}
	}
	return true
}

// Normalize returns the name in the form in which names are compared and indexes are asked:
// ASCII lower case, every run of ".", "_" and "-" one "-" (PEP 503, "Normalized names").
// It does not check that s is [Valid]; it returns s itself when nothing changes.
func Normalize(s string) string { return spell(s, '-') }

// Escape returns the name as it stands in a file name: normalised, with "_" for "-"
// (binary distribution format, "Escaping and Unicode").
func Escape(s string) string { return spell(s, '_') }

// spell folds s, with sep for each run of separators.
func spell(s string, sep byte) string {
	i := 0
	for i < len(s) && settled(s, i, sep) {
		i++
	}
	if i == len(s) {
		return s
	}
	b := make([]byte, i, len(s))
	copy(b, s)
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case !separator(c):
			b = append(b, lower(c))
		case len(b) == 0 || b[len(b)-1] != sep:
			b = append(b, sep)
		}
	}
	return string(b)
}

// settled reports whether byte i of s, with everything before it settled, stays as it is.
func settled(s string, i int, sep byte) bool {
	if separator(s[i]) {
		return s[i] == sep && (i == 0 || s[i-1] != sep)
	}
	return lower(s[i]) == s[i]
}

func separator(c byte) bool { return c == '-' || c == '_' || c == '.' }

func alnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
