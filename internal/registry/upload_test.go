package registry

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// uploaded checks that the registry holds exactly the blob.
func uploaded(t *testing.T, b *bench, what string, raw []byte) {
	t.Helper()
	if got, err := b.read(t, descriptor(raw)); err != nil || !bytes.Equal(got, raw) {
		t.Errorf("%s: the registry holds %d bytes: %v", what, len(got), err)
	}
}

func TestUploadIsTwoRequests(t *testing.T) {
	for _, n := range []int{0, 1, blobSize} {
		b := setup(t, nil, nil)
		raw, d := content(n)
		var sent int64
		if err := b.Upload(t.Context(), b.repo, d, opener(raw), func(n int64) { sent += n }); err != nil {
			t.Fatal(err)
		}
		if log := b.reg.Log(); len(log) != 2 || log[0].Method != "POST" || log[1].Method != "PUT" || sent != d.Size {
			t.Errorf("%d bytes: %+v, %d bytes counted", n, log, sent)
		}
		uploaded(t, b, "plain", raw)
	}
}

func TestUploadResumes(t *testing.T) {
	raw, d := content(blobSize)
	for _, n := range points(blobSize) {
		b := setup(t, nil, nil)
		b.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/uploads/", Times: 1, Do: faultreg.ResetUpload(int64(n))})
		if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
			t.Errorf("reset at %d: %v", n, err)
			continue
		}
		if got := b.reg.Received(); got > 2*d.Size {
			t.Errorf("reset at %d: %d bytes moved", n, got)
		}
		if resumed := b.reg.Count("PATCH", "/uploads/") == 1; resumed != (n > 1) {
			t.Errorf("reset at %d: resumed: %v", n, resumed)
		}
		uploaded(t, b, "resumed", raw)
	}
}

func TestUploadThroughFaults(t *testing.T) {
	raw, d := content(blobSize)
	put := func(times int, do func(http.ResponseWriter, *http.Request, http.Handler)) faultreg.Fault {
		return faultreg.Fault{Method: http.MethodPut, Path: "/uploads/", Times: times, Do: do}
	}
	patch := func(times int, do func(http.ResponseWriter, *http.Request, http.Handler)) faultreg.Fault {
		f := put(times, do)
		f.Method = http.MethodPatch
		return f
	}
	for what, script := range map[string][]faultreg.Fault{
		"PUT 500":               {put(1, faultreg.Status(500))},
		"PUT 429 and later":     {put(2, faultreg.Status(429, "Retry-After", "20"))},
		"answer lost":           {put(1, faultreg.LoseAnswer)},
		"session unknown":       {put(1, faultreg.Refuse(404, "BLOB_UPLOAD_UNKNOWN", "gone"))},
		"broken, GET refused":   {put(1, faultreg.ResetUpload(9999)), {Method: "GET", Path: "/uploads/", Do: faultreg.Status(400)}},
		"broken, and in PATCH":  {put(1, faultreg.ResetUpload(9999)), patch(3, faultreg.ResetUpload(20000))},
		"PATCH stands wrong":    {put(1, faultreg.ResetUpload(9999)), patch(1, faultreg.Status(416))},
		"PATCH claims less":     {put(1, faultreg.ResetUpload(9999)), patch(1, faultreg.SetHeader("Range", "0-5"))},
		"small pieces at last":  {put(2, faultreg.ResetUpload(0)), {Method: "POST", Path: "/uploads/", Do: faultreg.SetHeader("OCI-Chunk-Min-Length", "1000000000")}},
		"POST busy":             {{Method: "POST", Path: "/uploads/", Times: 3, Do: faultreg.Status(503)}},
		"Location with a query": {{Method: "POST", Path: "/uploads/", Do: withQuery}},
	} {
		b := setup(t, nil, nil)
		b.reg.Add(script...)
		var at, back int64
		err := b.Upload(t.Context(), b.repo, d, opener(raw), func(n int64) {
			if at += n; n < 0 {
				back++
			}
			if at < 0 || at > d.Size {
				t.Errorf("%s: progress stands at %d", what, at)
			}
		})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if at != d.Size {
			t.Errorf("%s: %d of %d bytes counted, %d times back", what, at, d.Size, back)
		}
		if got := b.reg.Received(); got > 3*d.Size {
			t.Errorf("%s: %d bytes moved", what, got)
		}
		uploaded(t, b, what, raw)
	}
}

// withQuery adds opaque state to a session's location.
func withQuery(w http.ResponseWriter, r *http.Request, next http.Handler) {
	faultreg.SetHeader("Location", r.URL.Path+"session-1?_state=a%2Bb==")(w, r, next)
}

