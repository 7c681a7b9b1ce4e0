package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/assemble"
)

// trust fills in whom indexes are trusted by, who this is to them, and the proxy on the way.
func (c *command) trust(host *assemble.PackageHost, pip *pipConfig) (err error) {
	path, origin := c.pipCA(pip)
	if path != "" {
		if host.CA, err = readCA(path); err != nil {
			return fmt.Errorf("%s: %w", origin, err)
		}
	}
	if path == "" {
		host.CA = certFile(c.env["SSL_CERT_FILE"])
	}
	if pip.ClientCert != "" {
		pair, err := readClientCert(pip.expand(pip.ClientCert))
		if err != nil {
			return fmt.Errorf("%s: client-cert: %w", pip.Origins["client-cert"], err)
		}
		host.Certificates = []tls.Certificate{pair}
	}
	if host.Proxy, err = proxyURL(pip.Proxy); err != nil {
		return fmt.Errorf("%s: proxy: %w", pip.Origins["proxy"], err)
	}
	return nil
}

// pipCA is the file or folder of certificate authorities that pip trusts, and what names it: the
// variables of Python's requests, which go before pip's own setting, unless a proxy is configured,
// which makes pip leave them.
func (c *command) pipCA(pip *pipConfig) (path, origin string) {
	for _, name := range []string{"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"} {
		if path := c.env[name]; path != "" && pip.Proxy == "" {
			return path, name
		}
	}
	return pip.expand(pip.Cert), pip.Origins["cert"]
}

var errNoAuthority = errors.New("there is no PEM certificate in it")

// readCA reads certificate authorities: of a file, or of a folder that OpenSSL's rehash has been through.
func readCA(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return readCAFolder(path)
	}
	pem, err := source.ReadFile(path, maxCA)
	if err != nil {
		return nil, err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: %w", path, errNoAuthority)
	}
	return pem, nil
}

// readCAFolder takes the files that OpenSSL would: those named by the hash of their subject.
func readCAFolder(dir string) ([]byte, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	hashed := regexp.MustCompile(`^[0-9a-f]{8}\.[0-9]+$`)
	var all bytes.Buffer
	for _, e := range entries {
		if !hashed.MatchString(e.Name()) {
			continue
		}
		pem, err := source.ReadFile(filepath.Join(dir, e.Name()), maxCA-int64(all.Len()))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue // a link to what was removed, a file of another user
		}
		if err != nil {
			return nil, err
		}
		all.Write(pem)
		all.WriteByte('\n')
	}
	if !x509.NewCertPool().AppendCertsFromPEM(all.Bytes()) {
		return nil, fmt.Errorf("%s: no file in it is named by a hash and holds a PEM certificate; name a file, or run: openssl rehash %[1]s", dir)
	}
	return all.Bytes(), nil
}

// certFile reads what SSL_CERT_FILE names. OpenSSL, and with it pip, takes no offence at a file that is none.
func certFile(path string) []byte {
	if path == "" {
		return nil
	}
	pem, err := source.ReadFile(path, maxCA)
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return nil
	}
	return pem
}

// readClientCert reads the one file that holds key and certificate.
func readClientCert(path string) (tls.Certificate, error) {
	pem, err := source.ReadFile(path, maxCA)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(pem, pem)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: it must hold a certificate and its key, in PEM and without a passphrase: %w", path, err)
	}
	return pair, nil
}

// proxyURL completes a proxy that stands there without a scheme, as requests does. No error quotes it.
func proxyURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return "", errors.New("no proxy's URL; write http://HOST:PORT")
	}
	return text, nil
}
