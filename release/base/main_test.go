package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestLayout(t *testing.T) {
	dir := t.TempDir()
	if err := run([]string{dir}); err != nil {
		t.Fatal(err)
	}
	var all index
	read(t, filepath.Join(dir, "index.json"), &all)
	var platforms []string
	for _, d := range all.Manifests {
		platforms = append(platforms, d.Platform.OS+"/"+d.Platform.Architecture)
		var m manifest
		read(t, blob(t, dir, d), &m)
		var c config
		read(t, blob(t, dir, m.Config), &c)
		if c.platform != *d.Platform {
			t.Errorf("the configuration is for %v, the index says %v", c.platform, *d.Platform)
		}
		blob(t, dir, m.Layers[0])
		if len(m.Layers) != 1 || !slices.Equal(c.RootFS.DiffIDs, []string{m.Layers[0].Digest}) {
			t.Errorf("layers %v, DiffIDs %v", m.Layers, c.RootFS.DiffIDs)
		}
	}
	if want := []string{"linux/amd64", "linux/arm64"}; !slices.Equal(platforms, want) {
		t.Errorf("platforms %q, want %q", platforms, want)
	}
}

func TestSameEachTime(t *testing.T) {
	var files [2]string
	for i := range files {
		dir := t.TempDir()
		if err := run([]string{dir}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "index.json"))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = string(text)
	}
	if files[0] != files[1] {
		t.Errorf("two runs differ:\n%s\n%s", files[0], files[1])
	}
}

func TestLayer(t *testing.T) {
	data, err := layer()
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]int64{}
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		modes[h.Name] = h.Mode
		if h.Name != certificates {
			continue
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if pool := x509.NewCertPool(); !pool.AppendCertsFromPEM(body) || bytes.Count(body, []byte("BEGIN CERTIFICATE")) < 100 {
			t.Errorf("%s holds no certificates, or too few", h.Name)
		}
	}
	if modes["tmp/"] != 0o1777 || modes[certificates] != 0o644 || len(modes) != 5 {
		t.Errorf("modes %v", modes)
	}
}

func TestUsage(t *testing.T) {
	if err := run(nil); err == nil {
		t.Error("no folder: no error")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{file}); err == nil {
		t.Error("a file in the folder's place: no error")
	}
}

// blob returns the path of a blob whose size and digest are as the descriptor says.
func blob(t *testing.T, dir string, d descriptor) string {
	t.Helper()
	name := d.Digest[len("sha256:"):]
	path := filepath.Join(dir, "blobs", "sha256", name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != name || len(data) != d.Size {
		t.Errorf("%s: %d bytes, want %d, or another digest", name, len(data), d.Size)
	}
	return path
}

func read(t *testing.T, path string, to any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatal(err)
	}
}
