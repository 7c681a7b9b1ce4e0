package registry

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/internal/transport"
)

// A registry and its token service, both behind a proxy but for what NO_PROXY names.
func TestProxyServesRegistryAndTokenService(t *testing.T) {
	reg := faultreg.New()
	guard := &faultreg.Tokens{Realm: "http://auth.example/token", Username: "me", Password: password, Next: reg}
	var mu sync.Mutex
	var hosts []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hosts = append(hosts, r.URL.Host) // only a proxy is sent whole URLs
		mu.Unlock()
		guard.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	direct := httptest.NewServer(reg)
	defer direct.Close()
	env := map[string]string{"http_proxy": proxy.URL, "no_proxy": "127.0.0.1"}
	plain := func(host string) bool { return strings.HasSuffix(host, ".example") }
	rt, err := transport.New(transport.Options{Getenv: func(k string) string { return env[k] }, PlainHTTP: plain})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.CloseIdleConnections()
	c := New(Options{Transport: rt, PlainHTTP: plain, Keychain: login{Username: "me", Password: password}})
	raw, d := content(1000)
	for _, where := range []string{"registry.example", strings.TrimPrefix(direct.URL, "http://")} {
		repo, err := name.NewRepository(where + "/team/app")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Upload(t.Context(), repo, d, opener(raw), nil); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	slices.Sort(hosts)
	if got := slices.Compact(hosts); !slices.Equal(got, []string{"auth.example", "registry.example"}) {
		t.Errorf("the proxy was asked for %q", got)
	}
	if n := len(guard.Asked()); n != 1 {
		t.Errorf("%d token requests", n)
	}
}
