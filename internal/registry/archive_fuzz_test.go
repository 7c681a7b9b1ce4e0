package registry

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// FuzzArchiveIndex: whatever the bytes are, they are refused or every file that is found lies in them.
func FuzzArchiveIndex(f *testing.F) {
	f.Add(pack(f, packed{name: "a/", kind: tar.TypeDir}, packed{name: "a/layer.tar", body: []byte("a")}, packed{name: "b/layer.tar", link: "../a/layer.tar"}))
	f.Add(pack(f, packed{name: "blobs/sha256/" + strings.Repeat("0", 120), body: []byte("a")}, packed{name: "b", link: "a", kind: tar.TypeLink}))
	f.Add(pack(f, packed{name: "a", link: "b/../c"}, packed{name: "c", body: []byte("c")}, packed{name: "é", body: []byte("é")}))
	f.Add(sparseTar(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		members, err := indexTar(t.Context(), "x", io.NewSectionReader(bytes.NewReader(raw), 0, int64(len(raw))))
		if err != nil {
			if !refusal.Is(err) {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		a := &archive{name: "x", from: bytes.NewReader(raw), members: members}
		for name := range members {
			r, err := a.find(name)
			if err != nil {
				if !refusal.Is(err) {
					t.Fatalf("%q: no refusal: %v", name, err)
				}
				continue
			}
			if n, err := io.Copy(io.Discard, r); err != nil || n != r.Size() {
				t.Fatalf("%q: %d of %d bytes, %v", name, n, r.Size(), err)
			}
		}
	})
}

// FuzzDockerArchive: whatever stands in manifest.json and configuration, an image comes out whole or
// not at all.
func FuzzDockerArchive(f *testing.F) {
	s := newSaved(f, "one", "two")
	for _, p := range s.old(f, nil, "a:1") {
		if p.name == "manifest.json" {
			f.Add(p.body, s.config, "a:1")
		}
	}
	f.Add([]byte(`[{"Config":"c.json","Layers":["l","m"]},{"Config":"c.json","Layers":["l","l"],"RepoTags":null}]`), s.config, "@0")
	f.Add([]byte(`[{"Config":"c.json","Layers":["l"]}]`), []byte(`{"rootfs":{"diff_ids":[null]}}`), "")
	small := newSaved(f, "x")
	f.Add([]byte(`[{"Config":"c.json","Layers":["m"],"RepoTags":["a"]}]`), small.config, "a:latest")
	f.Add([]byte(`[{"Config":"c.json","Layers":["n"]}]`), small.config, "")
	f.Fuzz(func(t *testing.T, index, config []byte, ref string) {
		m := newMemo()
		m.Stdin = bytes.NewReader(pack(t,
			packed{name: "manifest.json", body: index}, packed{name: "c.json", body: config},
			packed{name: "l", body: small.layers[0]}, packed{name: "m", link: "l"}, packed{name: "n", body: []byte("\x1f\x8b")},
		))
		a, err := OpenDockerArchive(t.Context(), stdin, m.ArchiveOptions)
		if err != nil {
			if !refusal.Is(err) {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		got, err := a.Manifest(t.Context(), ref)
		var wrong *DigestError
		if err != nil && !refusal.Is(err) && !errors.As(err, &wrong) {
			t.Fatalf("no refusal: %v", err)
		}
		if err == nil && (got.Digest != sha256Of(got.Bytes) || !bytes.Contains(got.Bytes, []byte(sha256Of(config).Hex))) {
			t.Fatalf("manifest %s", got.Bytes)
		}
		if err := a.Close(); err != nil || m.open != 0 {
			t.Fatalf("%d spools left, %v", m.open, err)
		}
	})
}
