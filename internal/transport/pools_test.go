package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// identity is a client certificate that signs itself.
func identity(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, &from, &from, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// asking is a TLS server that asks for a client certificate, needs one if told, and notes whose came.
type asking struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newAsking(t *testing.T, auth tls.ClientAuthType, then http.HandlerFunc) *asking {
	t.Helper()
	a := &asking{}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := r.Proto + " nobody"
		if certs := r.TLS.PeerCertificates; len(certs) > 0 {
			who = r.Proto + " " + certs[0].Subject.CommonName
		}
		a.mu.Lock()
		a.seen = append(a.seen, who)
		a.mu.Unlock()
		then(w, r)
	}))
	a.EnableHTTP2 = true
	// In TLS 1.3 a refusal comes after the handshake, and may lose a race with the request.
	a.TLS = &tls.Config{ClientAuth: auth, MaxVersion: tls.VersionTLS12}
	a.Config.ErrorLog = quiet()
	a.StartTLS()
	t.Cleanup(a.Close)
	return a
}

func (a *asking) host() string { return strings.TrimPrefix(a.URL, "https://") }

func (a *asking) ca() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
}

func TestClientCertificateStaysWithItsHost(t *testing.T) {
	other := newAsking(t, tls.RequestClientCert, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "blob") })
	home := newAsking(t, tls.RequireAnyClientCert, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/storage", http.StatusTemporaryRedirect)
	})
	me := identity(t, "me")
	asked := map[string]int{}
	c := newClient(t, Options{HostTLS: func(host string) (HostTLS, error) {
		asked[host]++
		if host == home.host() {
			return HostTLS{CA: home.ca(), Certificates: []tls.Certificate{me}}, nil
		}
		return HostTLS{CA: other.ca()}, nil
	}})
	for range 2 {
		resp, err := c.Do(get(t, home.URL))
		if err != nil {
			t.Fatal(err)
		}
		Discard(resp.Body)
	}
	if home.seen[0] != "HTTP/2.0 me" || other.seen[0] != "HTTP/2.0 nobody" {
		t.Errorf("home saw %q, the other %q", home.seen, other.seen)
	}
	if asked[home.host()] != 1 || asked[other.host()] != 1 {
		t.Errorf("asked %v", asked)
	}
	// Without the certificate the host refuses, and that is not tried again and again.
	clk := newClock()
	c = newClient(t, Options{CA: home.ca(), Backoff: clk.backoff()})
	resp, err := c.Do(get(t, home.URL))
	if err == nil {
		resp.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "client.cert and client.key into certs.d/"+home.host()) || len(clk.slept) > 0 {
		t.Errorf("no certificate: %v, waited %v", err, clk.slept)
	}
}

func TestHostCAIsForItsHostAlone(t *testing.T) {
	ok := func(http.ResponseWriter, *http.Request) {}
	one, two := newAsking(t, tls.NoClientCert, ok), newAsking(t, tls.NoClientCert, ok)
	c := newClient(t, Options{HostTLS: func(host string) (HostTLS, error) {
		if host == one.host() {
			return HostTLS{CA: one.ca()}, nil
		}
		return HostTLS{}, nil
	}})
	resp, err := c.Do(get(t, one.URL))
	if err != nil {
		t.Fatal(err)
	}
	Discard(resp.Body)
	// httptest gives all servers one certificate, so only the pool tells them apart.
	if _, err := c.Do(get(t, two.URL)); !is[*tls.CertificateVerificationError](err) {
		t.Errorf("the CA of one host serves another: %v", err)
	}
	broken := errors.New("client.key cannot be read")
	clk := newClock()
	for _, host := range []func(string) (HostTLS, error){
		func(string) (HostTLS, error) { return HostTLS{}, broken },
		func(string) (HostTLS, error) { return HostTLS{CA: []byte("garbage")}, nil },
	} {
		c := newClient(t, Options{HostTLS: host, Backoff: clk.backoff()})
		if _, err := c.Do(get(t, one.URL)); !is[*TLSConfigError](err) || !strings.Contains(err.Error(), one.host()) || len(clk.slept) > 0 {
			t.Errorf("%v, waited %v", err, clk.slept)
		}
	}
}
