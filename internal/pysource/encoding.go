package pysource

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const bom = "\xef\xbb\xbf"

// decode returns the source as UTF-8 with newlines only, as CPython's tokenizer sees it (PEP 263;
// "Encoding declarations", "Physical lines"). It returns src itself when nothing is to be changed.
func decode(file string, src []byte) ([]byte, error) {
	body, marked := bytes.CutPrefix(src, []byte(bom))
	declared := normalEncoding(cookie(body))
	switch {
	case marked && !fitsBOM(cookie(body)):
		return nil, &SyntaxError{file, 1, "encoding problem: " + cookie(body) + " with BOM"}
	case declared == "" || declared == "utf-8": // the scanner knows where bytes that are none may stand
	case declared == "ascii":
		for i, c := range body {
			if c >= utf8.RuneSelf {
				return nil, &SyntaxError{file, lineOf(body, i), "a byte that is not ASCII in a file that is declared as ASCII"}
			}
		}
	default:
		table := charmapOf(declared)
		if table == nil {
			return nil, &EncodingError{file, cookie(body)}
		}
		// A character map turns each byte into some rune and fails at none.
		body, _ = table.NewDecoder().Bytes(body)
	}
	if at := bytes.IndexByte(body, 0); at >= 0 {
		return nil, &SyntaxError{file, lineOf(body, at), "source code cannot contain null bytes"}
	}
	if bytes.IndexByte(body, '\r') >= 0 {
		body = bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
		body = bytes.ReplaceAll(body, []byte("\r"), []byte("\n"))
	}
	return body, nil
}

// fitsBOM reports whether a declared encoding may stand in a file with a byte order mark: CPython
// knows none of its own aliases there, but utf_8 and utf-8-anything.
func fitsBOM(declared string) bool {
	name := strings.ReplaceAll(strings.ToLower(declared), "_", "-")
	return name == "" || name == "utf-8" || strings.HasPrefix(name, "utf-8-")
}

// cookie returns the encoding that one of the first two lines declares, the second only when the
// first has nothing but a comment or nothing at all.
func cookie(src []byte) string {
	for range 2 {
		end := bytes.IndexAny(src, "\r\n")
		line := src
		if end >= 0 {
			line = src[:end]
		}
		line = bytes.TrimLeft(line, " \t\f")
		if len(line) > 0 && line[0] != '#' {
			return ""
		}
		if name := declaration(line); name != "" || end < 0 {
			return name
		}
		if bytes.HasPrefix(src[end:], []byte("\r\n")) {
			end++
		}
		src = src[end+1:]
	}
	return ""
}

// declaration finds coding[:=]\s*([-\w.]+) in a comment.
func declaration(line []byte) string {
	for {
		at := bytes.Index(line, []byte("coding"))
		if at < 0 {
			return ""
		}
		line = line[at+len("coding"):]
		if len(line) == 0 || line[0] != ':' && line[0] != '=' {
			continue
		}
		rest := bytes.TrimLeft(line[1:], " \t")
		end := 0
		for end < len(rest) && (isAlnum(rest[end]) || rest[end] == '-' || rest[end] == '.') {
			end++
		}
		if end > 0 {
			return string(rest[:end])
		}
	}
}

// normalEncoding folds the spellings that CPython folds, and a few of its codecs' aliases.
func normalEncoding(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	switch {
	case name == "utf-8", name == "utf8", name == "u8", name == "utf-8-sig", name == "cp65001", strings.HasPrefix(name, "utf-8-"):
		return "utf-8"
	case name == "latin-1", name == "iso-8859-1", name == "iso-latin-1", name == "latin1", name == "l1", name == "latin", name == "iso8859-1", name == "8859",
		strings.HasPrefix(name, "latin-1-"), strings.HasPrefix(name, "iso-8859-1-"), strings.HasPrefix(name, "iso-latin-1-"):
		return "iso-8859-1"
	case name == "us-ascii", name == "646":
		return "ascii"
	}
	name = strings.Replace(name, "iso8859-", "iso-8859-", 1)
	if number, ok := strings.CutPrefix(name, "windows-"); ok {
		name = "cp" + number
	}
	return name
}

// charmapOf returns the table of an encoding with one byte for each character.
func charmapOf(name string) *charmap.Charmap {
	switch name {
	case "iso-8859-1":
		return charmap.ISO8859_1
	case "iso-8859-2", "latin2":
		return charmap.ISO8859_2
	case "iso-8859-5":
		return charmap.ISO8859_5
	case "iso-8859-7":
		return charmap.ISO8859_7
	case "iso-8859-9", "latin5":
		return charmap.ISO8859_9
	case "iso-8859-15", "latin9":
		return charmap.ISO8859_15
	case "cp1250":
		return charmap.Windows1250
	case "cp1251":
		return charmap.Windows1251
	case "cp1252":
		return charmap.Windows1252
	case "cp437":
		return charmap.CodePage437
	case "cp850":
		return charmap.CodePage850
	case "koi8-r":
		return charmap.KOI8R
	case "koi8-u":
		return charmap.KOI8U
	}
	return nil
}

func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// lineOf returns the line that an offset lies in.
func lineOf(b []byte, at int) int { return 1 + bytes.Count(b[:at], []byte("\n")) }

func isAlnum(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
