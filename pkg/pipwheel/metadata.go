package pipwheel

import (
	"errors"
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

// errHeaderSize is a header part that never seems to end.
var errHeaderSize = errors.New("the header fields are longer than 4 MiB")

// ReadHeader reads fields up to the first empty line; what follows is the description and is
// not read. A folded line (RFC 5322, "Long Header Fields") is joined to its field with a space.
//
// Where a file breaks the format, ReadHeader understands it as Python's email.parser does, and
// so as pip: a line that is no field ends the header part, a line without a field's name is
// ignored. An error is text that is not UTF-8, or more than 4 MiB before the empty line.
func ReadHeader(r io.Reader) (Header, error) {
	h := Header{}
	last, total := "", 0
	scan := newLines(r, maxHeader)
	for scan.Scan() {
		line := scan.Text()
		if total == 0 {
			line = strings.TrimPrefix(line, byteOrderMark)
		}
		if total += len(line) + 1; total > maxHeader {
			return nil, errHeaderSize
		}
		if line == "" {
			return h, nil
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("a header line is not UTF-8: %q", clip(line))
		}
		if line[0] == ' ' || line[0] == '\t' {
			if last != "" {
				values := h[last]
				values[len(values)-1] = strings.TrimSpace(values[len(values)-1] + " " + strings.TrimSpace(line))
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if last = ""; strings.HasPrefix(line, "From ") { // an mbox envelope
			continue
		}
		if !ok || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return h, nil
		}
		if name == "" {
			continue
		}
		last = strings.ToLower(name)
		h[last] = append(h[last], strings.TrimSpace(value))
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("reading header fields: %w", err)
	}
	return h, nil
}