func TestUploadGivesUp(t *testing.T) {
	raw, d := content(blobSize)
	for what, script := range map[string][]faultreg.Fault{
		"always broken":     {{Method: http.MethodPut, Path: "/uploads/", Do: faultreg.ResetUpload(0)}},
		"always 500":        {{Method: http.MethodPut, Path: "/uploads/", Do: faultreg.Status(500)}},
		"wait for an hour":  {{Method: http.MethodPut, Path: "/uploads/", Do: faultreg.Status(429, "Retry-After", "3600")}},
		"digest refused":    {{Method: http.MethodPut, Path: "/uploads/", Do: faultreg.Refuse(400, "DIGEST_INVALID", "no")}},
		"too large":         {{Method: http.MethodPut, Path: "/uploads/", Do: faultreg.Status(413)}},
		"stored otherwise":  {{Method: http.MethodPut, Path: "/uploads/", Do: faultreg.SetHeader("Docker-Content-Digest", faultreg.Digest(nil))}},
		"no location":       {{Method: http.MethodPost, Path: "/uploads/", Do: faultreg.SetHeader("Location", "")}},
		"location no URL":   {{Method: http.MethodPost, Path: "/uploads/", Do: faultreg.SetHeader("Location", "http://a b/CANARY")}},
		"location a file":   {{Method: http.MethodPost, Path: "/uploads/", Do: faultreg.SetHeader("Location", "file:///CANARY?x=CANARY")}},
		"POST not accepted": {{Method: http.MethodPost, Path: "/uploads/", Do: faultreg.Status(200)}},
	} {
		b := setup(t, nil, nil)
		b.reg.Add(script...)
		err := b.Upload(t.Context(), b.repo, d, opener(raw), nil)
		if err == nil || !strings.Contains(err.Error(), b.repo.Name()) || what != "location a file" && strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", what, err)
		}
		if what == "wait for an hour" && !strings.Contains(err.Error(), "3600") {
			t.Errorf("%s: the wait is not named: %v", what, err)
		}
		if n := b.reg.Count("PUT", "/uploads/"); n > 16 {
			t.Errorf("%s: %d tries", what, n)
		}
	}
}

// closing counts readers that are open.
type closing struct {
	io.Reader
	open *atomic.Int32
}

func (c closing) Close() error {
	c.open.Add(-1)
	return nil
}

func TestUploadSourceFails(t *testing.T) {
	raw, d := content(blobSize)
	failure := errors.New("the disk broke")
	for what, source := range map[string]func() (io.Reader, error){
		"does not open": func() (io.Reader, error) { return nil, failure },
		"breaks":        func() (io.Reader, error) { return io.MultiReader(bytes.NewReader(raw[:9999]), failing{failure}), nil },
		"breaks at end": func() (io.Reader, error) { return io.MultiReader(bytes.NewReader(raw), failing{failure}), nil },
		"is short":      func() (io.Reader, error) { return bytes.NewReader(raw[:9999]), nil },
		"is long":       func() (io.Reader, error) { return io.MultiReader(bytes.NewReader(raw), strings.NewReader("x")), nil },
	} {
		b := setup(t, nil, nil)
		var open atomic.Int32
		err := b.Upload(t.Context(), b.repo, d, func() (io.ReadCloser, error) {
			r, err := source()
			if err != nil {
				return nil, err
			}
			open.Add(1)
			return closing{r, &open}, nil
		}, nil)
		_, ours := errors.AsType[*sourceError](err)
		if !ours || open.Load() != 0 {
			t.Errorf("%s: %v, %d readers open", what, err, open.Load())
		}
		if n := b.reg.Count("PUT", "/uploads/"); n > 1 {
			t.Errorf("%s: tried %d times", what, n)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Where the registry that a blob is read from denies it, the one that it goes to is not blamed.
func TestUploadSourceDenies(t *testing.T) {
	for what, tt := range map[string]struct {
		do     func(http.ResponseWriter, *http.Request, http.Handler)
		want   error
		advice string
	}{
		"denied":  {do: faultreg.Refuse(403, "DENIED", "no"), want: ErrUnauthorized, advice: "access denied: wrong or no credentials for "},
		"missing": {do: faultreg.Refuse(404, "BLOB_UNKNOWN", "gone"), want: ErrNotFound, advice: ": not found ("},
	} {
		from, to := setup(t, nil, nil), setup(t, nil, nil)
		raw, _ := content(blobSize)
		d := from.store(t, raw)
		from.reg.Add(faultreg.Fault{Method: http.MethodGet, Path: "/blobs/", Do: tt.do})
		err := to.Upload(t.Context(), to.repo, d, func() (io.ReadCloser, error) {
			return from.Blob(t.Context(), from.repo, d)
		}, nil)
		if !errors.Is(err, tt.want) {
			t.Fatalf("%s: %v", what, err)
		}
		upload, source, _ := strings.Cut(err.Error(), ": reading what is to be uploaded: ")
		if upload != "uploading "+blobName(to.repo, d.Digest) || strings.Contains(source, to.base) {
			t.Errorf("%s: the destination is blamed: %v", what, err)
		}
		if strings.Count(err.Error(), tt.advice) != 1 || !strings.HasPrefix(source, blobName(from.repo, d.Digest)) {
			t.Errorf("%s: the source is not blamed, once: %v", what, err)
		}
	}
	// The destination's own denial is still explained.
	to := setup(t, nil, nil)
	to.reg.Add(faultreg.Fault{Method: http.MethodPut, Path: "/uploads/", Do: faultreg.Refuse(403, "DENIED", "no")})
	raw, d := content(blobSize)
	if err := to.Upload(t.Context(), to.repo, d, opener(raw), nil); !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "layerpack login "+to.base) {
		t.Errorf("the destination denies: %v", err)
	}
}
