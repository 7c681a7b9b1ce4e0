package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// certificates is where Go and OpenSSL of Debian look.
const certificates = "etc/ssl/certs/ca-certificates.crt"

// layer is the base's one layer, a tar archive.
func layer() ([]byte, error) {
	roots := roots()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range []struct {
		name string
		mode int64
		body []byte
	}{
		{"etc/", 0o755, nil},
		{"etc/ssl/", 0o755, nil},
		{"etc/ssl/certs/", 0o755, nil},
		{certificates, 0o644, roots},
		{"tmp/", 0o1777, nil},
	} {
		h := tar.Header{
			Format: tar.FormatUSTAR, Typeflag: tar.TypeDir, Name: e.name, Mode: e.mode, Size: int64(len(e.body)),
			ModTime: time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC), // as in layers of layerpack
		}
		if e.body != nil {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.body); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// roots are the certificates as PEM. Those that Mozilla trusts with limits are left out: a
// file of certificates cannot say the limits.
func roots() []byte {
	var out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return out.Bytes()
}
