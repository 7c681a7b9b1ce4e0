package requirement

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// line is one logical line: continuations joined, comment removed, no white space around it.
type line struct {
	number int // of its first physical line, from 1
	text   string
}

// logicalLines does what pip does, in pip's order: a line that ends in a backslash goes on in the next, a
// comment line ends it nevertheless, and only then comments go. (So "a \" before "# c" is "a".)
func logicalLines(text string) []line {
	var out []line
	var joined strings.Builder
	first := 0
	for i, s := range splitLines(text) {
		comment := startsComment(s)
		if strings.HasSuffix(s, `\`) && !comment {
			if first == 0 {
				first = i + 1
			}
			// Backslashes go at both ends: so pip does, and the rest of a Windows path depends on it.
			joined.WriteString(strings.Trim(s, `\`))
			continue
		}
		if comment {
			s = " " + s
		}
		number := i + 1
		if first != 0 {
			s, number = joined.String()+s, first
			joined.Reset()
			first = 0
		}
		out = append(out, line{number, s})
	}
	if first != 0 {
		out = append(out, line{first, joined.String()})
	}
	return uncomment(out)
}

func uncomment(lines []line) []line {
	kept := lines[:0]
	for _, l := range lines {
		if l.text = strings.TrimFunc(cutComment(l.text), version.IsSpace); l.text != "" {
			kept = append(kept, l)
		}
	}
	return kept
}

// cutComment removes a comment: "#" at the start or after white space.
func cutComment(s string) string {
	space := 0 // where the white space before i began
	for i, r := range s {
		if r == '#' && (i == 0 || space < i) {
			return s[:space]
		}
		if !version.IsSpace(r) {
			space = i + len(string(r))
		}
	}
	return s
}

func startsComment(s string) bool {
	return strings.HasPrefix(strings.TrimLeftFunc(s, version.IsSpace), "#")
}

// splitLines splits where Python's str.splitlines does.
func splitLines(text string) []string {
	var out []string
	start := 0
	for i, r := range text {
		if i < start {
			continue // the second half of \r\n
		}
		switch r {
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			out = append(out, text[start:i])
			start = i + len(string(r))
		case '\r':
			out = append(out, text[start:i])
			start = i + 1
			if strings.HasPrefix(text[start:], "\n") {
				start++
			}
		}
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}
