package pipwheel

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Header holds the header fields of METADATA and WHEEL: lower-case names, values in the
// order of the file (core metadata specification; binary distribution format).
type Header map[string][]string

// Get returns the first value of a field, as installers do where a field is repeated, or "".
func (h Header) Get(field string) string {
	if v := h[strings.ToLower(field)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// maxHeader bounds the header part of a metadata file, in bytes.
const maxHeader = 4 << 20

// ReadHeader reads fields up to the first empty line; what follows is the description and is
// not read. Folded lines are joined with one newline, as email headers are (RFC 5322,
// "Long Header Fields"). Lines that are no field are an error.
func ReadHeader(r io.Reader) (Header, error) {
	h := Header{}
	last := ""
	scan := bufio.NewScanner(io.LimitReader(r, maxHeader))
	scan.Buffer(make([]byte, 0, 64<<10), maxHeader)
	for first := true; scan.Scan(); first = false {
		line := bytes.TrimSuffix(scan.Bytes(), []byte("\r"))
		if first {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if len(line) == 0 {
			return h, nil
		}
		if !utf8.Valid(line) {
			return nil, fmt.Errorf("a header line is not UTF-8: %q", clip(string(line)))
		}
		text := string(line)
		if text[0] == ' ' || text[0] == '\t' {
			if last == "" {
				return nil, fmt.Errorf("a continuation comes before any field: %q", clip(text))
			}
			values := h[last]
			values[len(values)-1] += "\n" + strings.TrimSpace(text)
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("not a header line: %q", clip(text))
		}
		last = strings.ToLower(name)
		h[last] = append(h[last], strings.TrimSpace(value))
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("reading header fields: %w", err)
	}
	return h, nil
}

func clip(s string) string {
	const limit = 80
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
