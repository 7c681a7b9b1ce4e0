package pipwheel

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/layers"
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

// scanRecord reads the rows of a RECORD file as they are. Rows of one or two fields get empty
// ones for the rest and fields beyond the third are dropped, as pip does. With strict set, a
// row that has not exactly three fields is an error. There is room for so many rows as are expected.
func scanRecord(r io.Reader, strict bool, expected int) ([]recordRow, error) {
	rows := make([]recordRow, 0, expected)
	var kept texts
	scan := newLines(r, maxRecordLine)
	for first := true; scan.Scan(); first = false {
		line := kept.of(scan.Bytes())
		if first {
			line = strings.TrimPrefix(line, byteOrderMark)
		}
		if line == "" {
			continue
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("a row of RECORD is not UTF-8: %q", clip(line))
		}
		row, fields, ok := splitRow(line)
		if !ok {
			return nil, fmt.Errorf("a row of RECORD has a quote that does not end: %q", clip(line))
		}
		if strict && fields != 3 {
			return nil, fmt.Errorf("a row of RECORD has %d fields, not 3: %q", fields, clip(line))
		}
		if len(rows) == maxRecordRows {
			return nil, fmt.Errorf("RECORD has more than %d rows", maxRecordRows)
		}
		rows = append(rows, row)
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("reading RECORD: %w", err)
	}
	return rows, nil
}

// splitRow takes a row apart as Python's csv module does by default, and counts its fields. ok is
// false when a quote does not close on this line.
func splitRow(line string) (row recordRow, fields int, ok bool) {
	if strings.IndexByte(line, '"') >= 0 {
		all, ok := splitQuoted(line)
		fields = len(all)
		all = append(all, "", "", "")
		return recordRow{all[0], all[1], all[2]}, fields, ok
	}
	fields = strings.Count(line, ",") + 1
	row.Path, line, _ = strings.Cut(line, ",")
	row.Hash, line, _ = strings.Cut(line, ",")
	row.Size, _, _ = strings.Cut(line, ",")
	return row, fields, true
}

// splitQuoted takes a row with quotes apart: they mean something only where a field begins with one,
// two of them inside stand for one, and what follows the closing one still belongs to the field.
func splitQuoted(line string) (fields []string, ok bool) {
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

// writeRecord returns n rows as pip's RECORD: sorted, fields quoted only where Python's csv
// module does, but with line feeds alone.
func writeRecord(n int, row func(i int) recordRow) []byte {
	size := 0
	for i := range n {
		r := row(i)
		size += len(r.Path) + len(r.Hash) + len(r.Size) + len(",,\n")
	}
	b := make([]byte, 0, size) // it grows where there are quotes
	for _, i := range layers.Order(n, func(i int) string { return row(i).Path }) {
		b = appendRow(b, row(i))
	}
	return b
}

func appendRow(b []byte, r recordRow) []byte {
	start := len(b)
	b = append(append(b, r.Path...), ',')
	b = append(append(b, r.Hash...), ',')
	b = append(append(b, r.Size...), '\n')
	if row := b[start : len(b)-1]; bytes.Count(row, []byte(",")) > 2 || quotes(row) {
		b = appendField(b[:start], r.Path)
		b = appendField(append(b, ','), r.Hash)
		b = append(appendField(append(b, ','), r.Size), '\n')
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

// quotes reports whether a row has a field that has to be written in quotes, but for commas.
func quotes(row []byte) bool {
	return bytes.IndexByte(row, '"') >= 0 || bytes.IndexByte(row, '\r') >= 0 || bytes.IndexByte(row, '\n') >= 0
}

// rowFor makes the row of content that we generate ourselves.
func rowFor(path string, content []byte) recordRow {
	sum := sha256.Sum256(content)
	return recordRow{
		Path: path,
		Hash: "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]),
		Size: strconv.Itoa(len(content)),
	}
}
