package transport

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// HostTLS is what TLS to one host needs besides what goes for all. The zero value is nothing.
type HostTLS struct {
	// CA holds PEM certificates that are trusted for this host alone, besides the others.
	CA []byte
	// Certificates are offered when this host asks for a client certificate (mutual TLS).
	Certificates []tls.Certificate
	// Unverified takes whatever certificate this host shows: the user trusts it by name (pip's --trusted-host).
	Unverified bool
}

// pools keeps connections: one pool for all hosts, and one for each host with a [HostTLS] of its
// own. So a client certificate is never offered to another host, whoever redirects us there.
type pools struct {
	ask    func(host string) (HostTLS, error)
	roots  *x509.CertPool // nil is the system's
	shared *http.Transport

	mu  sync.Mutex
	own map[string]*http.Transport // by host, lower-case; shared where it has no wishes
}

// of returns the pool for a request. Each host is looked up once, when it is first spoken to.
func (p *pools) of(req *http.Request) (*http.Transport, error) {
	if p.ask == nil || req.URL.Scheme != "https" {
		return p.shared, nil
	}
	host := strings.ToLower(req.URL.Host)
	p.mu.Lock()
	defer p.mu.Unlock()
	if pool, ok := p.own[host]; ok {
		return pool, nil
	}
	want, err := p.ask(host)
	if err != nil {
		return nil, &TLSConfigError{Host: host, Err: err}
	}
	pool, err := p.make(want)
	if err != nil {
		return nil, &TLSConfigError{Host: host, Err: err}
	}
	if p.own == nil {
		p.own = map[string]*http.Transport{}
	}
	p.own[host] = pool
	return pool, nil
}

// TLSConfigError is a host whose certificates, as they were configured, cannot be used.
type TLSConfigError struct {
	Host string
	Err  error
}

func (e *TLSConfigError) Error() string { return fmt.Sprintf("TLS to %s: %v", e.Host, e.Err) }

// Unwrap returns the error underneath.
func (e *TLSConfigError) Unwrap() error { return e.Err }

func (p *pools) make(want HostTLS) (*http.Transport, error) {
	if len(want.CA) == 0 && len(want.Certificates) == 0 && !want.Unverified {
		return p.shared, nil
	}
	pool := p.shared.Clone()
	pool.TLSClientConfig.Certificates = want.Certificates
	pool.TLSClientConfig.InsecureSkipVerify = want.Unverified
	if len(want.CA) > 0 {
		roots, err := withCA(p.roots, want.CA)
		if err != nil {
			return nil, err
		}
		pool.TLSClientConfig.RootCAs = roots
	}
	return pool, nil
}

func (p *pools) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shared.CloseIdleConnections()
	for _, pool := range p.own {
		pool.CloseIdleConnections()
	}
}

// withCA is roots (nil: the system's) and the certificates of pem.
func withCA(roots *x509.CertPool, pem []byte) (*x509.CertPool, error) {
	if roots != nil {
		roots = roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil {
		roots = system
	} else {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errNoCertificate
	}
	return roots, nil
}
