package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// layoutOf writes a layout whose index.json has the entries.
func layoutOf(t *testing.T, entries ...v1.Descriptor) string {
	t.Helper()
	dir := t.TempDir()
	raw, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, Manifests: entries})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "index.json"), raw)
	return dir
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

// entry is a manifest's descriptor, tagged where tag is not empty.
func entry(raw []byte, tag, arch string) v1.Descriptor {
	d := descriptor(raw)
	d.MediaType = types.DockerManifestSchema2
	if tag != "" {
		d.Annotations = map[string]string{refName: tag}
	}
	if arch != "" {
		d.Platform = &v1.Platform{OS: "linux", Architecture: arch}
	}
	return d
}

func blob(t *testing.T, dir string, raw []byte) {
	t.Helper()
	write(t, filepath.Join(dir, "blobs", "sha256", descriptor(raw).Digest.Hex), raw)
}

func TestLayoutReferences(t *testing.T) {
	one, two := []byte(`{"one":1}`), []byte(`{"two":2}`)
	for _, tt := range []struct {
		what    string
		entries []v1.Descriptor
		ref     string
		want    []byte // nil: an index of the entries
		refused string
	}{
		{"the only one", []v1.Descriptor{entry(one, "a", "")}, "", one, ""},
		{"by tag", []v1.Descriptor{entry(one, "a", ""), entry(two, "b", "")}, "b", two, ""},
		{"by name", []v1.Descriptor{entry(one, "reg.example/x:a", ""), entry(two, "b", "")}, "a", one, ""},
		{"by digest", []v1.Descriptor{entry(one, "a", ""), entry(two, "b", "")}, descriptor(two).Digest.String(), two, ""},
		{"latest", []v1.Descriptor{entry(one, "a", ""), entry(two, "latest", "")}, "", two, ""},
		{"platforms", []v1.Descriptor{entry(one, "", "amd64"), entry(two, "", "arm64")}, "", nil, ""},
		{"platforms of a tag", []v1.Descriptor{entry(one, "a", "amd64"), entry(two, "a", "arm64"), entry(two, "b", "")}, "a", nil, ""},
		{"no default", []v1.Descriptor{entry(one, "b", ""), entry(two, "a", "")}, "", nil, "it holds several images: a, b"},
		{"no such tag", []v1.Descriptor{entry(one, "b", ""), entry(two, "", "")}, "c", nil, "no such tag; it has b, sha256:"},
		{"twice", []v1.Descriptor{entry(one, "a", ""), entry(two, "a", "")}, "a", nil, "several images fit: a, a"},
	} {
		dir := layoutOf(t, tt.entries...)
		blob(t, dir, one)
		blob(t, dir, two)
		src, err := OpenLayout(dir)
		if err != nil {
			t.Fatal(err)
		}
		m, err := src.Manifest(t.Context(), tt.ref)
		switch {
		case tt.refused != "":
			if !refusal.Is(err) || !strings.Contains(err.Error(), tt.refused) {
				t.Errorf("%s: %v", tt.what, err)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.what, err)
		case tt.want == nil:
			idx, err := v1.ParseIndexManifest(bytes.NewReader(m.Bytes))
			if err != nil || len(idx.Manifests) != 2 || m.MediaType != string(types.OCIImageIndex) || m.Digest != descriptor(m.Bytes).Digest {
				t.Errorf("%s: %+v, %v", tt.what, m, err)
			}
		case !bytes.Equal(m.Bytes, tt.want) || m.MediaType != string(types.DockerManifestSchema2) || m.Digest != descriptor(tt.want).Digest:
			t.Errorf("%s: %+v", tt.what, m)
		}
	}
}

func TestLayoutBlobs(t *testing.T) {
	raw, d := content(5000)
	nested := []byte(`{"schemaVersion":2,"manifests":[]}`)
	dir := layoutOf(t, entry([]byte("{}"), "", ""))
	blob(t, dir, raw)
	blob(t, dir, nested)
	src, err := OpenLayout(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := src.Blob(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	r.Close()
	if err != nil || !bytes.Equal(got, raw) {
		t.Error(err)
	}
	// A child of a nested index is not in index.json.
	if m, err := src.Manifest(t.Context(), descriptor(nested).Digest.String()); err != nil || m.MediaType != string(types.OCIImageIndex) {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := src.Manifest(t.Context(), ""); !errors.Is(err, ErrNotFound) || !refusal.Is(err) {
		t.Errorf("a manifest that is not there: %v", err)
	}
	_, absent := content(3)
	if _, err := src.Blob(t.Context(), absent); !errors.Is(err, ErrNotFound) {
		t.Errorf("a blob that is not there: %v", err)
	}
	for what, bad := range map[string][]byte{"short": raw[1:], "long": append(bytes.Clone(raw), 'x'), "changed": append(bytes.Clone(raw[1:]), 'x')} {
		write(t, filepath.Join(dir, "blobs", "sha256", d.Digest.Hex), bad)
		r, err := src.Blob(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(r)
		r.Close()
		if _, ok := errors.AsType[*DigestError](err); !ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	write(t, filepath.Join(dir, "blobs", "sha256", descriptor(nested).Digest.Hex), []byte("{}"))
	if _, err := src.Manifest(t.Context(), descriptor(nested).Digest.String()); err == nil {
		t.Error("a damaged manifest passed")
	}
}

func TestNoLayout(t *testing.T) {
	damaged, empty := t.TempDir(), layoutOf(t)
	write(t, filepath.Join(damaged, "index.json"), []byte("{"))
	for dir, cause := range map[string]string{
		t.TempDir(): "it has no index.json",
		damaged:     "its index.json is damaged",
		empty:       "lists no image",
	} {
		if _, err := OpenLayout(dir); !refusal.Is(err) || !strings.Contains(err.Error(), cause) {
			t.Errorf("%v, want %s", err, cause)
		}
	}
	file := filepath.Join(t.TempDir(), "f")
	write(t, file, nil)
	if _, err := OpenLayout(file); err == nil {
		t.Error("a file passed as a layout")
	}
}

// No digest leads out of the layout.
func TestLayoutStaysInside(t *testing.T) {
	dir := layoutOf(t, entry([]byte("{}"), "", ""))
	write(t, filepath.Join(dir, "secret"), []byte("x"))
	src, err := OpenLayout(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, hex := range []string{"../../secret", "..", "../../../etc/hostname"} {
		if _, err := src.Blob(t.Context(), v1.Descriptor{Digest: v1.Hash{Algorithm: "sha256", Hex: hex}, Size: 1}); !refusal.Is(err) {
			t.Errorf("%s: %v", hex, err)
		}
	}
}
