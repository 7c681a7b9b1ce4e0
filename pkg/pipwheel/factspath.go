package pipwheel

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of paths, in bytes: strictzip's default, and what Linux holds.
const (
	maxName = 2048
	maxPart = 255
)

var (
	errPathTwice  = errors.New("the path comes twice")
	errPathFolder = errors.New("other files lie below this file")
	errPathShared = errors.New("shares more or less with the path before than it says")
)

// pathSpan is a path in the text of all paths: where it ends, and how much of the path before it
// was said to share.
type pathSpan struct{ end, common int }

// named gives the files their paths, which lie one after the other in text.
func (r *factsReader) named(list []member, spans []pathSpan, text string) []member {
	seen := make(seenPaths, len(list)+len(list)/4)
	before, start := "", 0
	for i, s := range spans {
		r.line++
		path := text[start:s.end]
		common := shared(before, path)
		err := errPathShared
		if common == s.common {
			err = seen.add(path, common)
		}
		if err != nil {
			r.fail(fmt.Errorf("%q: %w", clip(path), err))
			return nil
		}
		list[i].name = path
		before, start = path, s.end
	}
	return list
}

// seenPaths refuses files that no archive could have been opened with: paths that are not clean
// and relative, that come twice in Unicode's normal form, that lie below another file. It has
// true for a file, false for a folder.
type seenPaths map[string]bool

// add takes a file whose first common bytes are those of the path before.
func (s seenPaths) add(path string, common int) error {
	from := strings.LastIndexByte(path[:common], '/') + 1 // folders before have been seen
	if err := checkPath(path, from); err != nil {
		return err
	}
	if !isASCII(path) {
		path, from = norm.NFC.String(path), 0
	}
	for i := from; i < len(path); i++ {
		if path[i] != '/' {
			continue
		}
		if s[path[:i]] {
			return errPathFolder
		}
		s[path[:i]] = false
	}
	switch file, ok := s[path]; {
	case file:
		return errPathTwice
	case ok:
		return errPathFolder
	}
	s[path] = true
	return nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// checkPath refuses what is no clean, relative, slash-separated path of printable characters.
// What lies before from, whole parts, has been checked.
func checkPath(name string, from int) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%d bytes that are no path", len(name))
	}
	if len(name) > 1 && name[1] == ':' && unicode.IsLetter(rune(name[0])) {
		return errors.New("a drive letter")
	}
	for i := from; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		if err := checkPart(name[from:i]); err != nil {
			return err
		}
		from = i + 1
	}
	return nil
}

// checkPart refuses a part of a path.
func checkPart(part string) error {
	if part == "" || part == "." || part == ".." || len(part) > maxPart || strings.HasPrefix(part, whiteout) {
		return fmt.Errorf("the part %q", clip(part))
	}
	ascii := true
	for i := range len(part) {
		switch c := part[i]; {
		case c == '\\' || c < ' ' || c == 0x7f:
			return fmt.Errorf("the character %U", c)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if ascii {
		return nil
	}
	if !utf8.ValidString(part) {
		return fmt.Errorf("the part %q", clip(part))
	}
	for _, c := range part {
		if c >= utf8.RuneSelf && unicode.In(c, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
			return fmt.Errorf("the character %U", c)
		}
	}
	return nil
}
