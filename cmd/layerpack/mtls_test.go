package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// selfSigned is a client certificate and its key, in PEM.
func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &from, &from, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}) }
	return block("CERTIFICATE", der), block("PRIVATE KEY", text)
}

// A registry that wants a client certificate, and has one that no authority of the system vouches
// for: both lie where podman looks, or stand in the user's configuration.
func TestClientCertificate(t *testing.T) {
	guard := &faultreg.Tokens{Username: "me", Password: "pw", Next: faultreg.New()}
	s := httptest.NewUnstartedServer(guard)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}
	s.StartTLS()
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "https://")
	// Names of loopback are spoken to in plain http; this one is not of it by its spelling.
	host = strings.Replace(host, "127.0.0.1", "example.com", 1)
	guard.Realm = "https://" + host + "/token"
	proxy := newConnectProxy(t, strings.TrimPrefix(s.URL, "https://"))
	cert, key := selfSigned(t)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	for _, tt := range []struct {
		what  string
		files map[string]string
		ok    bool
		says  string
	}{
		{"certs.d", map[string]string{
			"containers/certs.d/" + host + "/ca.crt":      string(ca),
			"containers/certs.d/" + host + "/client.cert": string(cert),
			"containers/certs.d/" + host + "/client.key":  string(key),
		}, true, "logged in"},
		{"config.toml", map[string]string{
			"layerpack/config.toml": "[registry.\"" + host + "\"]\nca = 'ca.pem'\ncert = 'c.pem'\nkey = 'k.pem'\n",
			"layerpack/ca.pem":      string(ca), "layerpack/c.pem": string(cert), "layerpack/k.pem": string(key),
		}, true, "logged in"},
		{"no client certificate", map[string]string{"containers/certs.d/" + host + "/ca.crt": string(ca)}, false, "client.cert"},
		{"no authority", nil, false, "certificate signed by unknown authority"},
	} {
		home := t.TempDir()
		for path, text := range tt.files {
			path = filepath.Join(home, ".config", path)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		h := &loginHost{home: home, host: host, env: []string{"HOME=" + home, "https_proxy=" + proxy}}
		code, said := h.run(t, "pw", "login", host, "-u", "me", "--password-stdin")
		if (code == exitDone) != tt.ok || !strings.Contains(said, tt.says) {
			t.Errorf("%s: %d, %s", tt.what, code, said)
		}
	}
}

// newConnectProxy serves a proxy that leads to one address, and returns its URL.
func newConnectProxy(t *testing.T, to string) string {
	t.Helper()
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		out, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(out, in); out.Close() }()
		go func() { _, _ = io.Copy(in, out); in.Close() }()
	}))
	t.Cleanup(p.Close)
	return p.URL
}
