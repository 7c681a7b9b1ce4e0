package transport

import (
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestCAAndHTTP2AndAgent(t *testing.T) {
	var agent, proto string
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		agent, proto = r.UserAgent(), r.Proto
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	c := newClient(t, Options{CA: ca, Version: "1.2.3"})
	resp, err := c.Do(get(t, s.URL))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if agent != "layerpack/1.2.3" || proto != "HTTP/2.0" {
		t.Errorf("agent %q, protocol %q", agent, proto)
	}
	if _, err := New(Options{CA: []byte("not a certificate")}); err == nil {
		t.Error("a CA file without a certificate passed")
	}
}

func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		io.WriteString(w, "proxied")
	}))
	defer proxy.Close()
	env := map[string]string{"http_proxy": proxy.URL, "NO_PROXY": "direct.example"}
	c := newClient(t, Options{
		Getenv:    func(k string) string { return env[k] },
		PlainHTTP: func(h string) bool { return strings.HasSuffix(h, ".example") },
	})
	// The proxy is on this machine, which a redirect target must not be: it still may be used.
	req := get(t, "http://registry.example/v2/")
	to, from := req.URL, &url.URL{Scheme: "https", Host: "elsewhere.example"}
	resp, err := c.Do(req.WithContext(WithOrigin(req.Context(), to, from)))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(body) != "proxied" || len(asked) != 1 || asked[0] != "http://registry.example/v2/" {
		t.Errorf("%q, asked %q", body, asked)
	}
	direct := get(t, "http://direct.example/")
	if u, err := c.pools.shared.Proxy(direct); u != nil || err != nil {
		t.Errorf("NO_PROXY ignored: %v %v", u, err)
	}
}

func TestPlainHTTPNeedsLeave(t *testing.T) {
	c := newClient(t, Options{PlainHTTP: func(h string) bool { return h == "listed.example:5000" }})
	for host, want := range map[string]bool{
		"localhost": true, "localhost:5000": true, "a.localhost": true, "127.0.0.1:1": true, "127.9.9.9": true, "[::1]:5000": true,
		"listed.example:5000": true, "listed.example": false, "10.0.0.1": false, "localhost.example": false,
	} {
		err := c.allowed(get(t, "http://"+host+"/"))
		if (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
		if _, ok := errors.AsType[*PlainHTTPError](err); !want && !ok {
			t.Errorf("%s: %T", host, err)
		}
		if err := c.allowed(get(t, "https://"+host+"/")); err != nil {
			t.Errorf("https %s: %v", host, err)
		}
	}
	if _, err := c.Do(get(t, "file:///etc/passwd")); err == nil {
		t.Error("a file URL passed")
	}
}

func TestDialPolicy(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	clk := newClock()
	c := newClient(t, Options{Backoff: clk.backoff()})
	// By a name that resolves to this machine, not by an address that shows it.
	target := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	foreign := func(from string) error {
		req := get(t, target)
		origin, _ := url.Parse(from)
		resp, err := c.Do(req.WithContext(WithOrigin(req.Context(), req.URL, origin)))
		if err == nil {
			resp.Body.Close()
		}
		c.CloseIdleConnections()
		return err
	}
	if _, ok := errors.AsType[*RefusedError](foreign("https://registry.example")); !ok || len(clk.slept) != 0 {
		t.Errorf("a stranger could send us to this machine (waits %v)", clk.slept)
	}
	c.places.seen.Store("near.example:443", loopback)
	if err := foreign("https://near.example"); err != nil {
		t.Errorf("a registry on this machine: %v", err)
	}
	if err := foreign(target); err != nil {
		t.Errorf("the same origin: %v", err)
	}
}

func TestPlaceOf(t *testing.T) {
	for in, want := range map[string]place{
		"8.8.8.8": public, "10.1.2.3": private, "192.168.1.1": private, "fd00::1": private, "169.254.169.254": linkLocal,
		"fe80::1": linkLocal, "127.0.0.1": loopback, "::1": loopback, "0.0.0.0": loopback, "::ffff:10.0.0.1": private, "2001:db8::1": public,
	} {
		if got := placeOf(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
