//go:build e2e

package e2e

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recordDifference explains why pip's RECORD of a distribution is another than ours: its lines end
// otherwise, and what is left after that comes of another INSTALLER, of bytecode, of rows without a
// file and of a REQUESTED that only ours has. The order counts.
func recordDifference(t *testing.T, d difference) string {
	t.Helper()
	theirs, ours := read(t, d.theirs.path), read(t, d.ours.path)
	if strings.Contains(ours, "\r") || strings.Count(theirs, "\n") != strings.Count(theirs, "\r\n") {
		return ""
	}
	lib := filepath.Dir(filepath.Dir(d.theirs.path))
	reason := carriageReturn
	a := rows(t, theirs, func(path string) bool {
		_, err := os.Lstat(filepath.Join(lib, path))
		switch {
		case strings.Contains(path, "__pycache__/"):
			reason = shippedCode
		case err != nil:
			reason = staleRow
		default:
			return true
		}
		return false
	})
	b := rows(t, ours, func(path string) bool {
		_, err := os.Lstat(filepath.Join(lib, path))
		if err == nil || !strings.HasSuffix(path, ".dist-info/REQUESTED") {
			return true
		}
		reason = onlyAsked
		return false
	})
	if !slices.Equal(a, b) {
		return ""
	}
	return reason
}

// rows are the lines of a RECORD that are to be kept, but the row of INSTALLER without its hash.
func rows(t *testing.T, text string, keep func(path string) bool) (lines []string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		fields, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		switch path := fields[0]; {
		case !keep(path):
		case strings.HasSuffix(path, ".dist-info/INSTALLER"):
			lines = append(lines, path)
		default:
			lines = append(lines, line)
		}
	}
	return lines
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
