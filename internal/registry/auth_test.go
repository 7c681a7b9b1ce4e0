package registry

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

const (
	password = "PASSWORD-CANARY"
	image    = "application/vnd.oci.image.manifest.v1+json"
)

// guarded is a registry behind a token service.
func guarded(t *testing.T, guard *faultreg.Tokens, keys login) *bench {
	t.Helper()
	return setup(t, keys, func(next http.Handler) http.Handler {
		guard.Next = next
		return guard
	})
}

func TestOneTokenForPullAndPush(t *testing.T) {
	guard := &faultreg.Tokens{Username: "me", Password: password}
	b := guarded(t, guard, login{Username: "me", Password: password})
	base := b.repository(t, "base/image")
	b.Announce(false, base)
	b.Announce(true, b.repo)
	raw, d := content(1000)
	if has, err := b.HasBlob(t.Context(), base, d.Digest); has || err != nil {
		t.Fatal(has, err)
	}
	if _, err := b.Mount(t.Context(), b.repo, base, d.Digest); err != nil {
		t.Fatal(err)
	}
	if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
		t.Fatal(err)
	}
	if err := b.PutManifest(t.Context(), b.repo.Tag("x"), image, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	want := []string{"repository:base/image:pull", "repository:team/app:pull,push"}
	if asked := guard.Asked(); len(asked) != 1 || !slices.Equal(asked[0], want) {
		t.Errorf("asked for %q", asked)
	}
}

func TestMountAsksForBothRepositories(t *testing.T) {
	guard := &faultreg.Tokens{}
	b := guarded(t, guard, login{})
	_, d := content(10)
	if _, err := b.Mount(t.Context(), b.repo, b.repository(t, "base/image"), d.Digest); err != nil {
		t.Fatal(err)
	}
	want := []string{"repository:base/image:pull", "repository:team/app:pull,push"}
	if asked := guard.Asked(); len(asked) != 1 || !slices.Equal(asked[0], want) {
		t.Errorf("asked for %q", asked)
	}
}

func TestDeniedScopeDoesNotSpoilOthers(t *testing.T) {
	guard := &faultreg.Tokens{Deny: []string{"secret/repo"}}
	b := guarded(t, guard, login{})
	b.Announce(true, b.repo, b.repository(t, "secret/repo"))
	raw, _ := content(10)
	b.store(t, raw)
	_, err := b.HasBlob(t.Context(), b.repository(t, "secret/repo"), descriptor(raw).Digest)
	if !errors.Is(err, ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
}

func TestTokenExpires(t *testing.T) {
	raw, d := content(1000)
	manifest := []byte("{}")
	guard := &faultreg.Tokens{}
	b := guarded(t, guard, login{})
	for what, step := range map[string]func() error{
		"upload": func() error { return b.Upload(t.Context(), b.repo, d, opener(raw), nil) },
		"mount": func() error {
			_, err := b.Mount(t.Context(), b.repo, b.repository(t, "other"), d.Digest)
			return err
		},
		"manifest": func() error { return b.PutManifest(t.Context(), b.repo.Tag("x"), image, manifest) },
	} {
		if err := step(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		guard.Expire()
		before := len(guard.Asked())
		if err := step(); err != nil {
			t.Errorf("%s with an expired token: %v", what, err)
		}
		if n := len(guard.Asked()) - before; n != 1 {
			t.Errorf("%s: %d token requests", what, n)
		}
	}
	// In mid-upload: the session is open when the token ends.
	b.reg.Add(faultreg.Fault{Method: http.MethodPost, Path: "/uploads/", Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(w, r)
		guard.Expire()
	}})
	before := len(guard.Asked())
	if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
		t.Error(err)
	}
	if n := len(guard.Asked()) - before; n != 1 {
		t.Errorf("in mid-upload: %d token requests", n)
	}
	// And by the clock: no request is wasted on a token that is known to be over.
	b.clock.pass(1e12)
	seen := len(b.reg.Log())
	if _, err := b.HasBlob(t.Context(), b.repo, d.Digest); err != nil || len(b.reg.Log()) != seen+1 || len(guard.Asked()) != before+2 {
		t.Error(err)
	}
}

func TestUselessTokensEndSoon(t *testing.T) {
	guard := &faultreg.Tokens{}
	b := guarded(t, guard, login{})
	b.reg.Add(faultreg.Fault{Do: func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+r.Host+`/token"`)
		faultreg.Error(w, 401, "UNAUTHORIZED", "never")
	}})
	_, err := b.Manifest(t.Context(), b.repo.Tag("x"))
	if !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "docker login "+b.base) {
		t.Error(err)
	}
	if n := len(guard.Asked()); n > 2 {
		t.Errorf("%d token requests", n)
	}
}

