package registry

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/layers"
)

// packed is a member of an archive that a test makes.
type packed struct {
	name, link string
	body       []byte
	kind       byte // 0: a file, or a symlink if there is a link
}

// packHeader is the header of a member.
func (p packed) header() *tar.Header {
	h := &tar.Header{Name: p.name, Linkname: p.link, Size: int64(len(p.body)), Typeflag: p.kind, Mode: 0o644}
	switch {
	case p.kind == 0 && p.link != "":
		h.Typeflag = tar.TypeSymlink
	case p.kind == 0:
		h.Typeflag = tar.TypeReg
	}
	return h
}

func pack(tb testing.TB, members ...packed) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, p := range members {
		must(tb, w.WriteHeader(p.header()))
		_, err := w.Write(p.body)
		must(tb, err)
	}
	must(tb, w.Close())
	return b.Bytes()
}

func gzipped(tb testing.TB, raw []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(raw)
	must(tb, errors.Join(err, w.Close()))
	return b.Bytes()
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func toJSON(tb testing.TB, v any) []byte {
	tb.Helper()
	raw, err := json.Marshal(v)
	must(tb, err)
	return raw
}

// heap is a spool in memory that counts how many are open.
type heap struct {
	mu   sync.Mutex
	b    []byte
	gone bool
	open *int
}

func (h *heap) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone {
		return 0, errors.New("it is closed")
	}
	h.b = append(h.b, p...)
	return len(p), nil
}

func (h *heap) ReadAt(p []byte, at int64) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.NewReader(h.b).ReadAt(p, at)
}

func (h *heap) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone {
		return errors.New("closed twice")
	}
	h.gone = true
	*h.open--
	return nil
}

// memo is what a store does for archives.
type memo struct {
	ArchiveOptions
	open    int // spools
	records map[layers.Key]*layers.Record
	encoded int
}

func newMemo() *memo {
	m := &memo{records: map[layers.Key]*layers.Record{}}
	m.ArchiveOptions = ArchiveOptions{
		Spool:    func() (Spool, error) { m.open++; return &heap{open: &m.open}, nil },
		Known:    func(k layers.Key) *layers.Record { return m.records[k] },
		Keep:     func(r *layers.Record) { m.records[r.Key] = r },
		Forget:   func(k layers.Key) { delete(m.records, k) },
		Encoding: func(int64) { m.encoded++ },
	}
	return m
}

// saved is an image as docker save writes it.
type saved struct {
	config []byte
	layers [][]byte // tars
}

func (s *saved) diffID(i int) v1.Hash { return sha256Of(s.layers[i]) }

func newSaved(tb testing.TB, texts ...string) *saved {
	tb.Helper()
	s := &saved{}
	ids := []string{}
	for _, text := range texts {
		tarred := pack(tb, packed{name: "f", body: bytes.Repeat([]byte(text+"\n"), 3000)})
		s.layers = append(s.layers, tarred)
		ids = append(ids, sha256Of(tarred).String())
	}
	s.config = toJSON(tb, map[string]any{
		"architecture": "amd64", "os": "linux", "x-unknown": "<kept> as it is", "rootfs": map[string]any{"type": "layers", "diff_ids": ids},
	})
	return s
}

// old is the form of Docker before 25: a folder for each layer. share makes a layer a link to that of another place.
func (s *saved) old(tb testing.TB, share map[int]int, tags ...string) []packed {
	tb.Helper()
	config := sha256Of(s.config).Hex + ".json"
	members := []packed{{name: config, body: s.config}}
	var files []string
	id := func(i int) string { return sha256Of([]byte{byte(i)}).Hex }
	for i, l := range s.layers {
		file := packed{name: id(i) + "/layer.tar", body: l}
		if to, ok := share[i]; ok {
			file.body, file.link = nil, "../"+id(to)+"/layer.tar"
		}
		files = append(files, file.name)
		members = append(members, packed{name: id(i) + "/", kind: tar.TypeDir}, packed{name: id(i) + "/VERSION", body: []byte("1.0")}, file)
	}
	return append(members, packed{name: "manifest.json", body: toJSON(tb, []dockerImage{{Config: config, RepoTags: tags, Layers: files}})},
		packed{name: "repositories", body: []byte("{}")})
}

// modern is the form of Docker 25: an OCI layout with a manifest.json. squeeze compresses the layers.
func (s *saved) modern(tb testing.TB, squeeze bool, tags ...string) []packed {
	tb.Helper()
	blob := func(raw []byte) packed { return packed{name: "blobs/sha256/" + sha256Of(raw).Hex, body: raw} }
	config := blob(s.config)
	members := []packed{{name: "blobs/", kind: tar.TypeDir}, config}
	var files []string
	for _, l := range s.layers {
		if squeeze {
			l = gzipped(tb, l)
		}
		members = append(members, blob(l))
		files = append(files, blob(l).name)
	}
	return append(members, packed{name: "index.json", body: []byte(`{"schemaVersion":2,"manifests":[{"digest":"` + sha256Of(s.config).String() + `"}]}`)},
		packed{name: "manifest.json", body: toJSON(tb, []dockerImage{{Config: config.name, RepoTags: tags, Layers: files}})},
		packed{name: "oci-layout", body: []byte(`{"imageLayoutVersion":"1.0.0"}`)})
}

// inFile writes an archive to a file.
func inFile(t *testing.T, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.tar")
	write(t, path, raw)
	return path
}

// contents reads a blob to its end.
func contents(t *testing.T, a Source, d v1.Descriptor) ([]byte, error) {
	t.Helper()
	r, err := a.Blob(t.Context(), d)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(r)
	return raw, errors.Join(err, r.Close())
}
