//go:build e2e

package e2e

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// layerFiles hashes the files in the layers of a layout's one image, without the first ones.
func layerFiles(t *testing.T, layout string, skip int) map[string][sha256.Size]byte {
	t.Helper()
	blob := func(digest string) string {
		return filepath.Join(layout, "blobs", strings.Replace(digest, ":", "/", 1))
	}
	var m manifest
	if err := json.Unmarshal([]byte(read(t, blob(layoutDigest(t, layout)))), &m); err != nil {
		t.Fatal(err)
	}
	files := map[string][sha256.Size]byte{}
	for _, l := range m.Layers[skip:] {
		addLayer(t, blob(l.Digest), files)
	}
	return files
}

func addLayer(t *testing.T, blob string, files map[string][sha256.Size]byte) {
	t.Helper()
	f, err := os.Open(blob)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for layer := tar.NewReader(gz); ; {
		h, err := layer.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			files[h.Name] = sum(t, layer)
		}
	}
}

func sum(t *testing.T, r io.Reader) (sum [sha256.Size]byte) {
	t.Helper()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		t.Fatal(err)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// sameAsWheel sees that the files of a wheel lie in a folder of an image, byte for byte, but for
// RECORD, which is made anew, and what goes elsewhere. It answers how many these are.
func sameAsWheel(t *testing.T, wheel, dir string, have map[string][sha256.Size]byte) (n int) {
	t.Helper()
	z, err := zip.OpenReader(wheel)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, member := range z.File {
		name := member.Name
		if strings.HasSuffix(name, "/") || strings.HasSuffix(name, ".dist-info/RECORD") || strings.Contains(name, ".data/") || strings.Contains(name, "__pycache__") {
			continue
		}
		r, err := member.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := have[dir+"/"+name]; !ok || got != sum(t, r) {
			t.Errorf("%s of %s is not in the image, or with other bytes", name, filepath.Base(wheel))
			return n
		}
		n++
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return n
}
