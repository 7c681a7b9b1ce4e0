// Package registry speaks the OCI distribution protocol: it reads bases and writes images.
//
// Everything read by digest is checked against it, a broken download goes on where it broke, a
// broken upload goes on where the registry says it stands, and credentials go to the registry they
// are for and to its token service, nowhere else. No error text shows a credential.
//
// Most callers want [New] and then [Client.Repository] or [OpenLayout] to read a base, and
// [Client.Mount], [Client.Upload] and [Client.PutManifest] to push.
package registry

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/transport"
)

// Options configures a [Client]. Transport is required.
type Options struct {
	// Transport sends single requests, usually a [transport.Client].
	Transport http.RoundTripper
	// Keychain finds credentials. Nil means anonymous.
	Keychain authn.Keychain
	// PlainHTTP says which registries ("name" or "name:port") are spoken to without TLS. Those on
	// loopback addresses always are.
	PlainHTTP func(host string) bool
	// Backoff is the budget for going on with broken transfers, and the clock.
	Backoff transport.Backoff
}

// Client speaks to any number of registries. It is safe for parallel use.
type Client struct {
	rt        http.RoundTripper
	keychain  authn.Keychain
	plainHTTP func(string) bool
	backoff   transport.Backoff
	secrets   *secrets
	piece     int64 // bytes of a piece of an upload that broke before

	mu    sync.Mutex
	hosts map[string]*host
}

// New makes a client.
func New(o Options) *Client {
	return &Client{
		rt:        o.Transport,
		keychain:  o.Keychain,
		plainHTTP: o.PlainHTTP,
		backoff:   o.Backoff,
		secrets:   &secrets{},
		piece:     fallbackPiece,
		hosts:     map[string]*host{},
	}
}

// Announce says which repositories this run will read or, with push, also write. Tokens are then
// asked for all of a registry's repositories at once, where its token service grants that.
func (c *Client) Announce(push bool, repos ...name.Repository) {
	for _, repo := range repos {
		c.host(repo.Registry).announce(scopes{repo.RepositoryStr(): push})
	}
}

// host returns what is known about a registry.
func (c *Client) host(reg name.Registry) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.hosts[reg.RegistryStr()]
	if !ok {
		h = &host{
			reg:    reg,
			origin: &url.URL{Scheme: c.scheme(reg.RegistryStr()), Host: reg.RegistryStr()},
			gate:   make(chan struct{}, 1),
		}
		c.hosts[reg.RegistryStr()] = h
	}
	return h
}

func (c *Client) scheme(host string) string {
	if transport.Loopback(host) || c.plainHTTP != nil && c.plainHTTP(host) {
		return "http"
	}
	return "https"
}

// url is an endpoint below a repository: "manifests/TAG", "blobs/DIGEST", "blobs/uploads/".
func (c *Client) url(repo name.Repository, rest string) *url.URL {
	host := repo.RegistryStr()
	return &url.URL{Scheme: c.scheme(host), Host: host, Path: "/v2/" + repo.RepositoryStr() + "/" + rest}
}
