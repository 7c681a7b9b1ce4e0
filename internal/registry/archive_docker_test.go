package registry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// wantImage opens the archive's only image, compares it with want to the last byte and returns its manifest.
func wantImage(t *testing.T, path string, o ArchiveOptions, want *saved) *v1.Manifest {
	t.Helper()
	a, err := OpenDockerArchive(t.Context(), path, o)
	must(t, err)
	defer func() { must(t, a.Close()) }()
	raw, err := a.Manifest(t.Context(), "")
	must(t, err)
	if again, err := a.Manifest(t.Context(), raw.Digest.String()); err != nil || !bytes.Equal(again.Bytes, raw.Bytes) {
		t.Errorf("by digest: %v", err)
	}
	m, err := v1.ParseManifest(bytes.NewReader(raw.Bytes))
	must(t, err)
	if raw.Digest != sha256Of(raw.Bytes) || raw.MediaType != string(types.OCIManifestSchema1) || m.Config.MediaType != types.OCIConfigJSON || len(m.Layers) != len(want.layers) {
		t.Fatalf("manifest %+v", m)
	}
	if config, err := contents(t, a, m.Config); err != nil || !bytes.Equal(config, want.config) {
		t.Errorf("configuration %q (%v)", config, err)
	}
	for i, d := range m.Layers {
		raw, err := contents(t, a, d)
		must(t, err)
		zr, err := gzip.NewReader(bytes.NewReader(raw))
		must(t, err)
		if got, err := io.ReadAll(zr); err != nil || !bytes.Equal(got, want.layers[i]) || d.MediaType != types.OCILayer {
			t.Errorf("layer %d, %+v: %v", i, d, err)
		}
	}
	return m
}

// TestDockerArchive: each form of docker save, as a file, compressed, and from standard input, is the
// same image; what was encoded once is not encoded again.
func TestDockerArchive(t *testing.T) {
	s := newSaved(t, "one", "two", "one")
	for form, members := range map[string][]packed{
		"old": s.old(t, nil, "app:v1"), "old, shared": s.old(t, map[int]int{2: 0}, "app:v1"), "modern": s.modern(t, false, "app:v1")[:],
	} {
		if form == "modern" { // a layer that is there twice is written once
			members = append(members[:4], members[5:]...)
		}
		raw := pack(t, members...)
		m := newMemo()
		first := wantImage(t, inFile(t, raw), m.ArchiveOptions, s)
		if m.encoded != 2 || len(m.records) != 2 || m.open != 0 {
			t.Errorf("%s: %d encoded, %d kept, %d spools left open", form, m.encoded, len(m.records), m.open)
		}
		a, err := OpenDockerArchive(t.Context(), inFile(t, raw), m.ArchiveOptions)
		must(t, err)
		again, err := a.Manifest(t.Context(), "")
		if err != nil || m.encoded != 2 || sha256Of(again.Bytes) != again.Digest {
			t.Errorf("%s: known layers are encoded again (%v)", form, err)
		}
		must(t, a.Close())
		for way, o := range map[string]ArchiveOptions{
			"cold": newMemo().ArchiveOptions, "warm": m.ArchiveOptions, "no hooks": {Spool: newMemo().Spool},
		} {
			for how, bytesOf := range map[string][]byte{"plain": raw, "gzip": gzipped(t, raw)} {
				for _, path := range []string{inFile(t, bytesOf), stdin} {
					o.Stdin = bytes.NewReader(bytesOf)
					if got := wantImage(t, path, o, s); got.Layers[1].Digest != first.Layers[1].Digest {
						t.Errorf("%s, %s, %s: other bytes", form, way, how)
					}
				}
			}
		}
		if m.open != 0 {
			t.Errorf("%s: %d spools left open", form, m.open)
		}
	}
}

