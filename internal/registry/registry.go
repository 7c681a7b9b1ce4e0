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
	// Mirrors names the places ("host[:port][/path]") that a registry's content is read from before the
	// registry itself, in their order; nil and none mean the registry alone.
	Mirrors func(registry string) []string
	// Uploads says how many blobs are sent to a registry at a time; nil, and 0, mean [DefaultUploads].
	Uploads func(registry string) int
	// Backoff is the budget for going on with broken transfers, and the clock.
	Backoff transport.Backoff
}

// Client speaks to any number of registries. It is safe for parallel use.
type Client struct {
	rt        http.RoundTripper
	keychain  authn.Keychain
	plainHTTP func(string) bool
	mirrors   func(string) []string
	uploads   func(string) int
	backoff   transport.Backoff
	secrets   *secrets
	piece     int64 // bytes of a piece of an upload that broke before

	mu    sync.Mutex
	hosts map[string]*host         // by registry, and entry of the keychain
	slots map[string]chan struct{} // of uploads, by registry
	dead  map[string]bool          // mirrors that failed in this run, by registry
}

// New makes a client.
func New(o Options) *Client {
	return &Client{
		rt:        o.Transport,
		keychain:  o.Keychain,
		plainHTTP: o.PlainHTTP,
		mirrors:   o.Mirrors,
		uploads:   o.Uploads,
		backoff:   o.Backoff,
		secrets:   &secrets{},
		piece:     fallbackPiece,
		hosts:     map[string]*host{},
		slots:     map[string]chan struct{}{},
		dead:      map[string]bool{},
	}
}

// Announce says which repositories this run will read or, with push, also write. Tokens are then
// asked for all of a registry's repositories at once, where its token service grants that.
func (c *Client) Announce(push bool, repos ...name.Repository) {
	for _, repo := range repos {
		c.host(repo).announce(scopes{repo.RepositoryStr(): push})
	}
}

// Scoped is a keychain that may know credentials for a part of a registry. Repositories with the
// same entry share tokens, others do not.
type Scoped interface {
	// Entry names what holds a repository's credentials, "" where that is the whole registry.
	Entry(repo name.Repository) string
}

// host returns what is known about a repository's registry, for those that share its credentials.
func (c *Client) host(repo name.Repository) *host {
	if scoped, ok := c.keychain.(Scoped); ok {
		if entry := scoped.Entry(repo); entry != "" {
			return c.hostFor(repo, repo.Registry, entry)
		}
	}
	return c.hostFor(repo.Registry, repo.Registry, "")
}

func (c *Client) hostFor(resource authn.Resource, reg name.Registry, entry string) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := reg.RegistryStr() + " " + entry
	h, ok := c.hosts[key]
	if !ok {
		h = &host{
			resource: resource,
			reg:      reg,
			origin:   &url.URL{Scheme: c.scheme(reg.RegistryStr()), Host: reg.RegistryStr()},
			gate:     make(chan struct{}, 1),
		}
		c.hosts[key] = h
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
