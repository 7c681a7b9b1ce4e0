// Package transport is the one place that speaks HTTP: registries and package indexes go through it.
//
// It guarantees that a request is repeated only where that is safe and only within a budget of
// time, that a peer that falls silent is noticed, that credentials stay with the origin they were
// meant for, that plain http needs leave, and that no error text shows a credential, a token or a
// query's signature.
//
// Most callers want [New] and then [Client.Do]; those who need a bare [http.RoundTripper] use the
// Client as one and follow redirects with [Follow].
package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// DefaultStall is how long a peer may stay silent where [Options] does not say.
const DefaultStall = 30 * time.Second

// Options configures a [Client]. The zero value is usable: no proxy, the system's certificate
// authorities, the default stall timeout and retry budget.
type Options struct {
	// Version goes into the User-Agent header, "layerpack/<Version>".
	Version string
	// Getenv looks up the proxy variables (HTTP_PROXY, HTTPS_PROXY, NO_PROXY and their lower-case
	// forms). Nil means no proxy.
	Getenv func(string) string
	// CA holds PEM certificates that are trusted besides the system's.
	CA []byte
	// HostTLS says what a host ("name" or "name:port", as it stands in the URL) needs besides: it is
	// asked once for each, before the first connection. Nil means nothing.
	HostTLS func(host string) (HostTLS, error)
	// InFlight says how many requests without a body a host is sent at a time; nil, and 0, mean
	// [DefaultInFlight]. An answer counts until its body is read or closed.
	InFlight func(host string) int
	// PlainHTTP says whether a host ("name" or "name:port", as it stands in the URL) may be spoken
	// to without TLS. Loopback hosts always may.
	PlainHTTP func(host string) bool
	// Stall is how long a peer may take to begin its answer, or to move on within a body.
	Stall time.Duration
	// Backoff is the budget for repeating requests, and the clock.
	Backoff Backoff
}

// Client is an [http.RoundTripper] over one pool of connections (HTTP/1.1 and HTTP/2). It is safe
// for parallel use.
type Client struct {
	pools     *pools
	slots     *slots
	places    *places
	agent     string
	plainHTTP func(host string) bool
	stall     time.Duration
	backoff   Backoff
}

// New makes a client. It fails when the CA bytes hold no certificate.
func New(o Options) (*Client, error) {
	roots, err := rootCAs(o.CA)
	if err != nil {
		return nil, err
	}
	c := &Client{
		slots:     &slots{limit: o.InFlight},
		places:    &places{},
		agent:     "layerpack",
		plainHTTP: o.PlainHTTP,
		stall:     o.Stall,
		backoff:   o.Backoff,
	}
	if o.Version != "" {
		c.agent += "/" + o.Version
	}
	if c.stall <= 0 {
		c.stall = DefaultStall
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, ControlContext: c.places.control}
	c.pools = &pools{ask: o.HostTLS, roots: roots, shared: &http.Transport{
		Proxy:       proxyFunc(o.Getenv),
		DialContext: c.places.dial(dialer),
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12,
			RootCAs:    roots,
		},
		TLSHandshakeTimeout: 30 * time.Second,
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
		MaxIdleConns:        100,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     60 * time.Second,
		// A blob's digest is over the bytes as they are stored: nothing may unpack them on the way.
		DisableCompression: true,
	}}
	return c, nil
}

// Do sends a request and follows redirects, see [Follow].
func (c *Client) Do(req *http.Request) (*http.Response, error) { return Follow(c, req) }

// CloseIdleConnections closes what the pool keeps open.
func (c *Client) CloseIdleConnections() { c.pools.closeIdle() }

var errNoCertificate = errors.New("no PEM certificate in what should hold certificate authorities; give a file with BEGIN CERTIFICATE blocks")

func rootCAs(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil // nil is the system's pool
	}
	return withCA(nil, pem)
}

// ProxyError is a proxy variable that holds no URL.
type ProxyError struct{ Scheme string } // of the request that was to go through it

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the variable %s_PROXY holds no proxy's URL; write http://HOST:PORT", strings.ToUpper(e.Scheme))
}

func proxyFunc(getenv func(string) string) func(*http.Request) (*url.URL, error) {
	if getenv == nil {
		return nil
	}
	either := func(upper, lower string) string {
		if v := getenv(upper); v != "" {
			return v
		}
		return getenv(lower)
	}
	cfg := httpproxy.Config{
		HTTPProxy:  either("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: either("HTTPS_PROXY", "https_proxy"),
		NoProxy:    either("NO_PROXY", "no_proxy"),
		CGI:        getenv("REQUEST_METHOD") != "",
	}
	forURL := cfg.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) {
		u, err := forURL(r.URL)
		if err != nil {
			// The parser's error quotes the variable, password and all.
			return nil, &ProxyError{Scheme: r.URL.Scheme}
		}
		return u, nil
	}
}
