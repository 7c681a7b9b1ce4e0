package transport

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tunnel is a proxy that answers CONNECT with a connection to one address, whatever is asked for.
type tunnel struct {
	*httptest.Server
	to string

	mu    sync.Mutex
	asked []string // "host:port credentials"
}

func newTunnel(t *testing.T, to string) *tunnel {
	t.Helper()
	p := &tunnel{to: to}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		p.mu.Unlock()
		out, err := net.Dial("tcp", p.to)
		if err != nil || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { io.Copy(out, in); out.Close() }()
		go func() { io.Copy(in, out); in.Close() }()
	}))
	t.Cleanup(p.Close)
	return p
}

func TestProxyTunnelsTLS(t *testing.T) {
	var headers http.Header
	s := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { headers = r.Header.Clone() }))
	defer s.Close()
	p := newTunnel(t, strings.TrimPrefix(s.URL, "https://"))
	env := map[string]string{
		"HTTPS_PROXY": strings.Replace(p.URL, "http://", "http://me:PASSWORD@", 1),
		"NO_PROXY":    "direct.example,.inside.example",
	}
	c := newClient(t, Options{
		CA:     pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}),
		Getenv: func(k string) string { return env[k] },
	})
	// The name that httptest's certificate is for; nothing at this name is ever dialed.
	resp, err := c.Do(get(t, "https://example.com/v2/"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if want := []string{"CONNECT example.com:443 Basic bWU6UEFTU1dPUkQ="}; !slices.Equal(p.asked, want) {
		t.Errorf("the proxy was asked %q", p.asked)
	}
	if headers.Get("Proxy-Authorization") != "" {
		t.Error("the proxy's password went to the server")
	}
	for _, host := range []string{"direct.example", "auth.inside.example"} {
		if u, err := c.pools.shared.Proxy(get(t, "https://"+host+"/")); u != nil || err != nil {
			t.Errorf("NO_PROXY does not spare %s: %v", host, err)
		}
	}
}

func TestProxyErrorsHideThePassword(t *testing.T) {
	clk := newClock()
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, value := range []string{
		"http://me:PASSWORD@" + strings.TrimPrefix(closed.URL, "http://"),
		"http://me:PASSWORD@host with spaces:1",
		"me:PASSWORD@%zz",
		"gopher://me:PASSWORD@host:1",
	} {
		c := newClient(t, Options{Getenv: func(k string) string { return map[string]string{"HTTPS_PROXY": value}[k] }, Backoff: clk.backoff()})
		resp, err := c.Do(get(t, "https://registry.example/"))
		if err == nil {
			resp.Body.Close()
		}
		if err == nil || strings.Contains(err.Error(), "PASSWORD") {
			t.Errorf("%s: %v", value, err)
		}
	}
}
