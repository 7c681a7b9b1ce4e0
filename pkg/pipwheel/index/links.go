package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"
)

// linked returns what a page or folder of --find-links has, by project. It is read once.
func (c *Client) linked(ctx context.Context, s *source) (map[string]*page, error) {
	return c.flat.do(ctx, s.key(), func() (map[string]*page, error) {
		l, err := c.readLinks(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("--find-links %s: %w", s, err)
		}
		return byProject(l, s)
	})
}

func (c *Client) readLinks(ctx context.Context, s *source) (*listing, error) {
	if s.url == nil {
		return c.localListing(s.path)
	}
	p, err := c.listed(ctx, s, "")
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, fmt.Errorf("there is no such page")
	}
	l := &listing{notes: p.notes}
	for _, r := range p.releases {
		l.files = append(l.files, p.files(r.files)...)
	}
	return l, nil
}

// byProject divides the files of a flat page.
func byProject(l *listing, s *source) (map[string]*page, error) {
	lists := map[string]*listing{}
	for _, f := range l.files {
		name, _, ok := splitFilename(f.Filename, "")
		if !ok {
			continue
		}
		if lists[name] == nil {
			lists[name] = &listing{notes: l.notes}
		}
		lists[name].files = append(lists[name].files, f)
	}
	pages := make(map[string]*page, len(lists))
	for name, list := range lists {
		p, err := unpack(string(pack(list, name)), s)
		if err != nil {
			return nil, err
		}
		pages[name] = p
	}
	return pages, nil
}

// localListing reads a folder, or an HTML file.
func (c *Client) localListing(at string) (*listing, error) {
	if ext := strings.ToLower(path.Ext(at)); ext == ".html" || ext == ".htm" {
		body, err := c.local.Page(at, c.maxPage)
		if err != nil {
			return nil, err
		}
		return parseHTML(body, &url.URL{Scheme: "file", Path: at})
	}
	files, err := c.local.Files(at)
	if err != nil {
		return nil, err
	}
	l := &listing{}
	for _, f := range files {
		if _, _, ok := splitFilename(f.Name, ""); ok && cleanName(f.Name) {
			l.files = append(l.files, File{Filename: f.Name, Path: f.Path, Size: f.Size})
		}
	}
	return l, nil
}

// localPage reads a project's page or folder in an index on the host (file:///simple/).
func (c *Client) localPage(s *source, name string) (*page, error) {
	folder := s.folder(name)
	l, err := c.localListing(path.Join(folder, "index.html"))
	if err != nil {
		if l, err = c.localListing(folder); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil // the index does not have the name
			}
			return nil, err
		}
	}
	return unpack(string(pack(l, name)), s)
}
