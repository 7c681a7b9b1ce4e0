//go:build oracle

package pipwheel_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// The differences between pip's files and ours that are meant (research of the three
// installers: pip, uv and pypa's installer). Each must occur, or it need not be listed.
const (
	otherInstaller = "INSTALLER names the installer, and its row in RECORD"
	carriageReturn = "pip ends RECORD's lines in CRLF"
	scriptBit      = "pip leaves .data/scripts without x bit not executable"
	typelessBit    = "pip ignores x bits without a file type"
	bytecode       = "pip installs __pycache__ that a wheel ships, with rows"
	staleRow       = "pip keeps rows of files that are not there"
	secondRow      = "pip writes two rows for a file that it writes anew"
	shippedURL     = "pip keeps a direct_url.json that a wheel ships, with a row"
)

func meant() []string {
	return []string{otherInstaller, carriageReturn, scriptBit, typelessBit, bytecode, staleRow, secondRow, shippedURL}
}

// comparison counts what was compared and why it differed.
type comparison struct {
	dists, files, rows int
	bytes              int64
	differs            map[string]int
	unexplained        int
}

func (c *comparison) report(t *testing.T) {
	t.Helper()
	t.Logf("%d distributions, %d files of %d bytes, %d rows of RECORD", c.dists, c.files, c.bytes, c.rows)
	for _, reason := range meant() {
		t.Logf("%6d %s", c.differs[reason], reason)
		if c.differs[reason] == 0 {
			t.Errorf("this difference is listed but does not occur: %s", reason)
		}
	}
	t.Logf("%6d unexplained", c.unexplained)
}

func (c *comparison) fail(t *testing.T, format string, args ...any) {
	t.Helper()
	if c.unexplained++; c.unexplained < 60 {
		t.Errorf(format, args...)
	}
}

// tree lists what is in a folder but not a folder itself, without following links.
func tree(t *testing.T, root string) map[string]bool {
	t.Helper()
	files := map[string]bool{}
	must(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[name] = true
		}
		return err
	}))
	return files
}

// environments compares the files that pip put into an environment with those that are planned.
func (c *comparison) environment(t *testing.T, root string, before map[string]bool, target pipwheel.Target, plans ...[]layers.Entry) {
	t.Helper()
	planned := map[string]bool{}
	for _, plan := range plans {
		c.dists++
		for _, e := range plan {
			planned["/"+e.Path] = true
			c.file(t, target, e)
		}
	}
	for name := range tree(t, root) {
		switch {
		case before[name] || planned[name]:
		case strings.Contains(name, "/__pycache__/"):
			c.differs[bytecode]++
		case strings.HasSuffix(name, ".dist-info/direct_url.json"):
			c.differs[shippedURL]++
		default:
			c.fail(t, "pip wrote %s, which is not planned", name)
		}
	}
}

func (c *comparison) file(t *testing.T, target pipwheel.Target, e layers.Entry) {
	t.Helper()
	name := "/" + e.Path
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || e.Kind != layers.File {
		c.fail(t, "planned %s, but pip did not write such a file: %v", name, err)
		return
	}
	c.files++
	c.mode(t, target, e, info.Mode())
	r, err := e.Open()
	must(t, err)
	ours, err := io.ReadAll(r)
	must(t, err)
	must(t, r.Close())
	theirs, err := os.ReadFile(name)
	must(t, err)
	c.bytes += int64(len(ours))
	if int64(len(ours)) != e.Size {
		c.fail(t, "%s has %d bytes, its entry says %d", name, len(ours), e.Size)
	}
	if sum := sha256.Sum256(ours); e.SHA256 != nil && *e.SHA256 != sum {
		c.fail(t, "%s has not the hash of its entry", name)
	}
	dir, base := filepath.Dir(name), filepath.Base(name)
	above := filepath.Dir(dir)
	own := strings.HasSuffix(dir, ".dist-info") && (above == target.Scheme.Purelib || above == target.Scheme.Platlib)
	switch {
	case own && base == "INSTALLER":
		c.differs[otherInstaller]++
		if string(ours) != pipwheel.InstallerName+"\n" || string(theirs) != "pip\n" {
			c.fail(t, "%s: %q, pip wrote %q", name, ours, theirs)
		}
	case own && base == "RECORD":
		c.record(t, above, ours, theirs)
	case !bytes.Equal(ours, theirs):
		c.fail(t, "%s: %.200q, pip wrote %.200q", name, ours, theirs)
	}
}

