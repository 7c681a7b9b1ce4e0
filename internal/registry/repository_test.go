package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// mirrored is an origin with mirrors; all of them hold one blob, and a manifest under the tag x.
type mirrored struct {
	*bench
	mirrors []*bench
	raw     []byte
	blob    v1.Descriptor
}

func newMirrored(t *testing.T, n int) *mirrored {
	t.Helper()
	m := &mirrored{bench: setup(t, nil, nil)}
	m.raw, m.blob = content(blobSize)
	m.store(t, m.raw)
	m.put(t, sample)
	var hosts []string
	for range n {
		b := setup(t, nil, nil)
		b.repo = b.repository(t, "hub/team/app")
		b.store(t, m.raw)
		b.put(t, sample)
		m.mirrors = append(m.mirrors, b)
		hosts = append(hosts, b.base+"/hub/")
	}
	m.Client = New(Options{Transport: m.transport(t), Backoff: m.backoff(), Mirrors: func(registry string) []string {
		if registry == m.base {
			return hosts
		}
		return nil
	}})
	return m
}

// counts are the reads of the origin and of each mirror since the last call.
func (m *mirrored) counts(t *testing.T, do func(*Repository) error) []int {
	t.Helper()
	all := append([]*bench{m.bench}, m.mirrors...)
	var before, out []int
	for _, b := range all {
		before = append(before, len(b.reg.Log()))
	}
	if err := do(m.Repository(m.repo)); err != nil {
		t.Error(err)
	}
	for i, b := range all {
		out = append(out, len(b.reg.Log())-before[i])
	}
	return out
}

func (m *mirrored) readAll(r *Repository) error {
	if _, err := r.Manifest(context.Background(), "x"); err != nil {
		return err
	}
	if _, err := r.Head(context.Background(), "x"); err != nil {
		return err
	}
	blob, err := r.Blob(context.Background(), m.blob)
	if err != nil {
		return err
	}
	defer blob.Close()
	got, err := io.ReadAll(blob)
	if err == nil && !bytes.Equal(got, m.raw) {
		err = errors.New("other bytes")
	}
	return err
}

func TestMirrors(t *testing.T) {
	get := func(path string, do func(http.ResponseWriter, *http.Request, http.Handler)) faultreg.Fault {
		return faultreg.Fault{Path: path, Do: do}
	}
	for _, tt := range []struct {
		what   string
		faults []faultreg.Fault // of the first mirror
		want   []int            // requests to the origin, the first mirror and the second
	}{
		{"good", nil, []int{0, 3, 0}},
		{"does not have it", []faultreg.Fault{get("/v2/", faultreg.Status(404))}, []int{0, 3, 3}},
		{"is broken", []faultreg.Fault{get("/v2/", faultreg.Status(500))}, []int{0, 1, 3}},
		{"denies", []faultreg.Fault{get("/v2/", faultreg.Status(403))}, []int{0, 1, 3}},
		{"lies about the manifest", []faultreg.Fault{get("/manifests/", faultreg.SetHeader("Docker-Content-Digest", faultreg.Digest([]byte("x"))))}, []int{0, 1, 3}},
		{"breaks in the manifest", []faultreg.Fault{get("/manifests/", faultreg.ResetDownload(5))}, []int{0, 1, 3}},
		{"breaks in the blob", []faultreg.Fault{get("/blobs/", faultreg.ResetDownload(5000))}, []int{0, 3, 1}},
	} {
		m := newMirrored(t, 2)
		m.mirrors[0].reg.Add(tt.faults...)
		if got := m.counts(t, m.readAll); !slices.Equal(got, tt.want) {
			t.Errorf("a mirror that %s: %v requests, want %v", tt.what, got, tt.want)
		}
	}
	// No mirror helps.
	m := newMirrored(t, 2)
	for _, b := range m.mirrors {
		b.reg.Add(get("/v2/", faultreg.Status(404)))
	}
	if got := m.counts(t, m.readAll); !slices.Equal(got, []int{3, 3, 3}) {
		t.Errorf("no mirror has it: %v", got)
	}
	_, err := m.Repository(m.repo).Manifest(t.Context(), "none")
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), m.mirrors[1].base) || !strings.HasPrefix(err.Error(), m.base) {
		t.Error(err)
	}
}

// What is written, and what is asked for the sake of writing, goes to the origin.
func TestMirrorsAreNotPushedTo(t *testing.T) {
	m := newMirrored(t, 1)
	got := m.counts(t, func(*Repository) error {
		raw := []byte("new")
		d := m.store(t, raw)
		if _, err := m.HasBlob(t.Context(), m.repo, d.Digest); err != nil {
			return err
		}
		if _, err := m.Client.Manifest(t.Context(), m.repo.Tag("x")); err != nil {
			return err
		}
		if _, err := m.Mount(t.Context(), m.repository(t, "other"), m.repo, d.Digest); err != nil {
			return err
		}
		return m.PutManifest(t.Context(), m.repo.Tag("y"), image, []byte("{}"))
	})
	if got[1] != 0 {
		t.Errorf("the mirror was asked %d times", got[1])
	}
}

// A mirror that serves other bytes fails the read: they are told by their digest.
func TestMirrorWithOtherBytes(t *testing.T) {
	m := newMirrored(t, 1)
	m.mirrors[0].reg.Add(faultreg.Fault{Path: "/blobs/", Do: faultreg.WrongBytes()})
	var wrong *DigestError
	if err := m.readAll(m.Repository(m.repo)); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "mirror "+m.mirrors[0].base) {
		t.Error(err)
	}
}

func TestMirrorPlaces(t *testing.T) {
	repo, err := name.NewRepository("library/python")
	if err != nil {
		t.Fatal(err)
	}
	mirrors := []string{"mirror.example:5000", "cache.example/a/b/"}
	c := New(Options{Mirrors: func(registry string) []string {
		if registry != "index.docker.io" {
			t.Errorf("asked for %s", registry)
		}
		return mirrors
	}})
	from, err := c.places(repo)
	var got []string
	for _, p := range from {
		got = append(got, p.Name())
	}
	want := []string{"mirror.example:5000/library/python", "cache.example/a/b/library/python", "index.docker.io/library/python"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	mirrors = []string{"https://mirror.example"}
	if _, err := c.places(repo); err == nil || !strings.Contains(err.Error(), "HOST[:PORT]") {
		t.Error(err)
	}
}
