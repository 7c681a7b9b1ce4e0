package hostconfig

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/layerpack/layerpack/internal/transport"
)

// CertDirs are the folders where docker and podman look for certificates, the user's own first.
func CertDirs(getenv func(string) string) []string {
	var out []string
	if home := getenv("HOME"); filepath.IsAbs(home) {
		config := filepath.Join(home, ".config")
		if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
			config = dir
		}
		out = append(out, filepath.Join(config, "containers", "certs.d"), filepath.Join(config, "docker", "certs.d"), filepath.Join(home, ".docker", "certs.d"))
	}
	return append(out, "/etc/containers/certs.d", "/etc/docker/certs.d")
}

// HostTLS is what TLS to a host needs. Authorities of all places count together; of client certificates, the
// one of the user's file, else those of the first folder that has any. What the user names in the file
// must be readable; what lies in a folder that this user may not read is not for this user.
func (c *Config) HostTLS(host string) (transport.HostTLS, error) {
	var out transport.HostTLS
	r := c.registries[canonical(host)]
	if r.CA != "" {
		pem, err := readFile(r.CA)
		if err != nil {
			return out, fmt.Errorf("ca: %w", err)
		}
		out.CA = pem
	}
	if r.Cert != "" {
		pair, err := readPair(r.Cert, r.Key)
		if err != nil {
			return out, fmt.Errorf("cert and key: %w", err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	for _, dir := range c.CertDirs {
		for _, named := range folders(host) {
			if err := addFolder(&out, filepath.Join(dir, named)); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// folders are the names that a host's folder may have. A host is a part of a URL that a server may have
// chosen: it must not lead elsewhere.
func folders(host string) []string {
	if !filepath.IsLocal(host) || strings.ContainsAny(host, `/\`) || host == "." {
		return nil
	}
	if c := canonical(host); c != host {
		return []string{host, c}
	}
	return []string{host}
}

// addFolder adds a host's folder: *.crt are authorities, NAME.cert and NAME.key a client certificate.
func addFolder(out *transport.HostTLS, dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	var pairs []tls.Certificate
	for _, e := range entries { // sorted by name
		path := filepath.Join(dir, e.Name())
		stem, kind := strings.TrimSuffix(path, filepath.Ext(path)), filepath.Ext(path)
		switch kind {
		case ".crt":
			pem, err := readFile(path)
			if err == nil {
				out.CA = append(append(out.CA, pem...), '\n')
			} else if !errors.Is(err, fs.ErrPermission) {
				return err
			}
		case ".cert":
			pair, err := readPair(path, stem+".key")
			if err == nil {
				pairs = append(pairs, pair)
			} else if !errors.Is(err, fs.ErrPermission) {
				return err
			}
		case ".key":
			if _, err := os.Stat(stem + ".cert"); errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s: there is no %s.cert beside it (authorities end in .crt, client certificates in .cert)", path, filepath.Base(stem))
			}
		}
	}
	if len(out.Certificates) == 0 {
		out.Certificates = pairs
	}
	return nil
}

func readPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := readFile(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readFile(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s and %s: %w", certFile, keyFile, err)
	}
	return pair, nil
}