// Compressed layers are taken as they are.
func TestDockerArchiveCompressed(t *testing.T) {
	s := newSaved(t, "one", "two")
	m := newMemo()
	got := wantImage(t, inFile(t, pack(t, s.modern(t, true)...)), m.ArchiveOptions, s)
	if want := sha256Of(gzipped(t, s.layers[0])); got.Layers[0].Digest != want || m.encoded != 0 {
		t.Errorf("layer %s, want %s; %d encoded", got.Layers[0].Digest, want, m.encoded)
	}
}

// TestDockerArchiveOfGGCR reads what crane writes.
func TestDockerArchiveOfGGCR(t *testing.T) {
	img, err := random.Image(5000, 3)
	must(t, err)
	var b bytes.Buffer
	tag, err := name.NewTag("reg.example/team/app:v1")
	must(t, err)
	must(t, tarball.Write(tag, img, &b))
	a, err := OpenDockerArchive(t.Context(), inFile(t, b.Bytes()), newMemo().ArchiveOptions)
	must(t, err)
	raw, err := a.Manifest(t.Context(), "reg.example/team/app:v1")
	must(t, err)
	got, err := v1.ParseManifest(bytes.NewReader(raw.Bytes))
	must(t, err)
	want, err := img.Manifest()
	must(t, err)
	for i, d := range append(got.Layers, got.Config) {
		if w := append(want.Layers, want.Config)[i]; d.Digest != w.Digest || d.Size != w.Size {
			t.Errorf("blob %d: %+v, want %+v", i, d, w)
		}
		if _, err := contents(t, a, d); err != nil {
			t.Error(err)
		}
	}
	must(t, a.Close())
}

func TestDockerArchiveReferences(t *testing.T) {
	one, two := newSaved(t, "one", "both"), newSaved(t, "two", "both")
	members := append(one.modern(t, false), two.modern(t, false)...)
	images := func(tags ...[]string) []byte {
		var list []dockerImage
		for i, s := range []*saved{one, two} {
			img := dockerImage{Config: "blobs/sha256/" + sha256Of(s.config).Hex, RepoTags: tags[i]}
			for n := range s.layers {
				img.Layers = append(img.Layers, "blobs/sha256/"+s.diffID(n).Hex)
			}
			list = append(list, img)
		}
		var kept []packed
		seen := map[string]bool{}
		for _, p := range members {
			if !seen[p.name] && p.name != "manifest.json" {
				kept = append(kept, p)
			}
			seen[p.name] = true
		}
		return pack(t, append(kept, packed{name: "manifest.json", body: toJSON(t, list)})...)
	}
	named := images([]string{"app:v1", "localhost/app:v2"}, []string{"docker.io/library/app:latest"})
	unnamed := images(nil, nil)
	for _, tt := range []struct {
		raw  []byte
		ref  string
		want *saved
		why  string
	}{
		{named, "app:v1", one, ""},
		{named, "docker.io/library/app:v1", one, ""},
		{named, "localhost/app:v2", one, ""},
		{named, "app", two, ""},
		{named, "@1", two, ""},
		{unnamed, "@0", one, ""},
		{named, "", nil, `it holds several images: "app:v1", "docker.io/library/app:latest"; name one, docker-archive:FILE:NAME:TAG`},
		{unnamed, "", nil, "it holds several images: @0 without a name, @1 without a name"},
		{named, "app:v2", nil, `no such image; it has "app:v1", "docker.io/library/app:latest"`},
		{named, "@2", nil, "no such image"},
		{images([]string{"a:1"}, []string{"a:1"}), "a:1", nil, "2 images have this name"},
		{named, sha256Of(nil).String(), nil, "archives of this form have no digests"},
	} {
		m := newMemo()
		a, err := OpenDockerArchive(t.Context(), inFile(t, tt.raw), m.ArchiveOptions)
		must(t, err)
		raw, err := a.Manifest(t.Context(), tt.ref)
		switch {
		case tt.want == nil:
			if !refusal.Is(err) || !strings.Contains(err.Error(), tt.why) {
				t.Errorf("%q: %v, want %s", tt.ref, err, tt.why)
			}
		case err != nil || !bytes.Contains(raw.Bytes, []byte(sha256Of(tt.want.config).Hex)):
			t.Errorf("%q: %s, %v", tt.ref, raw.Bytes, err)
		}
		if _, err := a.Blob(t.Context(), v1.Descriptor{Digest: sha256Of([]byte("no")), Size: 2}); !errors.Is(err, ErrNotFound) {
			t.Errorf("a blob that is not there: %v", err)
		}
		must(t, a.Close())
	}
	// A layer that both have is encoded once.
	m := newMemo()
	a, err := OpenDockerArchive(t.Context(), inFile(t, named), ArchiveOptions{Spool: m.Spool, Encoding: m.Encoding})
	must(t, err)
	for _, ref := range []string{"@0", "@1"} {
		_, err := a.Manifest(t.Context(), ref)
		must(t, err)
	}
	must(t, a.Close())
	if m.encoded != 3 || m.open != 0 {
		t.Errorf("%d layers encoded, %d spools left", m.encoded, m.open)
	}
}

