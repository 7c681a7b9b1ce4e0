package registry

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// go-containerregistry's registry as it is: no mounts, no upload status, blobs shared by all
// repositories.
func TestPlainRegistry(t *testing.T) {
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	b := setup(t, nil, func(http.Handler) http.Handler { return inner })
	raw, d := content(blobSize)
	if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
		t.Fatal(err)
	}
	if got, err := b.read(t, d); err != nil || !bytes.Equal(got, raw) {
		t.Error(err)
	}
	if ok, err := b.ConfirmBlob(t.Context(), b.repo, d.Digest); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := b.Mount(t.Context(), b.repository(t, "other"), b.repo, d.Digest); !ok || err != nil {
		t.Error("mount", ok, err)
	}
	b.put(t, sample)
	if m, err := b.Manifest(t.Context(), b.repo.Tag("x")); err != nil || !bytes.Equal(m.Bytes, sample) {
		t.Error(err)
	}
	if _, err := b.Manifest(t.Context(), b.repository(t, "none").Tag("x")); err == nil || !strings.Contains(err.Error(), "NAME_UNKNOWN") {
		t.Error(err)
	}
}

// The same behind a connection that breaks once: no status to ask for, so the upload begins anew.
func TestPlainRegistryBreaks(t *testing.T) {
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	broken := false
	b := setup(t, nil, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && !broken {
				broken = true
				faultreg.ResetUpload(1000)(w, r, inner)
				return
			}
			inner.ServeHTTP(w, r)
		})
	})
	raw, d := content(blobSize)
	if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
		t.Fatal(err)
	}
	if got, err := b.read(t, d); err != nil || !bytes.Equal(got, raw) {
		t.Error(err)
	}
}

// A registry that fails and loses its sessions, until the pieces are small.
func TestPiecesOfAnUpload(t *testing.T) {
	b := setup(t, nil, nil)
	b.piece = blobSize / 4
	raw, d := content(blobSize + 1000)
	b.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/uploads/", Times: wholeSessions, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		b.reg.Forget("")
		faultreg.Status(502)(w, r, next)
	}})
	if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
		t.Fatal(err)
	}
	if n := b.reg.Count("PATCH", "/uploads/"); n != 5 {
		t.Errorf("%d pieces", n)
	}
	if got, err := b.read(t, d); err != nil || !bytes.Equal(got, raw) {
		t.Error(err)
	}
}
