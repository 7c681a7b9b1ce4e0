package pipwheel

import "io"

// RecordPaths returns the paths that the RECORD of an installed distribution lists, as they are
// written: relative to the folder that holds its .dist-info, or absolute ("Recording installed
// projects"). An installed RECORD is taken as leniently as pip takes it; empty paths are left out.
func RecordPaths(r io.Reader) ([]string, error) {
	rows, err := scanRecord(r, false)
	if err != nil {
		return nil, err
	}
	paths := make([]string, 0, len(rows))
	for _, row := range rows {
		if row.Path != "" {
			paths = append(paths, row.Path)
		}
	}
	return paths, nil
}
