package index

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// credentials knows who to be for which address.
type credentials struct {
	sources []*source
	netrc   *Netrc
	getenv  func(string) string
	hosts   []string // that getenv is asked about
}

// set adds the credentials for the request's origin, if there are any: those of the address that
// the user gave, the source's own first; then of the environment, then of netrc.
func (c *credentials) set(req *http.Request, from *source) {
	if user := c.user(req.URL, from); user != nil {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
}

func (c *credentials) user(u *url.URL, from *source) *url.Userinfo {
	if from != nil && from.user != nil && from.url != nil && sameOrigin(from.url, u) {
		return from.user
	}
	var best *source
	for _, s := range c.sources {
		if s.user == nil || s.url == nil || !sameOrigin(s.url, u) {
			continue
		}
		// Of several on one host, that whose path goes furthest with the address.
		if best == nil || common(s.url.Path, u.Path) > common(best.url.Path, u.Path) {
			best = s
		}
	}
	if best != nil {
		return best.user
	}
	if c.getenv != nil && c.named(u) {
		name, password := EnvName(u.Hostname())
		if n, p := c.getenv(name), c.getenv(password); n != "" || p != "" {
			return url.UserPassword(n, p)
		}
	}
	return c.netrc.lookup(u.Hostname())
}

// named reports whether the user named the address's origin as an index.
func (c *credentials) named(u *url.URL) bool {
	return slices.ContainsFunc(c.hosts, func(h string) bool {
		o, err := url.Parse(h)
		return err == nil && o.Host != "" && sameOrigin(o, u)
	})
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// EnvName returns the variables that hold the credentials for a host: for "pypi.example.com"
// LAYERPACK_INDEX_PYPI_EXAMPLE_COM_USERNAME and LAYERPACK_INDEX_PYPI_EXAMPLE_COM_PASSWORD.
func EnvName(host string) (username, password string) {
	name := "LAYERPACK_INDEX_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, host)
	return name + "_USERNAME", name + "_PASSWORD"
}
