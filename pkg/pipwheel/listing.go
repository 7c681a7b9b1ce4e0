package pipwheel

import (
	"crypto/sha256"
	"io"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
)

// listing is a wheel's RECORD beside the archive whose files it lists.
type listing struct {
	rows []recordRow
	file []int // by row: the place of its file in the archive, or missing
	row  []int // by file: the place of its row, or missing
}

const missing = -1

// readListing reads a wheel's RECORD: the rows of scanRecord, their paths normalised from
// backslashes and leading slashes. Of several rows for a path the first stays.
func readListing(r io.Reader, strict bool, archive *strictzip.Archive) (listing, error) {
	files := archive.Entries()
	all, err := scanRecord(r, strict, len(files)+1)
	if err != nil {
		return listing{}, err
	}
	l := listing{rows: all[:0], file: make([]int, 0, len(all)), row: make([]int, len(files))}
	for i := range l.row {
		l.row[i] = missing
	}
	absent := map[string]bool{}
	next := 0 // the file after that of the row before: mostly the row's, as tools write both in one go
	for _, row := range all {
		if row.Path = strings.TrimLeft(strings.ReplaceAll(row.Path, `\`, "/"), "/"); row.Path == "" {
			continue
		}
		i, ok := next, next < len(files) && files[next].Name == row.Path
		if !ok {
			i, ok = archive.Find(row.Path)
		}
		switch {
		case ok && l.row[i] != missing, !ok && absent[row.Path]:
			continue
		case ok:
			l.row[i], next = len(l.rows), i+1
		default:
			absent[row.Path], i = true, missing
		}
		l.rows, l.file = append(l.rows, row), append(l.file, i)
	}
	return l, nil
}

// of is the row of the i-th file of the archive, an empty one where there is none.
func (l listing) of(i int) recordRow {
	if k := l.row[i]; k != missing {
		return l.rows[k]
	}
	return recordRow{}
}

// hashes are what RECORD demands of bytes, by row.
type hashes struct {
	sha256 [][sha256.Size]byte
	given  []bool          // whether the row has a SHA-256
	other  map[int]*digest // of rows with another algorithm's
}

// hashes reads the rows' hashes. One that cannot be checked is refused.
func (w *Wheel) hashes() (*hashes, error) {
	rows := w.record.rows
	h := &hashes{sha256: make([][sha256.Size]byte, len(rows)), given: make([]bool, len(rows))}
	for k := range rows {
		row := &rows[k]
		if h.given[k] = parseSHA256(row.Hash, &h.sha256[k]); h.given[k] || row.Hash == "" {
			continue
		}
		d, err := parseHash(row.Hash)
		switch {
		case err != nil:
			return nil, w.refuse(err, "RECORD's row of %s", clip(row.Path))
		case d.algorithm == "sha256":
			h.given[k] = true
			copy(h.sha256[k][:], d.sum)
		case h.other == nil:
			h.other = map[int]*digest{k: d}
		default:
			h.other[k] = d
		}
	}
	return h, nil
}

// of is the digest of a row, nil where the row has none or is missing.
func (h *hashes) of(row int) *digest {
	if row == missing {
		return nil
	}
	if h.given[row] {
		return &digest{"sha256", h.sha256[row][:]}
	}
	return h.other[row]
}

// unrecorded names the files that RECORD need not list: itself and its signatures.
func unrecorded(name, info string) bool {
	rest, ok := strings.CutPrefix(name, info)
	switch rest {
	case "/RECORD", "/RECORD.jws", "/RECORD.p7s":
		return ok
	}
	return false
}
