package index

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

// source is an index, or a page or folder of --find-links.
type source struct {
	url  *url.URL // without user, password and fragment; nil for what is on the host
	user *url.Userinfo
	path string // on the host
	flat bool   // all files on one page, of any name
}

// String names the source without credentials.
func (s *source) String() string {
	if s.url == nil {
		return s.path
	}
	return redact(s.url)
}

// key tells sources apart, without what could be a secret.
func (s *source) key() string {
	if s.url == nil {
		return s.path
	}
	return keyOf(s.url.String())
}

func contains(list []*source, s *source) bool {
	for _, o := range list {
		if o.key() == s.key() {
			return true
		}
	}
	return false
}

func indexSource(text, flag string) (*source, error) {
	s, err := parseSource(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if s.url == nil {
		if !strings.HasPrefix(text, "file:") {
			return nil, fmt.Errorf("%s %q is no URL; a folder of wheels is given with --find-links", flag, text)
		}
		return s, nil
	}
	if !strings.HasSuffix(s.url.Path, "/") {
		s.url.Path += "/"
		if s.url.RawPath != "" {
			s.url.RawPath += "/"
		}
	}
	return s, nil
}

func linksSource(text string) (*source, error) {
	s, err := parseSource(text)
	if err != nil {
		return nil, fmt.Errorf("--find-links: %w", err)
	}
	s.flat = true
	return s, nil
}

// parseSource reads an address. Its errors do not quote it, as it may hold a password.
func parseSource(text string) (*source, error) {
	text = strings.TrimSpace(text)
	scheme, _, ok := strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	if text == "" {
		return nil, fmt.Errorf("the address is empty")
	}
	if !ok || len(scheme) < 2 || strings.ContainsAny(scheme, `/\.`) { // one letter is a drive of Windows
		return &source{path: text}, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("an address of %d characters that begins with %s: is no URL", len(text), scheme)
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return nil, fmt.Errorf("%q has no host", redact(u))
		}
	case "file":
		if u.Host != "" && u.Host != "localhost" {
			return nil, fmt.Errorf("%q names another machine; write file:///PATH", redact(u))
		}
		return &source{path: u.Path}, nil
	default:
		return nil, fmt.Errorf("scheme %q is not http, https or file", u.Scheme)
	}
	s := &source{user: u.User}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	s.url = u
	return s, nil
}

// page is the address of a project's page (PEP 503: the normalised name, a slash at the end).
func (s *source) page(name string) *url.URL {
	if s.flat {
		return s.url
	}
	u := s.url.JoinPath(name)
	u.Path += "/"
	u.RawQuery = s.url.RawQuery
	return u
}

func (s *source) folder(name string) string { return path.Join(s.path, name) }

// redact writes a URL without what could be a secret: user, password and the query's values.
func redact(u *url.URL) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	if c.RawQuery != "" {
		c.RawQuery = "…"
	}
	return c.String()
}

// keyOf is an address as a key in the cache, in which no query may stand: it can hold a token.
func keyOf(address string) string {
	address, query, ok := strings.Cut(address, "?")
	if !ok {
		return address
	}
	sum := sha256.Sum256([]byte(query))
	return address + "?" + hex.EncodeToString(sum[:8])
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && hostPort(a) == hostPort(b) }

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// TrustedHost reports whether a URL's host ("name" or "name:port") is one of those that were
// given with --trusted-host: the name, or the name with the port.
func TrustedHost(trusted []string, host string) bool {
	u := url.URL{Host: host}
	for _, t := range trusted {
		want := url.URL{Host: strings.TrimSpace(t)}
		if strings.EqualFold(want.Hostname(), u.Hostname()) && (want.Port() == "" || want.Port() == u.Port()) && want.Hostname() != "" {
			return true
		}
	}
	return false
}

// loopback reports whether a host's spelling names this machine (RFC 6761).
func loopback(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