// TestDockerArchiveFails: failures of the machine, and records that lie, leave nothing open.
func TestDockerArchiveFails(t *testing.T) {
	s := newSaved(t, "one")
	raw := pack(t, s.old(t, nil)...)
	broken := errors.New("broken")
	if _, err := OpenDockerArchive(t.Context(), stdin, ArchiveOptions{Stdin: bytes.NewReader(raw), Spool: func() (Spool, error) { return nil, broken }}); !errors.Is(err, broken) {
		t.Errorf("no spool: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	m := newMemo()
	m.Encoding = func(int64) { cancel() }
	a, err := OpenDockerArchive(ctx, inFile(t, raw), m.ArchiveOptions)
	must(t, err)
	if _, err := a.Manifest(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("a signal while encoding: %v", err)
	}
	must(t, a.Close())
	if m.open != 0 {
		t.Errorf("%d spools left", m.open)
	}

	// Standard input that nobody writes to does not hold a signal up.
	r, w, err := os.Pipe()
	must(t, err)
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if _, err := OpenDockerArchive(ctx, stdin, ArchiveOptions{Stdin: r, Spool: newMemo().Spool}); !errors.Is(err, context.Canceled) {
		t.Errorf("a signal while reading: %v", err)
	}
	must(t, errors.Join(w.Close(), r.Close()))

	key, err := layers.StreamKey(s.diffID(0))
	must(t, err)
	lie := &layers.Record{
		Key: key, DiffID: s.diffID(0), TarSize: int64(len(s.layers[0])), Digest: sha256Of([]byte("lie")), Size: 7, MediaType: types.OCILayer,
	}
	m = newMemo()
	m.records[key] = lie
	a, err = OpenDockerArchive(t.Context(), inFile(t, raw), m.ArchiveOptions)
	must(t, err)
	_, err = a.Manifest(t.Context(), "")
	must(t, err)
	if _, err := contents(t, a, lie.Descriptor()); !errors.Is(err, layers.ErrNotReproducible) || m.records[key] != nil {
		t.Errorf("a record that lies: %v", err)
	}
	must(t, a.Close())
	for what, change := range map[string]func(*layers.Record){
		"DiffID": func(r *layers.Record) { r.DiffID = r.Digest }, "size": func(r *layers.Record) { r.Size = 0 },
		"tar": func(r *layers.Record) { r.TarSize++ }, "digest": func(r *layers.Record) { r.Digest = v1.Hash{} }, "type": func(r *layers.Record) { r.MediaType = types.OCILayerZStd },
	} {
		rec := *lie
		change(&rec)
		if sound(&rec, s.diffID(0), lie.TarSize) != nil {
			t.Errorf("a record with another %s passed", what)
		}
	}
}
