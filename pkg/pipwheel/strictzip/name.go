package strictzip

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isPlain says that a name is printable ASCII without backslashes, as nearly all are.
func isPlain(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

// checkName accepts a name that every system reads as the same relative path; plain is what isPlain
// says of it, utf8Flag the header's bit 11. Unassigned code points are not refused: which they are
// depends on the Unicode version.
func checkName(name string, plain, utf8Flag bool, max int) *Error {
	if name == "" {
		return refuse(NamePath, "", "an entry has no name")
	}
	if len(name) > max {
		return refuse(NameLength, name, "the name has %d bytes, the limit is %d", len(name), max)
	}
	if plain {
		return checkPath(name)
	}
	if !utf8.ValidString(name) {
		return refuse(NameEncoding, name, "the name is not UTF-8")
	}
	ascii := true
	for _, r := range name {
		switch {
		case r == '\\':
			return refuse(NamePath, name, "the name holds a backslash")
		case r < utf8.RuneSelf:
			if r < ' ' || r == 0x7f {
				return refuse(NameCharacter, name, "the name holds the control character %U", r)
			}
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
			return refuse(NameCharacter, name, "the name holds the control character %U", r)
		default:
			ascii = false
		}
	}
	if !ascii && !utf8Flag {
		// Readers would decode it as code page 437 and see another name.
		return refuse(NameEncoding, name, "the name is not ASCII and lacks the UTF-8 flag")
	}
	return checkPath(name)
}

func checkPath(name string) *Error {
	if name[0] == '/' {
		return refuse(NamePath, name, "the name is an absolute path")
	}
	if len(name) > 1 && name[1] == ':' && unicode.IsLetter(rune(name[0])) {
		return refuse(NamePath, name, "the name begins with a drive letter")
	}
	rest, more := strings.TrimSuffix(name, "/"), true
	for more {
		var part string
		part, rest, more = strings.Cut(rest, "/")
		switch {
		case part == "" || part == "." || part == "..":
			return refuse(NamePath, name, "the name has the component %q", part)
		case len(part) > 255:
			return refuse(NameLength, name, "a component of the name has %d bytes, the limit is 255", len(part))
		}
	}
	return nil
}
