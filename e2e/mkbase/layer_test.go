//go:build linux

package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWriteLayer: a layer holds what a stage adds, changes and removes, and nothing else.
func TestWriteLayer(t *testing.T) {
	lower, upper, blobs := t.TempDir(), t.TempDir(), t.TempDir()
	for _, dir := range []string{lower, upper} {
		put(t, dir, "etc/same", "same")
		put(t, dir, "etc/changed", "old")
	}
	put(t, lower, "etc/gone", "")
	put(t, lower, "old/gone", "")
	put(t, upper, "etc/changed", "newer")
	put(t, upper, "new/a", "twice")
	if err := errors.Join(
		os.Link(filepath.Join(upper, "new/a"), filepath.Join(upper, "new/b")),
		os.Symlink("a", filepath.Join(upper, "new/c")),
		// What is equal must be equal in time too.
		age(lower, "etc/same", 1), age(upper, "etc/same", 1),
		age(lower, "etc", 1), age(upper, "etc", 2),
	); err != nil {
		t.Fatal(err)
	}
	d, diffID, err := writeLayer(blobs, lower, upper)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(diffID, "sha256:") || diffID == d.Digest {
		t.Errorf("DiffID %q, digest %q", diffID, d.Digest)
	}
	want := []string{
		".wh.old", "etc/", "etc/.wh.gone", "etc/changed newer",
		"new/", "new/a twice", "new/b = new/a", "new/c -> a",
	}
	if diff := cmp.Diff(want, contents(t, filepath.Join(blobs, strings.TrimPrefix(d.Digest, "sha256:")))); diff != "" {
		t.Error(diff)
	}
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// age sets a modification time, in seconds since the epoch.
func age(dir, name string, seconds int64) error {
	at := time.Unix(seconds, 0)
	return os.Chtimes(filepath.Join(dir, name), at, at)
}

// contents lists a layer's members in order of name, with content or target.
func contents(t *testing.T, file string) (lines []string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case h.Typeflag == tar.TypeLink:
			lines = append(lines, h.Name+" = "+h.Linkname)
		case h.Typeflag == tar.TypeSymlink:
			lines = append(lines, h.Name+" -> "+h.Linkname)
		case len(body) > 0:
			lines = append(lines, h.Name+" "+string(body))
		default:
			lines = append(lines, h.Name)
		}
	}
}
