package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

const (
	// maxTagPages is how many pages of tags are read: enough for tens of thousands.
	maxTagPages = 60
	maxTagPage  = 4 << 20 // bytes
)

// Tags lists the tags of a repository (distribution-spec, "Listing Tags"), as far as a registry tells them in
// 60 pages.
func (c *Client) Tags(ctx context.Context, repo name.Repository) ([]string, error) {
	var all []string
	next := c.url(repo, "tags/list")
	next.RawQuery = "n=1000"
	for range maxTagPages {
		page, link, err := c.tagPage(ctx, repo, next)
		if err != nil {
			return nil, fmt.Errorf("listing the tags of %s: %w", repo, err)
		}
		all = append(all, page...)
		if link == "" {
			break
		}
		u, err := next.Parse(link)
		if err != nil || u.Host != next.Host || u.Scheme != next.Scheme {
			break // a page elsewhere is not followed
		}
		next = u
	}
	return all, nil
}

// tagPage reads one page, and the address of the next one (RFC 5988).
func (c *Client) tagPage(ctx context.Context, repo name.Repository, u *url.URL) (tags []string, next string, err error) {
	resp, err := c.do(ctx, call{method: http.MethodGet, host: c.host(repo), url: u, want: scopes{repo.RepositoryStr(): false}})
	if err != nil {
		return nil, "", err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, "", c.statusError(resp)
	}
	defer resp.Body.Close()
	var page struct {
		Tags []string `json:"tags"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxTagPage)).Decode(&page); err != nil {
		return nil, "", fmt.Errorf("the answer cannot be read: %w", err)
	}
	link := resp.Header.Get("Link")
	if address, ok := strings.CutPrefix(link, "<"); ok && strings.Contains(link, `rel="next"`) {
		next, _, _ = strings.Cut(address, ">")
	}
	return page.Tags, next, nil
}