func (c *comparison) mode(t *testing.T, target pipwheel.Target, e layers.Entry, have fs.FileMode) {
	t.Helper()
	theirs := uint32(0o644)
	if have&0o100 != 0 {
		theirs = 0o755
	}
	switch {
	case theirs == e.Mode:
	case e.Mode == 0o755 && filepath.Dir("/"+e.Path) == target.Scheme.Scripts:
		c.differs[scriptBit]++
	case e.Mode == 0o755 && strings.Contains(e.Origin, "typeless"):
		c.differs[typelessBit]++
	default:
		c.fail(t, "%s: mode %o, pip made it %o", e.Path, e.Mode, theirs)
	}
}

// record compares the rows of two RECORD files of distributions in lib.
func (c *comparison) record(t *testing.T, lib string, ours, theirs []byte) {
	t.Helper()
	if bytes.Contains(ours, []byte("\r")) {
		c.fail(t, "our RECORD in %s has a carriage return", lib)
	}
	if bytes.Count(theirs, []byte("\n")) == bytes.Count(theirs, []byte("\r\n")) {
		c.differs[carriageReturn]++
	}
	a := strings.Split(string(ours), "\n")
	b := strings.Split(strings.ReplaceAll(string(theirs), "\r\n", "\n"), "\n")
	if !slices.IsSorted(a[:len(a)-1]) && slices.IsSorted(b[:len(b)-1]) {
		c.fail(t, "our RECORD in %s is not sorted, pip's is", lib)
	}
	c.rows += len(b) - 1
	theirPaths := map[string]int{}
	for _, line := range b {
		theirPaths[rowPath(t, line)]++
	}
	ourPaths := map[string]bool{}
	for _, line := range a {
		ourPaths[rowPath(t, line)] = true
	}
	for _, line := range without(b, a) {
		path := rowPath(t, line)
		_, err := os.Lstat(filepath.Join(lib, path))
		switch {
		case strings.Contains(path, "__pycache__/"):
			c.differs[bytecode]++
		case strings.HasSuffix(path, ".dist-info/direct_url.json"):
			c.differs[shippedURL]++
		case theirPaths[path] > 1 && ourPaths[path]:
			c.differs[secondRow]++
		case strings.HasSuffix(path, ".dist-info/INSTALLER"):
			c.differs[otherInstaller]++
		case err != nil && !ourPaths[path]:
			c.differs[staleRow]++
		default:
			c.fail(t, "pip's RECORD in %s has the row %q, ours has not", lib, line)
		}
	}
	for _, line := range without(a, b) {
		if !strings.HasSuffix(rowPath(t, line), ".dist-info/INSTALLER") {
			c.fail(t, "our RECORD in %s has the row %q, pip's has not", lib, line)
		}
	}
}

// without returns the lines of a that b has not as often.
func without(a, b []string) []string {
	count := map[string]int{}
	for _, line := range b {
		count[line]++
	}
	var rest []string
	for _, line := range a {
		if count[line]--; count[line] < 0 {
			rest = append(rest, line)
		}
	}
	return rest
}

func rowPath(t *testing.T, line string) string {
	t.Helper()
	if line == "" {
		return ""
	}
	fields, err := csv.NewReader(strings.NewReader(line)).Read()
	must(t, err)
	return fields[0]
}
