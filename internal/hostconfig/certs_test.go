package hostconfig

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// pair is a certificate that signs itself, and its key, in PEM.
func pair(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	from := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
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

func TestHostTLS(t *testing.T) {
	one, oneKey := pair(t, "one")
	two, twoKey := pair(t, "two")
	hub := []byte("-----BEGIN hub")
	for _, tt := range []struct {
		what  string
		files map[string][]byte
		toml  string
		host  string
		ca    [][]byte
		certs []string
		fails string
	}{
		{"nothing", nil, "", "a.example", nil, nil, ""},
		{"of another host", map[string][]byte{"d/b.example/ca.crt": one}, "", "a.example", nil, nil, ""},
		{"of another port", map[string][]byte{"d/a.example/ca.crt": one}, "", "a.example:5000", nil, nil, ""},
		{"docker's folder", map[string][]byte{"d/a.example:5000/ca.crt": one, "d/a.example:5000/client.cert": two, "d/a.example:5000/client.key": twoKey, "d/a.example:5000/README": one}, "", "a.example:5000", [][]byte{one}, []string{"two"}, ""},
		{"two folders", map[string][]byte{"d/a.example/1.crt": one, "d/a.example/c.cert": one, "d/a.example/c.key": oneKey, "e/a.example/2.crt": two, "e/a.example/c.cert": two, "e/a.example/c.key": twoKey}, "", "a.example", [][]byte{one, two}, []string{"one"}, ""},
		{"docker hub", map[string][]byte{"d/docker.io/ca.crt": hub}, "", "index.docker.io", [][]byte{hub}, nil, ""},
		{"the file", map[string][]byte{"ca.pem": one, "c.pem": two, "k.pem": twoKey}, "ca='ca.pem'\ncert='c.pem'\nkey='k.pem'", "a.example", [][]byte{one}, []string{"two"}, ""},
		{"the file before a folder", map[string][]byte{"c.pem": two, "k.pem": twoKey, "d/a.example/c.cert": one, "d/a.example/c.key": oneKey, "d/a.example/x.crt": one}, "cert='c.pem'\nkey='k.pem'", "a.example", [][]byte{one}, []string{"two"}, ""},
		{"no such CA", nil, "ca='ca.pem'", "a.example", nil, nil, "ca.pem"},
		{"no such key", map[string][]byte{"c.pem": two}, "cert='c.pem'\nkey='k.pem'", "a.example", nil, nil, "k.pem"},
		{"another's key", map[string][]byte{"c.pem": two, "k.pem": oneKey}, "cert='c.pem'\nkey='k.pem'", "a.example", nil, nil, "k.pem"},
		{"a certificate without key", map[string][]byte{"d/a.example/client.cert": one}, "", "a.example", nil, nil, "client.key"},
		{"a key without certificate", map[string][]byte{"d/a.example/client.key": oneKey}, "", "a.example", nil, nil, "client.cert"},
		{"a host that leads away", map[string][]byte{"x.crt": one, "d/x.crt": one}, "", "..", nil, nil, ""},
		{"a host that leads nowhere", map[string][]byte{"x.crt": one, "d/x.crt": one}, "", ".", nil, nil, ""},
	} {
		dir := t.TempDir()
		for path, text := range tt.files {
			path = filepath.Join(dir, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Parse(filepath.Join(dir, "config.toml"), []byte("[registry.\"a.example\"]\n"+tt.toml))
		if err != nil {
			t.Fatal(err)
		}
		c.CertDirs = []string{filepath.Join(dir, "d"), filepath.Join(dir, "e"), filepath.Join(dir, "none")}
		got, err := c.HostTLS(tt.host)
		if tt.fails != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fails) || strings.Contains(err.Error(), "PRIVATE") {
				t.Errorf("%s: %v", tt.what, err)
			}
			continue
		}
		var names []string
		for _, p := range got.Certificates {
			names = append(names, p.Leaf.Subject.CommonName)
		}
		if err != nil || !slices.Equal(names, tt.certs) || !bytes.Equal(bytes.Join(bytes.Fields(got.CA), nil), bytes.Join(bytes.Fields(bytes.Join(tt.ca, nil)), nil)) {
			t.Errorf("%s: certificates %q, %d bytes of CA, %v", tt.what, names, len(got.CA), err)
		}
	}
}

func TestCertDirs(t *testing.T) {
	env := map[string]string{"HOME": "/h"}
	get := func(k string) string { return env[k] }
	want := []string{"/h/.config/containers/certs.d", "/h/.config/docker/certs.d", "/h/.docker/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d"}
	if got := CertDirs(get); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	env = nil
	if got := CertDirs(get); !slices.Equal(got, want[3:]) {
		t.Errorf("%q", got)
	}
}
