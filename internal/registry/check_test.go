package registry

import (
	"errors"
	"net/http"
	"testing"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

func TestCheck(t *testing.T) {
	basic := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, pass, _ := r.BasicAuth(); pass != password {
				w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
				faultreg.Error(w, 401, "UNAUTHORIZED", "no, "+r.Header.Get("Authorization"))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	bearer := func(next http.Handler) http.Handler {
		return &faultreg.Tokens{Username: "me", Password: password, Next: next}
	}
	broken := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) })
	}
	for _, tt := range []struct {
		what    string
		wrap    func(http.Handler) http.Handler
		pass    string
		checked bool
		denied  bool
		failed  bool
	}{
		{"basic", basic, password, true, false, false},
		{"basic, wrong", basic, "WRONG-CANARY", false, true, false},
		{"bearer", bearer, password, true, false, false},
		{"bearer, wrong", bearer, "WRONG-CANARY", false, true, false},
		{"open to all", nil, password, false, false, false},
		{"no registry", broken, password, false, false, true},
	} {
		b := setup(t, login{Username: "me", Password: tt.pass}, tt.wrap)
		checked, err := b.Check(t.Context(), b.repo.Registry)
		if checked != tt.checked || errors.Is(err, ErrUnauthorized) != tt.denied || (err != nil) != (tt.denied || tt.failed) {
			t.Errorf("%s: %v, %v", tt.what, checked, err)
		}
		if err != nil {
			noCanary(t, err)
		}
	}
}
