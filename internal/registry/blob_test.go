package registry

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

const blobSize = 256 << 10

func TestBlobResumes(t *testing.T) {
	raw, _ := content(blobSize)
	for _, n := range points(blobSize) {
		b := setup(t, nil, nil)
		d := b.store(t, raw)
		b.reg.Add(
			faultreg.Fault{Method: http.MethodGet, Path: "/blobs/sha256", Times: 1, Do: faultreg.ResetDownload(n)},
			faultreg.Fault{Method: http.MethodGet, Path: "/blobs/sha256", Times: 2, Do: faultreg.ResetDownload(100)},
		)
		got, err := b.read(t, d)
		if err != nil || !bytes.Equal(got, raw) {
			t.Errorf("reset at %d: %d bytes, %v", n, len(got), err)
		}
		if gets := b.reg.Count("GET", "/blobs/"); gets > 4 {
			t.Errorf("reset at %d: %d requests", n, gets)
		}
		for i, r := range b.reg.Log() {
			if r.Method == http.MethodGet && i > 3 && n > 0 && r.Range == "" {
				t.Errorf("reset at %d: a resume without Range", n)
			}
		}
	}
}

func TestBlobWithoutProperRanges(t *testing.T) {
	raw, _ := content(blobSize)
	for fault, do := range map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"ignored":     faultreg.IgnoreRange,
		"shifted":     faultreg.ShiftRange(7),
		"misreported": faultreg.SetHeader("Content-Range", "bytes 0-1/2"),
		"refused":     faultreg.Status(http.StatusRequestedRangeNotSatisfiable),
	} {
		for _, n := range []int{1, 512, 4095, 64 << 10, blobSize - 1} {
			b := setup(t, nil, nil)
			d := b.store(t, raw)
			b.reg.Add(
				faultreg.Fault{Method: http.MethodGet, Path: "/blobs/sha256", Times: 1, Do: faultreg.ResetDownload(n)},
				faultreg.Fault{Method: http.MethodGet, Path: "/blobs/sha256", Times: 1, Do: do},
			)
			got, err := b.read(t, d)
			if err != nil || !bytes.Equal(got, raw) {
				t.Errorf("range %s after %d: %d bytes, %v", fault, n, len(got), err)
			}
		}
	}
}

func TestBadBlobs(t *testing.T) {
	raw, _ := content(blobSize)
	longer := append(bytes.Clone(raw), 'x')
	for _, tt := range []struct {
		fault string
		do    func(http.ResponseWriter, *http.Request, http.Handler)
		wrong bool // a DigestError, not a broken connection
	}{
		{"wrong bytes", faultreg.WrongBytes(), true},
		{"cut, with Content-Length", faultreg.Truncate(1000, true), false},
		{"cut, without Content-Length", faultreg.Truncate(1000, false), false},
		{"empty", faultreg.Truncate(0, true), false},
		{"always broken", faultreg.ResetDownload(10), false},
		{"too long", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.Write(longer) }, true},
	} {
		b := setup(t, nil, nil)
		d := b.store(t, raw)
		// Every connection fails the same way, so that no resume helps.
		b.reg.Add(faultreg.Fault{Method: http.MethodGet, Path: "/blobs/sha256", Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Header.Del("Range")
			tt.do(w, r, next)
		}})
		got, err := b.read(t, d)
		_, wrong := errors.AsType[*DigestError](err)
		if err == nil || err == io.EOF || wrong != tt.wrong || len(got) > len(raw) {
			t.Errorf("%s: %d bytes, %v", tt.fault, len(got), err)
		}
		if n := b.reg.Count("GET", "/blobs/"); n > maxBreaks+1 {
			t.Errorf("%s: %d requests", tt.fault, n)
		}
	}
}

func TestMissingBlob(t *testing.T) {
	b := setup(t, nil, nil)
	_, d := content(10)
	if _, err := b.Blob(t.Context(), b.repo, d); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	d.Digest = v1.Hash{Algorithm: "sha512", Hex: d.Digest.Hex}
	if _, err := b.Blob(t.Context(), b.repo, d); err == nil {
		t.Error("a digest that cannot be checked passed")
	}
}

func TestBlobExists(t *testing.T) {
	raw, _ := content(1000)
	_, absent := content(999)
	b := setup(t, nil, nil)
	d := b.store(t, raw)
	empty := b.store(t, nil)
	for _, tt := range []struct {
		d    v1.Descriptor
		want bool
	}{{d, true}, {absent, false}, {empty, true}} {
		has, err := b.HasBlob(t.Context(), b.repo, tt.d.Digest)
		if has != tt.want || err != nil {
			t.Errorf("HasBlob of %d bytes: %v, %v", tt.d.Size, has, err)
		}
		has, err = b.ConfirmBlob(t.Context(), b.repo, tt.d.Digest)
		if has != tt.want || err != nil {
			t.Errorf("ConfirmBlob of %d bytes: %v, %v", tt.d.Size, has, err)
		}
	}
}

func TestHeadThatLies(t *testing.T) {
	_, absent := content(999)
	b := setup(t, nil, nil)
	b.reg.Add(faultreg.Fault{Method: http.MethodHead, Do: faultreg.Status(200, "Content-Length", "999")})
	if has, err := b.HasBlob(t.Context(), b.repo, absent.Digest); !has || err != nil {
		t.Fatalf("the fault does not work: %v, %v", has, err)
	}
	if has, err := b.ConfirmBlob(t.Context(), b.repo, absent.Digest); has || err != nil {
		t.Errorf("absent blob: %v, %v", has, err)
	}
	// Kept, but with no bytes: what a garbage collector leaves.
	b.reg.Add(faultreg.Fault{Method: http.MethodGet, Do: faultreg.Status(200)})
	if has, err := b.ConfirmBlob(t.Context(), b.repo, absent.Digest); has || err != nil {
		t.Errorf("hollow blob: %v, %v", has, err)
	}
}

func TestHeadNotAllowed(t *testing.T) {
	raw, _ := content(1000)
	b := setup(t, nil, nil)
	d := b.store(t, raw)
	b.reg.Add(faultreg.Fault{Method: http.MethodHead, Do: faultreg.Status(405)})
	if has, err := b.HasBlob(t.Context(), b.repo, d.Digest); !has || err != nil {
		t.Errorf("%v, %v", has, err)
	}
}

func TestSourceOfRepository(t *testing.T) {
	raw, _ := content(1000)
	b := setup(t, nil, nil)
	d := b.store(t, raw)
	src := b.Repository(b.repo)
	manifest := []byte(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{},"layers":[]}`)
	if err := b.PutManifest(t.Context(), b.repo.Tag("latest"), "application/vnd.oci.image.manifest.v1+json", manifest); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"", "latest", faultreg.Digest(manifest)} {
		if m, err := src.Manifest(t.Context(), ref); err != nil || !bytes.Equal(m.Bytes, manifest) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	if _, err := src.Manifest(t.Context(), "no such/tag"); err == nil || strings.Contains(err.Error(), "GET") {
		t.Errorf("a bad tag was asked for: %v", err)
	}
	r, err := src.Blob(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, raw) {
		t.Error(err)
	}
}
