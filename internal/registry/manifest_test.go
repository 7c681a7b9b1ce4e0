package registry

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

var sample = []byte(`{"schemaVersion":2,"config":{},"layers":[]}`)

func (b *bench) put(t *testing.T, raw []byte) {
	t.Helper()
	if err := b.PutManifest(t.Context(), b.repo.Tag("x"), image, raw); err != nil {
		t.Fatal(err)
	}
}

func TestManifest(t *testing.T) {
	b := setup(t, nil, nil)
	b.put(t, sample)
	for _, id := range []string{"x", faultreg.Digest(sample)} {
		m, err := b.Repository(b.repo).Manifest(t.Context(), id)
		if err != nil || m.Digest.String() != faultreg.Digest(sample) || m.MediaType != image || !bytes.Equal(m.Bytes, sample) {
			t.Errorf("%s: %+v, %v", id, m, err)
		}
	}
	d, err := b.Head(t.Context(), b.repo.Tag("x"))
	if err != nil || d.Digest.String() != faultreg.Digest(sample) || d.Size != int64(len(sample)) || d.MediaType != image {
		t.Errorf("%+v, %v", d, err)
	}
	if n := len(b.reg.Log()); n != 4 {
		t.Errorf("%d requests", n)
	}
	_, err = b.Manifest(t.Context(), b.repo.Tag("none"))
	if !errors.Is(err, ErrNotFound) || !strings.HasPrefix(err.Error(), b.repo.Tag("none").String()+": not found: check the name and the tag (GET ") {
		t.Error(err)
	}
	if _, err = b.Head(t.Context(), b.repo.Tag("none")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestBadManifests(t *testing.T) {
	for what, do := range map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"wrong bytes":  faultreg.WrongBytes(),
		"wrong header": faultreg.SetHeader("Docker-Content-Digest", faultreg.Digest(nil)),
		"cut":          faultreg.Truncate(10, true),
		"broken":       faultreg.ResetDownload(10),
		"huge": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Write(make([]byte, MaxManifest+1))
		},
		"an error page": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(418)
			w.Write([]byte("<html>\x1b[31m"))
		},
	} {
		b := setup(t, nil, nil)
		b.put(t, sample)
		b.reg.Add(faultreg.Fault{Method: http.MethodGet, Do: do})
		for _, id := range []string{"x", faultreg.Digest(sample)} {
			if _, err := b.Repository(b.repo).Manifest(t.Context(), id); err == nil || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%s, %s: %v", what, id, err)
			}
		}
	}
}

func TestManifestBreaksOnce(t *testing.T) {
	b := setup(t, nil, nil)
	b.put(t, sample)
	b.reg.Add(faultreg.Fault{Method: http.MethodGet, Times: 2, Do: faultreg.ResetDownload(10)})
	if _, err := b.Manifest(t.Context(), b.repo.Tag("x")); err != nil {
		t.Error(err)
	}
}

func TestHeadFallsBackToGet(t *testing.T) {
	for what, do := range map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"no digest":   faultreg.SetHeader("Docker-Content-Digest", ""),
		"bad digest":  faultreg.SetHeader("Docker-Content-Digest", "sha256:12"),
		"no type":     faultreg.SetHeader("Content-Type", ""),
		"not allowed": faultreg.Status(405),
	} {
		b := setup(t, nil, nil)
		b.put(t, sample)
		b.reg.Add(faultreg.Fault{Method: http.MethodHead, Do: do})
		d, err := b.Head(t.Context(), b.repo.Tag("x"))
		if err != nil || d.Digest.String() != faultreg.Digest(sample) || d.Size != int64(len(sample)) || b.reg.Count("GET", "/manifests/") != 1 {
			t.Errorf("%s: %+v, %v", what, d, err)
		}
	}
	b := setup(t, nil, nil)
	b.put(t, sample)
	b.reg.Add(faultreg.Fault{Method: http.MethodHead, Do: faultreg.SetHeader("Docker-Content-Digest", faultreg.Digest(nil))})
	if _, err := b.Head(t.Context(), b.repo.Digest(faultreg.Digest(sample))); err == nil {
		t.Error("another digest than was asked for passed")
	}
}

func TestPutManifest(t *testing.T) {
	put := func(times int, do func(http.ResponseWriter, *http.Request, http.Handler)) faultreg.Fault {
		return faultreg.Fault{Method: http.MethodPut, Path: "/manifests/", Times: times, Do: do}
	}
	hidden := put(0, faultreg.SetHeader("Docker-Content-Digest", ""))
	for _, tt := range []struct {
		what   string
		script []faultreg.Fault
		ok     bool
	}{
		{"busy", []faultreg.Fault{put(3, faultreg.Status(429, "Retry-After", "7"))}, true},
		{"no digest in the answer", []faultreg.Fault{hidden}, true},
		{"seen late", []faultreg.Fault{hidden, {Method: http.MethodGet, Times: 3, Do: faultreg.Status(404)}}, true},
		{"never seen", []faultreg.Fault{hidden, {Method: http.MethodGet, Do: faultreg.Status(404)}}, false},
		{"seen otherwise", []faultreg.Fault{hidden, {Method: http.MethodGet, Do: faultreg.WrongBytes()}}, false},
		{"other digest", []faultreg.Fault{put(0, faultreg.SetHeader("Docker-Content-Digest", faultreg.Digest(nil)))}, false},
		{"refused", []faultreg.Fault{put(0, faultreg.Refuse(400, "MANIFEST_INVALID", "no"))}, false},
	} {
		b := setup(t, nil, nil)
		b.reg.Add(tt.script...)
		if err := b.PutManifest(t.Context(), b.repo.Tag("x"), image, sample); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.what, err)
		}
	}
	b := setup(t, nil, nil)
	if err := b.PutManifest(t.Context(), b.repo.Digest(faultreg.Digest(nil)), image, sample); err == nil || len(b.reg.Log()) != 0 {
		t.Error("a manifest was written under another's digest")
	}
}

func TestMissingBlobsAreNamed(t *testing.T) {
	b := setup(t, nil, nil)
	missing := descriptor([]byte("x")).Digest
	for _, status := range []int{400, 404} {
		b.reg.Add(faultreg.Fault{Method: http.MethodPut, Times: 1, Do: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(status)
			w.Write([]byte(`{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown","detail":{"digest":"` + missing.String() + `"}},{"code":"X","detail":"text"}]}`))
		}})
		err := b.PutManifest(t.Context(), b.repo.Tag("x"), image, sample)
		e, ok := errors.AsType[*StatusError](err)
		if !ok || !errors.Is(err, ErrBlobUnknown) || errors.Is(err, ErrNotFound) || len(e.Blobs) != 1 || e.Blobs[0] != missing {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestMediaType(t *testing.T) {
	for _, tt := range []struct {
		header, body string
		want         types.MediaType
	}{
		{image + "; charset=utf-8", "{}", types.OCIManifestSchema1},
		{"application/json", `{"mediaType":"` + string(types.DockerManifestList) + `"}`, types.DockerManifestList},
		{"", `{"schemaVersion":2,"manifests":[]}`, types.OCIImageIndex},
		{"text/plain", string(sample), types.OCIManifestSchema1},
		{"", `{"schemaVersion":1,"fsLayers":[]}`, types.DockerManifestSchema1},
		{"text/html", `<html>`, "text/html"},
		{";;", `{}`, ""},
	} {
		if got := mediaType(tt.header, []byte(tt.body)); got != string(tt.want) {
			t.Errorf("%q with %s: %q, want %q", tt.header, tt.body, got, tt.want)
		}
	}
}
