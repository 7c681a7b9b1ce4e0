package index

import (
	"context"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// pageCollection is where pages are kept.
const pageCollection = "index-pages"

const (
	acceptIndex = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
	acceptFlat  = "text/html, application/vnd.pypi.simple.v1+json;q=0.5, application/vnd.pypi.simple.v1+html;q=0.5"
)

// listed is the page of a project in one index; nil where the index has none. For a flat page the
// project is empty, and all files are wanted: see links.
func (c *Client) listed(ctx context.Context, from *source, project string) (*page, error) {
	u := from.page(project)
	key := keyOf(u.String())
	if from.flat {
		key = "flat " + key // of all names, where the same page in an index is of one
	}
	known := c.known(key, from)
	if known != nil && (c.offline || !c.refresh && known.freshAt(c.now())) {
		return known.unpacked, nil
	}
	if c.offline {
		what := project
		if what == "" {
			what = "the files"
		}
		return nil, &OfflineError{What: what + " in " + from.String()}
	}
	header := http.Header{"Accept": {acceptIndex}}
	if from.flat {
		header.Set("Accept", acceptFlat)
	}
	if known != nil && known.etag != "" {
		header.Set("If-None-Match", known.etag)
	}
	if known != nil && known.modified != "" {
		header.Set("If-Modified-Since", known.modified)
	}
	a, err := c.get(ctx, u, from, header, c.maxPage)
	if err != nil {
		if s, ok := err.(*StatusError); ok && s.Status == http.StatusForbidden && absentAs403(u) {
			return nil, nil
		}
		return nil, err
	}
	return c.answered(a, from, project, key, known)
}

// answered makes a page of an answer, and keeps it.
func (c *Client) answered(a *answer, from *source, project, key string, known *entry) (*page, error) {
	switch {
	case a.status == http.StatusNotFound || a.status == http.StatusGone:
		if known == nil || !known.missing {
			c.keep(key, &entry{missing: true}, caching{store: true})
		}
		return nil, nil
	case a.status == http.StatusNotModified && known != nil && !known.missing:
		if tag := a.header.Get("ETag"); tag != "" {
			known.etag = tag
		}
		c.keep(key, known, cachingOf(a.header))
		return known.unpacked, nil
	case a.status == http.StatusNotModified:
		return nil, refuse(redact(a.url), "answered 304 to a question that did not allow it")
	}
	l, err := parseAnswer(a)
	if err != nil {
		return nil, err
	}
	content := string(pack(l, project))
	p, err := unpack(content, from)
	if err != nil {
		return nil, err
	}
	e := &entry{etag: a.header.Get("ETag"), modified: a.header.Get("Last-Modified"), page: content}
	c.keep(key, e, cachingOf(a.header))
	return p, nil
}

// known is what the cache has of a page; nil where it has nothing that can be read.
func (c *Client) known(key string, from *source) *entry {
	if c.pages == nil {
		return nil
	}
	content, err := c.pages.Get(pageCollection, key)
	if err != nil {
		return nil
	}
	e, err := decodeEntry(content)
	if err == nil && !e.missing {
		e.unpacked, err = unpack(e.page, from)
	}
	if err != nil {
		return nil
	}
	return e
}

// keep puts an entry into the cache. That it cannot be kept costs the next run a request, no more.
func (c *Client) keep(key string, e *entry, rules caching) {
	if c.pages == nil || !rules.store {
		return
	}
	e.asked, e.fresh = c.now(), rules.fresh
	_ = c.pages.Put(pageCollection, key, e.encode())
}

// parseAnswer reads a page by its content type (PEP 691, "Version + Format Selection").
func parseAnswer(a *answer) (*listing, error) {
	kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil && kind == "" {
		kind = strings.ToLower(strings.TrimSpace(a.header.Get("Content-Type")))
	}
	var l *listing
	switch {
	case kind == "application/vnd.pypi.simple.v1+json", kind == "application/json":
		l, err = parseJSON(a.body, a.url)
	case kind == "application/vnd.pypi.simple.v1+html", kind == "text/html", kind == "application/xhtml+xml":
		l, err = parseHTML(a.body, a.url)
	case strings.HasPrefix(kind, "application/vnd.pypi.simple."):
		return nil, refuse(redact(a.url), "it answers in %s, of which only version 1 is understood", kind)
	default:
		return nil, refusal.New(redact(a.url), "it answers with "+clip(kind)+", which is no page of the Simple API (PEP 503, PEP 691)", "is the address right? most indexes' ends in /simple/")
	}
	if err != nil {
		return nil, &refusal.Error{Input: redact(a.url), Cause: "its page cannot be read", Err: err}
	}
	return l, nil
}

func clip(s string) string {
	if s == "" {
		return "no content type"
	}
	return s[:min(len(s), 100)]
}

// absentAs403 reports whether a host is known to answer 403 for what it does not have. Any other
// 403 ends the search: to go on to the next index would let that take over a private name.
func absentAs403(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	return host == "pytorch.org" || strings.HasSuffix(host, ".pytorch.org")
}
