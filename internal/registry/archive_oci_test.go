package registry

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	ggcrlayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// tarOf packs a folder.
func tarOf(t *testing.T, dir string) []byte {
	t.Helper()
	var members []packed
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		must(t, err)
		raw, err := os.ReadFile(path)
		members = append(members, packed{name: "./" + filepath.ToSlash(rel), body: raw})
		return err
	}))
	return pack(t, members...)
}

// TestOCIArchive reads a layout of go-containerregistry, packed; what it does, OpenLayout does to the folder.
func TestOCIArchive(t *testing.T) {
	dir := t.TempDir()
	p, err := ggcrlayout.Write(dir, empty.Index)
	must(t, err)
	for _, tag := range []string{"v1", "reg.example/app:v2"} {
		img, err := random.Image(3000, 2)
		must(t, err)
		must(t, p.AppendImage(img, ggcrlayout.WithAnnotations(map[string]string{refName: tag})))
	}
	folder, err := OpenLayout(dir)
	must(t, err)
	raw := tarOf(t, dir)
	for _, path := range []string{inFile(t, raw), inFile(t, gzipped(t, raw)), stdin} {
		m := newMemo()
		m.Stdin = bytes.NewReader(raw)
		a, err := OpenOCIArchive(t.Context(), path, m.ArchiveOptions)
		must(t, err)
		for _, ref := range []string{"v1", "v2", "reg.example/app:v2"} {
			want, err := folder.Manifest(t.Context(), ref)
			must(t, err)
			got, err := a.Manifest(t.Context(), ref)
			must(t, err)
			if got.Digest != want.Digest || got.MediaType != want.MediaType || !bytes.Equal(got.Bytes, want.Bytes) {
				t.Errorf("%s: %+v", ref, got)
			}
			if again, err := a.Manifest(t.Context(), got.Digest.String()); err != nil || again.Digest != got.Digest {
				t.Errorf("%s by digest: %v", ref, err)
			}
			parsed, err := v1.ParseManifest(bytes.NewReader(got.Bytes))
			must(t, err)
			for _, d := range append(parsed.Layers, parsed.Config) {
				one, err := contents(t, a, d)
				must(t, err)
				other, err := contents(t, folder, d)
				if err != nil || !bytes.Equal(one, other) {
					t.Errorf("%s: blob %s (%v)", ref, d.Digest, err)
				}
			}
		}
		first, err := a.Manifest(t.Context(), "@0")
		must(t, err)
		if v, err := a.Manifest(t.Context(), "v1"); err != nil || v.Digest != first.Digest {
			t.Errorf("@0: %v", err)
		}
		for ref, why := range map[string]string{
			"": "it holds several images: reg.example/app:v2, v1; name one", "v3": "no such image; it has reg.example/app:v2, v1", "@2": "no such image",
		} {
			if _, err := a.Manifest(t.Context(), ref); !refusal.Is(err) || !strings.Contains(err.Error(), why) {
				t.Errorf("%q: %v, want %s", ref, err, why)
			}
		}
		must(t, a.Close())
		if m.open != 0 {
			t.Errorf("%d spools left", m.open)
		}
	}
}

func TestOCIArchiveDamaged(t *testing.T) {
	one := []byte(`{"schemaVersion":2,"config":{}}`)
	d := descriptor(one)
	d.MediaType = types.OCIManifestSchema1
	name := "blobs/sha256/" + d.Digest.Hex
	index := func(entries ...v1.Descriptor) packed {
		return packed{name: "index.json", body: toJSON(t, v1.IndexManifest{SchemaVersion: 2, Manifests: entries})}
	}
	long := d
	long.Size++
	other := []byte(`{"schemaVersion":2,"config":{},"annotations":{}}`)
	arm, amd := d, descriptor(other)
	arm.Platform, amd.Platform = &v1.Platform{OS: "linux", Architecture: "arm64"}, &v1.Platform{OS: "linux", Architecture: "amd64"}
	evil := d
	evil.Digest.Hex = "../../../etc/passwd"
	for what, tt := range map[string]struct {
		members []packed
		want    string // empty: fine
	}{
		"fine":                {[]packed{index(d), {name: name, body: one}}, ""},
		"platforms":           {[]packed{index(arm, amd), {name: name, body: one}}, ""},
		"two names":           {[]packed{index(d, d), {name: name, body: one}}, ""},
		"no index":            {[]packed{{name: "manifest.json"}}, "write docker-archive:FILE"},
		"a damaged index":     {[]packed{{name: "index.json", body: []byte("{")}}, "index.json is damaged"},
		"an empty index":      {[]packed{index()}, "lists no image"},
		"no blob":             {[]packed{index(d)}, "it lacks"},
		"another blob":        {[]packed{index(d), {name: name, body: []byte("{}")}}, "was expected"},
		"another size":        {[]packed{index(long), {name: name, body: one}}, "was expected"},
		"a digest that leads": {[]packed{index(evil), {name: name, body: one}}, "damaged"},
	} {
		a, err := OpenOCIArchive(t.Context(), inFile(t, pack(t, tt.members...)), newMemo().ArchiveOptions)
		if err == nil {
			_, err = a.Manifest(t.Context(), "")
			must(t, a.Close())
		}
		var wrong *DigestError
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", what, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !refusal.Is(err) && !errors.As(err, &wrong)):
			t.Errorf("%s: %v, want %s", what, err, tt.want)
		}
	}
	a, err := OpenOCIArchive(t.Context(), inFile(t, pack(t, index(d), packed{name: name, body: []byte("{}")})), newMemo().ArchiveOptions)
	must(t, err)
	var wrong *DigestError
	if _, err := contents(t, a, d); !errors.As(err, &wrong) {
		t.Errorf("a blob of other bytes: %v", err)
	}
	if _, err := a.Blob(t.Context(), v1.Descriptor{Digest: v1.Hash{Algorithm: "sha256", Hex: "../x"}}); !refusal.Is(err) {
		t.Errorf("no digest: %v", err)
	}
	must(t, a.Close())
}
