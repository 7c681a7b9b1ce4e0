package registry

import (
	"errors"
	"net/http"
	"testing"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// What a registry says of a blob with HEAD, with one byte, and with all of it.
func TestLies(t *testing.T) {
	head := faultreg.Fault{Method: http.MethodHead, Path: "/blobs/", Do: faultreg.Status(200, "Content-Length", "100000")}
	get := func(times int, do func(http.ResponseWriter, *http.Request, http.Handler)) faultreg.Fault {
		return faultreg.Fault{Method: http.MethodGet, Path: "/blobs/", Times: times, Do: do}
	}
	raw, d := content(blobSize)
	var wrong *DigestError
	for _, tt := range []struct {
		what      string
		stored    bool
		faults    []faultreg.Fault
		has, byte bool
		whole     func(error) bool
	}{
		{"honest", true, nil, true, true, func(err error) bool { return err == nil }},
		{"absent", false, nil, false, false, func(err error) bool { return errors.Is(err, ErrNotFound) }},
		{"HEAD lies", false, []faultreg.Fault{head}, true, false, func(err error) bool { return errors.Is(err, ErrNotFound) }},
		{"nothing comes", true, []faultreg.Fault{get(0, faultreg.Truncate(0, true))}, true, false, func(err error) bool { return err != nil }},
		{"other bytes", true, []faultreg.Fault{get(0, faultreg.WrongBytes())}, true, true, func(err error) bool { return errors.As(err, &wrong) }},
		{"cut short", true, []faultreg.Fault{get(0, faultreg.Truncate(100, true))}, true, true, func(err error) bool { return err != nil }},
		{"broken once", true, []faultreg.Fault{get(2, faultreg.ResetDownload(100))}, true, true, func(err error) bool { return err == nil }},
		{"gone", true, []faultreg.Fault{get(0, faultreg.Status(410))}, true, false, func(err error) bool { return err != nil }},
	} {
		b := setup(t, nil, nil)
		if tt.stored {
			b.store(t, raw)
		}
		b.reg.Add(tt.faults...)
		if has, err := b.HasBlob(t.Context(), b.repo, d.Digest); has != tt.has || err != nil {
			t.Errorf("%s: HEAD says %v, %v", tt.what, has, err)
		}
		if has, err := b.ConfirmBlob(t.Context(), b.repo, d.Digest); has != tt.byte || err != nil {
			t.Errorf("%s: a byte says %v, %v", tt.what, has, err)
		}
		if err := b.VerifyBlob(t.Context(), b.repo, d); !tt.whole(err) {
			t.Errorf("%s: the whole says %v", tt.what, err)
		}
	}
}

// A push as it is made: one challenge and one token for everything.
func TestRequestsOfAPush(t *testing.T) {
	guard := &faultreg.Tokens{Username: "me", Password: password}
	var challenges int
	b := setup(t, login{Username: "me", Password: password}, func(next http.Handler) http.Handler {
		guard.Next = next
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/token" && r.Header.Get("Authorization") == "" {
				challenges++
			}
			guard.ServeHTTP(w, r)
		})
	})
	base := b.repository(t, "base/image")
	push := func() {
		t.Helper()
		if _, err := b.Repository(base).Head(t.Context(), "3.11"); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if _, err := b.Manifest(t.Context(), b.repo.Tag("x")); err != nil && !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		for _, n := range []int{1000, 2000} {
			raw, d := content(n)
			if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, ref := range []string{descriptor(sample).Digest.String(), "x"} {
			named, err := reference(b.repo, ref)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.PutManifest(t.Context(), named, image, sample); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.Announce(false, base)
	b.Announce(true, b.repo)
	push()
	if n := len(b.reg.Log()); challenges != 1 || len(guard.Asked()) != 1 || n != 8 {
		t.Errorf("first: %d challenges, %d tokens, %d requests", challenges, len(guard.Asked()), n)
	}
	push()
	if n := len(b.reg.Log()); challenges != 1 || len(guard.Asked()) != 1 || n != 16 {
		t.Errorf("second: %d challenges, %d tokens, %d requests", challenges, len(guard.Asked()), n)
	}
}
