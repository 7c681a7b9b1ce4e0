package index

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// maxToken bounds a tag or a piece of text of a page, in bytes.
const maxToken = 1 << 20

// parseHTML reads a page of links (PEP 503, 592, 629, 714, 792; pip's --find-links). at is the
// page's own address; the first <base href> takes its place.
func parseHTML(body []byte, at *url.URL) (*listing, error) {
	p := newHTMLPage(at)
	if !p.quick(body) {
		p = newHTMLPage(at)
		if err := p.tokens(body); err != nil {
			return nil, err
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	p.list.notes = append(p.list.notes, p.resolve.notes()...)
	return p.list, nil
}

// htmlPage is a page being read.
type htmlPage struct {
	at      *url.URL
	list    *listing
	resolve *resolver
	based   bool
	attrs   attributes // of the tag at hand
	err     error
}

func newHTMLPage(at *url.URL) *htmlPage {
	return &htmlPage{at: at, list: &listing{}, resolve: newResolver(at)}
}

// tokens reads a page as browsers do.
func (p *htmlPage) tokens(body []byte) error {
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(maxToken)
	for p.err == nil {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return fmt.Errorf("HTML: %w", err)
			}
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch tag := string(name); tag {
			case "a", "base", "meta":
				p.attrs = p.attrs[:0]
				for more {
					var key, value []byte
					key, value, more = z.TagAttr()
					p.attrs.add(key, value)
				}
				p.tag(tag)
			}
		}
	}
	return nil
}

// tag takes what a tag says.
func (p *htmlPage) tag(name string) {
	switch name {
	case "base":
		if href, ok := p.attrs.get("href"); ok && !p.based {
			p.based = true
			if u, err := p.at.Parse(href); err == nil {
				p.resolve.base = u
			}
		}
	case "meta":
		p.err = p.list.meta(p.attrs.value("name"), p.attrs.value("content"))
	case "a":
		f, ok := anchor(p.attrs, p.resolve)
		switch {
		case ok && len(p.list.files) == maxFiles:
			p.err = fmt.Errorf("it lists more than %d files", maxFiles)
		case ok:
			p.list.files = append(p.list.files, f)
		}
	}
}

// attributes are those of a tag; of two with one name the first counts (HTML, "Attributes").
type attributes []struct{ name, value string }

// add takes an attribute that is of use here.
func (a *attributes) add(key, value []byte) {
	for _, name := range [...]string{"href", "data-requires-python", "data-core-metadata", "data-dist-info-metadata", "data-yanked", "data-upload-time", "name", "content"} {
		if string(key) == name {
			*a = append(*a, struct{ name, value string }{name, string(value)})
			return
		}
	}
}

func (a attributes) get(name string) (value string, ok bool) {
	for _, at := range a {
		if at.name == name {
			return at.value, true
		}
	}
	return "", false
}

func (a attributes) value(name string) string {
	value, _ := a.get(name)
	return value
}

func (l *listing) meta(name, content string) error {
	switch strings.ToLower(name) {
	case "pypi:repository-version":
		return l.checkVersion(content)
	case "pypi:project-status":
		l.status = content
	case "pypi:project-status-reason":
		l.reason = content
	}
	return nil
}

// anchor reads one link. Links to other than files of distributions are common, and no fault.
func anchor(attrs attributes, resolve *resolver) (File, bool) {
	href, ok := attrs.get("href")
	if !ok {
		return File{}, false
	}
	href = strings.TrimSpace(href)
	name, ok := resolve.name(href)
	if !ok {
		return File{}, false
	}
	f := File{Filename: name, RequiresPython: attrs.value("data-requires-python")}
	if _, _, ok := splitFilename(name, ""); !ok {
		return File{}, false
	}
	f.YankedReason, f.Yanked = attrs.get("data-yanked")
	f.Uploaded = uploadTime(attrs.value("data-upload-time")) // of no standard, but of some mirrors
	offered, ok := attrs.get("data-core-metadata")
	if !ok {
		offered, ok = attrs.get("data-dist-info-metadata")
	}
	if ok && offered != "false" {
		f.HasMetadata = true
		algorithm, digest, _ := strings.Cut(offered, "=")
		if h, err := makeHash(algorithm, digest); err == nil && algorithm == "sha256" {
			f.MetadataSHA256 = h.Hex
		}
	}
	return f, resolve.file(&f, href)
}
