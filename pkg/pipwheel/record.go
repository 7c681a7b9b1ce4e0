package pipwheel

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// recordRow is one row of a RECORD file: path, "algorithm=digest" and size (PEP 376 as
// updated by the "Recording installed projects" specification). Hash and Size may be empty.
type recordRow struct {
	Path, Hash, Size string
}

const (
	maxRecordRows = 1 << 20   // the largest wheels have some tens of thousands
	maxRecordLine = 128 << 10 // bytes
)

// readRecord reads a wheel's RECORD: the rows of scanRecord, their paths normalised from
// backslashes and leading slashes. Of several rows for a path the first stays.
func readRecord(r io.Reader, strict bool) ([]recordRow, error) {
	all, err := scanRecord(r, strict)
	if err != nil {
		return nil, err
	}
	rows := all[:0]
	seen := make(map[string]bool, len(all))
	for _, row := range all {
		row.Path = strings.TrimLeft(strings.ReplaceAll(row.Path, `\`, "/"), "/")
		if row.Path == "" || seen[row.Path] {
			continue
		}
		seen[row.Path] = true
		rows = append(rows, row)
	}
	return rows, nil
}

// scanRecord reads the rows of a RECORD file as they are. Rows of one or two fields get empty
// ones for the rest and fields beyond the third are dropped, as pip does. With strict set, a
// row that has not exactly three fields is an error.
func scanRecord(r io.Reader, strict bool) ([]recordRow, error) {
	var rows []recordRow
	scan := newLines(r, maxRecordLine)
	for first := true; scan.Scan(); first = false {
		line := scan.Text()
		if first {
			line = strings.TrimPrefix(line, byteOrderMark)
		}
		if line == "" {
			continue
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("a row of RECORD is not UTF-8: %q", clip(line))
		}
		fields, ok := splitRow(line)
		if !ok {
			return nil, fmt.Errorf("a row of RECORD has a quote that does not end: %q", clip(line))
		}
		if strict && len(fields) != 3 {
			return nil, fmt.Errorf("a row of RECORD has %d fields, not 3: %q", len(fields), clip(line))
		}
		if len(rows) == maxRecordRows {
			return nil, fmt.Errorf("RECORD has more than %d rows", maxRecordRows)
		}
		fields = append(fields, "", "")
		rows = append(rows, recordRow{fields[0], fields[1], fields[2]})
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("reading RECORD: %w", err)
	}
	return rows, nil
}

// splitRow takes a row apart as Python's csv module does by default: quotes mean something only
// where a field begins with one, two of them inside stand for one, and what follows the closing
// one still belongs to the field. ok is false when it does not close on this line.
func splitRow(line string) (fields []string, ok bool) {
	for {
		if !strings.HasPrefix(line, `"`) {
			field, rest, more := strings.Cut(line, ",")
			fields = append(fields, field)
			if !more {
				return fields, true
			}
			line = rest
			continue
		}
		var field strings.Builder
		for line = line[1:]; ; line = line[1:] {
			part, rest, closed := strings.Cut(line, `"`)
			if !closed {
				return nil, false
			}
			field.WriteString(part)
			if line = rest; !strings.HasPrefix(line, `"`) {
				break
			}
			field.WriteByte('"')
		}
		tail, rest, more := strings.Cut(line, ",")
		field.WriteString(tail)
		fields = append(fields, field.String())
		if !more {
			return fields, true
		}
		line = rest
	}
}

// writeRecord returns the rows as pip's RECORD: sorted, fields quoted only where Python's csv
// module does, but with line feeds alone.
func writeRecord(rows []recordRow) []byte {
	slices.SortFunc(rows, func(a, b recordRow) int { return strings.Compare(a.Path, b.Path) })
	var b []byte
	for _, r := range rows {
		b = appendField(b, r.Path)
		b = appendField(append(b, ','), r.Hash)
		b = appendField(append(b, ','), r.Size)
		b = append(b, '\n')
	}
	return b
}

func appendField(b []byte, s string) []byte {
	if !quoted(s) {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// fieldLen is the length of what appendField appends, in bytes.
func fieldLen(s string) int64 {
	if !quoted(s) {
		return int64(len(s))
	}
	return int64(len(s) + strings.Count(s, `"`) + len(`""`))
}

// quoted reports whether a field has to be written in quotes.
func quoted(s string) bool { return strings.ContainsAny(s, ",\"\r\n") }

// rowFor makes the row of content that we generate ourselves.
func rowFor(path string, content []byte) recordRow {
	sum := sha256.Sum256(content)
	return recordRow{
		Path: path,
		Hash: "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]),
		Size: strconv.Itoa(len(content)),
	}
}
