package index

import (
	"context"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Project is what there is of one distribution.
type Project struct {
	Name   string // normalised (PEP 503)
	Source string // the index that has it, without credentials; empty where only --find-links do
	// Status is "active", "archived", "deprecated" or "quarantined", or empty (PEP 792).
	Status, StatusReason string
	// Releases are all versions with a file of any kind, newest first.
	Releases []Release
	// Notes say what was odd about the pages and accepted all the same.
	Notes []string
}

// Release is one version of a project.
type Release struct {
	Version version.Version
	parts   [2]part // the files of --find-links first
	more    []part  // where more than two places have the version
}

// part is the files of a release in one place.
type part struct {
	page  *page
	files string
}

// Files returns the release's files: those of --find-links before the index's, each by name. A
// file that several places have is there once.
func (r Release) Files() []File {
	var files []File
	seen := map[string]bool{}
	for _, p := range append([]part{r.parts[0], r.parts[1]}, r.more...) {
		if p.page == nil {
			continue
		}
		for _, f := range p.page.files(p.files) {
			if !seen[f.Filename] {
				seen[f.Filename] = true
				files = append(files, f)
			}
		}
	}
	return files
}

// Project asks for one distribution: what --find-links have of it, and the first index that has
// the name, which other indexes then cannot add to. A name that nobody has is a [*NotFoundError].
//
// Each name is asked for once in a client's life; the value is shared and must not be changed.
func (c *Client) Project(ctx context.Context, name string) (*Project, error) {
	name = distname.Normalize(name)
	if !distname.Valid(name) {
		return nil, refuse(name, "not the name of a distribution")
	}
	return c.projects.do(ctx, name, func() (*Project, error) { return c.project(ctx, name) })
}

func (c *Client) project(ctx context.Context, name string) (*Project, error) {
	p := &Project{Name: name}
	var pages []*page
	asked := make([]string, 0, len(c.creds.sources))
	for _, s := range c.links {
		asked = append(asked, s.String())
		all, err := c.linked(ctx, s)
		if err != nil {
			return nil, err
		}
		if found := all[name]; found != nil {
			pages = append(pages, found)
		}
	}
	for _, s := range c.indexes {
		asked = append(asked, s.String())
		found, err := c.indexed(ctx, s, name)
		if err != nil {
			return nil, err
		}
		if found != nil {
			pages = append(pages, found)
			p.Source, p.Status, p.StatusReason = s.String(), found.status, found.reason
			break
		}
	}
	if len(pages) == 0 {
		return nil, &NotFoundError{Name: name, Asked: asked}
	}
	for _, found := range pages {
		p.Notes = append(p.Notes, found.notes...)
	}
	p.Releases = merge(pages)
	return p, nil
}

func (c *Client) indexed(ctx context.Context, s *source, name string) (*page, error) {
	if s.url == nil {
		return c.localPage(s, name)
	}
	return c.listed(ctx, s, name)
}

// merge joins pages, each sorted newest first, to releases in that order.
func merge(pages []*page) []Release {
	at := make([]int, len(pages))
	var out []Release
	if len(pages) == 1 {
		out = make([]Release, 0, len(pages[0].releases))
	}
	for {
		newest := -1
		for i, p := range pages {
			if at[i] < len(p.releases) && (newest < 0 || p.releases[at[i]].version.Compare(pages[newest].releases[at[newest]].version) > 0) {
				newest = i
			}
		}
		if newest < 0 {
			return out
		}
		r := Release{Version: pages[newest].releases[at[newest]].version}
		n := 0
		for i, p := range pages {
			if at[i] == len(p.releases) || !p.releases[at[i]].version.Equal(r.Version) {
				continue
			}
			here := part{p, p.releases[at[i]].files}
			if n < len(r.parts) {
				r.parts[n] = here
			} else {
				r.more = append(r.more, here)
			}
			n++
			at[i]++
		}
		out = append(out, r)
	}
}
