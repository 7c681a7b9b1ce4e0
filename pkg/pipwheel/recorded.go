package pipwheel

import (
	"encoding/hex"
	"io"
)

// Recorded is what the RECORD of an installed distribution says of one file.
type Recorded struct {
	// Path is as it is written: relative to the folder that holds the .dist-info, or absolute
	// ("Recording installed projects").
	Path string
	// SHA256 is the file's digest in hexadecimal, empty where RECORD gives none or another's.
	SHA256 string
}

// ReadRecorded returns the rows of the RECORD of an installed distribution, which is taken as leniently
// as pip takes it; rows without a path are left out.
func ReadRecorded(r io.Reader) ([]Recorded, error) {
	rows, err := scanRecord(r, false, 0)
	if err != nil {
		return nil, err
	}
	out := make([]Recorded, 0, len(rows))
	for _, row := range rows {
		if row.Path == "" {
			continue
		}
		f := Recorded{Path: row.Path}
		if sum, err := parseHash(row.Hash); err == nil && sum != nil && sum.algorithm == "sha256" {
			f.SHA256 = hex.EncodeToString(sum.sum)
		}
		out = append(out, f)
	}
	return out, nil
}
