package pipwheel

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// recordRow is one row of a RECORD file: path, "algorithm=digest" and size (PEP 376 as
// updated by the "Recording installed projects" specification). Hash and Size may be empty.
type recordRow struct {
	Path, Hash, Size string
}

// maxRecordRows bounds a RECORD file; the largest wheels have some tens of thousands of rows.
const maxRecordRows = 1 << 20

// readRecord reads a RECORD file. Rows of one or two fields get empty ones for the rest and
// fields beyond the third are dropped, as pip does; paths are normalised from backslashes
// and a leading slash. Of several rows for a path the first stays. With strict set, a row
// that has not exactly three fields is an error.
func readRecord(r io.Reader, strict bool) ([]recordRow, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	var rows []recordRow
	seen := map[string]bool{}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading RECORD: %w", err)
		}
		if strict && len(fields) != 3 {
			return nil, fmt.Errorf("reading RECORD: a row has %d fields, not 3: %q", len(fields), clip(strings.Join(fields, ",")))
		}
		if len(rows) == maxRecordRows {
			return nil, fmt.Errorf("reading RECORD: more than %d rows", maxRecordRows)
		}
		row := recordRow{Path: strings.TrimPrefix(strings.ReplaceAll(strings.Clone(fields[0]), `\`, "/"), "/")}
		if len(fields) > 1 {
			row.Hash = strings.Clone(fields[1])
		}
		if len(fields) > 2 {
			row.Size = strings.Clone(fields[2])
		}
		if row.Path == "" || seen[row.Path] {
			continue
		}
		seen[row.Path] = true
		rows = append(rows, row)
	}
}

// writeRecord returns the rows as pip's sorted RECORD, with line feeds alone.
func writeRecord(rows []recordRow) ([]byte, error) {
	slices.SortFunc(rows, func(a, b recordRow) int { return strings.Compare(a.Path, b.Path) })
	var b strings.Builder
	out := csv.NewWriter(&b)
	for _, r := range rows {
		if err := out.Write([]string{r.Path, r.Hash, r.Size}); err != nil {
			return nil, fmt.Errorf("writing RECORD: %w", err)
		}
	}
	out.Flush()
	return []byte(b.String()), out.Error()
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

// digest is a hash that a RECORD row asks for.
type digest struct {
	algorithm string // "sha256", "sha384" or "sha512"
	sum       []byte
}

// parseHash reads a row's hash. An empty one gives nil. Algorithms weaker than SHA-256 are not
// allowed in RECORD; an unknown one cannot be checked: both are errors, as is a digest of the wrong length.
func parseHash(s string) (*digest, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no hash is a normal answer
	}
	algorithm, text, ok := strings.Cut(s, "=")
	size := map[string]int{"sha256": 32, "sha384": 48, "sha512": 64}[strings.ToLower(algorithm)]
	if !ok || size == 0 {
		return nil, fmt.Errorf("hash %q: the algorithm is not sha256, sha384 or sha512", clip(s))
	}
	sum, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(sum) != size {
		return nil, fmt.Errorf("hash %q: not %d bytes in URL-safe base64", clip(s), size)
	}
	return &digest{strings.ToLower(algorithm), sum}, nil
}
