package registry

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

func TestMount(t *testing.T) {
	const path = "/v2/team/app/blobs/uploads/"
	for _, tt := range []struct {
		what   string
		do     func(http.ResponseWriter, *http.Request, http.Handler) // of the POST; nil answers 202
		stored bool
		want   bool
		then   []string // requests after the POST
	}{
		{"taken", faultreg.Status(201), false, true, nil},
		{"202, but there", nil, true, true, []string{"HEAD", "DELETE"}},
		{"202, not there", nil, false, false, []string{"HEAD", "DELETE"}},
		{"refused", faultreg.Status(404), false, false, nil},
		{"denied", faultreg.Status(403), false, false, nil},
		{"unsupported", faultreg.Status(405), false, false, nil},
	} {
		b := setup(t, nil, nil)
		_, d := content(1000)
		if tt.stored {
			raw, _ := content(1000)
			b.store(t, raw)
		}
		before := len(b.reg.Log())
		if tt.do != nil {
			b.reg.Add(faultreg.Fault{Method: http.MethodPost, Do: tt.do})
		}
		got, err := b.Mount(t.Context(), b.repo, b.repository(t, "base/image"), d.Digest)
		if got != tt.want || err != nil {
			t.Errorf("%s: %v, %v", tt.what, got, err)
		}
		log := b.reg.Log()[before:]
		if q := log[0].Query; log[0].Path != path || q != "from=base%2Fimage&mount=sha256%3A"+d.Digest.Hex {
			t.Errorf("%s: asked %s?%s", tt.what, log[0].Path, q)
		}
		var then []string
		for _, r := range log[1:] {
			then = append(then, r.Method)
		}
		if diff := cmp.Diff(tt.then, then); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
}

func TestMountFailures(t *testing.T) {
	b := setup(t, nil, nil)
	_, d := content(10)
	b.reg.Add(faultreg.Fault{Method: http.MethodPost, Times: 2, Do: faultreg.Status(503)}, faultreg.Fault{Method: http.MethodPost, Times: 1, Do: faultreg.Status(201)})
	if got, err := b.Mount(t.Context(), b.repo, b.repository(t, "base"), d.Digest); !got || err != nil {
		t.Errorf("busy, then taken: %v, %v", got, err)
	}
	b.reg.Add(faultreg.Fault{Method: http.MethodPost, Do: faultreg.Status(429, "Retry-After", "3600")})
	if got, err := b.Mount(t.Context(), b.repo, b.repository(t, "base"), d.Digest); got || err == nil {
		t.Errorf("told to go away: %v, %v", got, err)
	}
	guard := &faultreg.Tokens{Deny: []string{"secret/base"}}
	closed := guarded(t, guard, login{})
	if got, err := closed.Mount(t.Context(), closed.repo, closed.repository(t, "secret/base"), d.Digest); got || err != nil {
		t.Errorf("no token for the source: %v, %v", got, err)
	}
	other := setup(t, nil, nil)
	if got, err := b.Mount(t.Context(), b.repo, other.repo, d.Digest); got || err != nil || len(other.reg.Log()) != 0 {
		t.Errorf("across registries: %v, %v", got, err)
	}
}