func TestNoSecretInErrors(t *testing.T) {
	_, d := content(10)
	for _, keys := range []login{
		{Username: "me", Password: password},
		{Auth: "cGFzc3dvcmQtQ0FOQVJZ"},
		{IdentityToken: "IDENTITY-CANARY"},
		{RegistryToken: "REGISTRY-CANARY"},
	} {
		guard := &faultreg.Tokens{Username: "me", Password: "another"}
		b := guarded(t, guard, keys)
		for range 2 {
			for _, err := range []error{
				func() error { _, err := b.Manifest(t.Context(), b.repo.Tag("x")); return err }(),
				b.Upload(t.Context(), b.repo, d, opener(nil), nil),
				b.PutManifest(t.Context(), b.repo.Tag("x"), image, []byte("{}")),
			} {
				if !errors.Is(err, ErrUnauthorized) || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), keys.Auth) && keys.Auth != "" {
					t.Errorf("%+v: %v", keys, err)
				}
			}
		}
	}
	// A registry that repeats what it was told.
	guard := &faultreg.Tokens{}
	b := guarded(t, guard, login{Username: "me", Password: password})
	b.reg.Add(faultreg.Fault{Do: func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		faultreg.Error(w, 400, "BAD", "your header was "+r.Header.Get("Authorization"))
	}})
	_, err := b.Manifest(t.Context(), b.repo.Tag("x"))
	if err == nil || strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), "your header was Bearer …") {
		t.Error(err)
	}
}

func TestBasic(t *testing.T) {
	for _, tt := range []struct {
		keys login
		ok   bool
	}{
		{login{Username: "me", Password: password}, true},
		{login{Auth: "bWU6UEFTU1dPUkQtQ0FOQVJZ"}, true},
		{login{Username: "me", Password: "wrong"}, false},
		{login{}, false},
	} {
		b := setup(t, tt.keys, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if user, pass, _ := r.BasicAuth(); user != "me" || pass != password {
					w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
					faultreg.Error(w, 401, "UNAUTHORIZED", "no")
					return
				}
				next.ServeHTTP(w, r)
			})
		})
		raw, d := content(1000)
		err := b.Upload(t.Context(), b.repo, d, opener(raw), nil)
		if (err == nil) != tt.ok || !tt.ok && !errors.Is(err, ErrUnauthorized) {
			t.Errorf("%+v: %v", tt.keys, err)
		}
	}
}

// Open to everyone, but for what it hides.
func TestHiddenRepository(t *testing.T) {
	for _, keys := range []login{{}, {Username: "me", Password: password}} {
		b := setup(t, keys, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, pass, _ := r.BasicAuth(); pass == password {
					next.ServeHTTP(w, r)
					return
				}
				if r.URL.Path == "/v2/" {
					w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
					w.WriteHeader(401)
					return
				}
				w.WriteHeader(404)
			})
		})
		err := b.PutManifest(t.Context(), b.repo.Tag("x"), image, []byte("{}"))
		if known := keys.Password != ""; (err == nil) != known || !known && !errors.Is(err, ErrNotFound) {
			t.Errorf("%+v: %v", keys, err)
		}
	}
}

func TestParallelUse(t *testing.T) {
	guard := &faultreg.Tokens{}
	b := guarded(t, guard, login{})
	raw, d := content(20000)
	b.Announce(true, b.repo)
	var wg sync.WaitGroup
	errs := make(chan error, 40)
	for range 20 {
		wg.Go(func() {
			errs <- b.Upload(t.Context(), b.repo, d, opener(raw), nil)
			got, err := b.read(t, d)
			if err == nil && !bytes.Equal(got, raw) {
				err = errors.New("wrong bytes")
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if n := len(guard.Asked()); n != 1 {
		t.Errorf("%d token requests", n)
	}
}

func TestDefaultHost(t *testing.T) {
	ref, err := name.ParseReference("python:3.11")
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{PlainHTTP: func(h string) bool { return h == "listed.example" }})
	if got := c.url(ref.Context(), "manifests/3.11").String(); got != "https://index.docker.io/v2/library/python/manifests/3.11" {
		t.Error(got)
	}
	for host, want := range map[string]string{"listed.example": "http", "other.example": "https", "localhost:5000": "http"} {
		if got := c.scheme(host); got != want {
			t.Errorf("%s: %s", host, got)
		}
	}
}

func noCanary(t *testing.T, err error) {
	t.Helper()
	if strings.Contains(err.Error(), "CANARY") {
		t.Errorf("leaks: %v", err)
	}
}
