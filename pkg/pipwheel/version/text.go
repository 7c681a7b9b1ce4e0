package version

import (
	"strconv"
	"strings"
	"unicode"
)

// String returns the normal form (PEP 440, "Normalization"), release numbers as many as were written; nothing for the zero value.
func (v Version) String() string {
	var buf [64]byte
	return string(v.append(buf[:0], false))
}

// Canonical returns the normal form without trailing zero release numbers: versions are equal exactly if their canonical forms are.
func (v Version) Canonical() string {
	var buf [64]byte
	return string(v.append(buf[:0], true))
}

// MarshalText returns the normal form.
func (v Version) MarshalText() ([]byte, error) { return v.append(nil, false), nil }

// UnmarshalText is [Parse]; an empty text is the zero value.
func (v *Version) UnmarshalText(text []byte) error {
	*v = Version{}
	if len(text) == 0 {
		return nil
	}
	parsed, err := Parse(string(text))
	if err == nil {
		*v = parsed
	}
	return err
}

func (v Version) append(b []byte, trim bool) []byte {
	if v.IsZero() {
		return b
	}
	if w := v.wide(); w != nil {
		b = w.append(b, trim)
	} else {
		b = v.appendCompact(b, trim)
	}
	for i, part := range v.local() {
		b = append(b, "+."[min(i, 1)])
		b = append(b, part...)
	}
	return b
}

func (v Version) appendCompact(b []byte, trim bool) []byte {
	n := int(v.n)
	for trim && n > 1 && v.release[n-1] == 0 {
		n--
	}
	for i := range n {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(v.release[i]), 10)
	}
	if phase := v.rank.letters(); phase != "" {
		b = append(b, phase...)
		b = strconv.AppendUint(b, uint64(v.pre), 10)
	}
	if v.post > 0 {
		b = append(b, ".post"...)
		b = strconv.AppendUint(b, uint64(v.post-1), 10)
	}
	if v.dev != noDev {
		b = append(b, ".dev"...)
		b = strconv.AppendUint(b, uint64(v.dev), 10)
	}
	return b
}

func (p *public) append(b []byte, trim bool) []byte {
	release := p.release
	for trim && len(release) > 1 && release[len(release)-1] == "0" {
		release = release[:len(release)-1]
	}
	if p.epoch != "0" {
		b = append(b, p.epoch...)
		b = append(b, '!')
	}
	b = append(b, strings.Join(release, ".")...)
	if phase := p.rank.letters(); phase != "" {
		b = append(b, phase...)
		b = append(b, p.pre...)
	}
	if p.post != "" {
		b = append(b, ".post"...)
		b = append(b, p.post...)
	}
	if p.dev != "" {
		b = append(b, ".dev"...)
		b = append(b, p.dev...)
	}
	return b
}

// letters are those of a pre-release segment.
func (r rank) letters() string {
	switch r {
	case rankAlpha:
		return "a"
	case rankBeta:
		return "b"
	case rankCandidate:
		return "rc"
	}
	return ""
}

// IsSpace reports whether Python's str.strip removes r: Unicode's white space and the four separators of ASCII.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

func trimSpace(s string) string {
	if s == "" || plain(s[0]) && plain(s[len(s)-1]) {
		return s
	}
	return strings.TrimFunc(s, IsSpace)
}

// plain reports whether a byte at an end of a text cannot belong to white space.
func plain(c byte) bool { return c > ' ' && c < 0x80 }

// equalFold reports whether two texts differ at most in the case of ASCII letters.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
