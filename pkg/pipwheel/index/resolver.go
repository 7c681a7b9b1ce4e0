package index

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// resolver makes the addresses of a page's files absolute, and leaves out files that cannot be
// what a page offers.
type resolver struct {
	base    *url.URL
	local   bool   // the page is a file of the host, and may name others
	last    string // that was found to be plain
	skipped int
	first   string
}

func newResolver(base *url.URL) *resolver { return &resolver{base: base, local: base.Scheme == "file"} }

// file fills in the address, and the name where the page does not say it. It reports whether the file is wanted.
func (r *resolver) file(f *File, address string) bool {
	plain, fragment, _ := strings.Cut(address, "#")
	if !r.plain(plain) {
		u, err := r.base.Parse(strings.TrimSpace(plain))
		file := err == nil && u.Scheme == "file" && r.local
		if err != nil || !file && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return r.skip(f.Filename + " " + plain)
		}
		if f.Filename == "" {
			f.Filename = path.Base(u.Path)
		}
		u.User = nil // credentials are the user's to give
		if plain = u.String(); file {
			plain, f.Path = "", u.Path
		}
	}
	if f.Filename == "" || !cleanName(f.Filename) {
		return r.skip(f.Filename)
	}
	f.URL = plain
	return r.fragment(f, fragment)
}

// name is that of the file which an address is of.
func (r *resolver) name(address string) (string, bool) {
	way, _, _ := strings.Cut(address, "#")
	if r.plain(way) {
		return way[strings.LastIndexByte(way, '/')+1:], true
	}
	u, err := url.Parse(way)
	if err != nil {
		return "", false
	}
	return path.Base(u.Path), true
}

// plain reports whether an address can stay as it is: most do, and parsing each would take longer
// than reading the page.
func (r *resolver) plain(address string) bool {
	if address != "" && address == r.last {
		return true
	}
	rest, ok := strings.CutPrefix(address, "https://")
	if !ok || rest == "" || rest[0] == '/' || strings.IndexByte(rest, '/') < 0 {
		return false
	}
	before, host := byte('/'), true
	for i := range len(rest) {
		c := rest[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c == '-':
		case c == '.' && before != '.':
		case c == '/' && before != '.' && before != '/':
			host = false
		case (c == '_' || c == '+' || c == '~') && !host:
		default:
			return false
		}
		before = c
	}
	r.last = address
	return true
}

// cleanName reports whether a file's name can be one on any system.
func cleanName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '/' || c == '\\' {
			return false
		}
	}
	return len(s) <= 512 && s != "." && s != ".."
}

// fragment reads the hash that an HTML page gives (PEP 503).
func (r *resolver) fragment(f *File, fragment string) bool {
	if fragment == "" {
		return true
	}
	for pair := range strings.SplitSeq(fragment, "&") {
		algorithm, digest, _ := strings.Cut(pair, "=")
		h, err := makeHash(algorithm, digest)
		if err == nil {
			f.Hashes = sortHashes(append(f.Hashes, h))
		} else if !errors.Is(err, errAlgorithm) {
			return r.skip(f.Filename) // a digest that is none must not become "no hash to check"
		}
	}
	return true
}

func (r *resolver) skip(what string) bool {
	if r.skipped++; r.first == "" {
		r.first = what
	}
	return false
}

func (r *resolver) notes() []string {
	if r.skipped == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d files without a usable name, address or hash are left out, such as %.100q", redact(r.base), r.skipped, r.first)}
}
