package registry

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/transport"
)

// session is an upload that a registry has opened (distribution-spec, "Pushing blobs").
type session struct {
	repo     name.Repository
	url      *url.URL // of the next request
	offset   int64    // bytes that the registry has
	minChunk int64    // OCI-Chunk-Min-Length, 0 where the registry does not care
}

// locationError is an upload location that cannot be used.
type locationError struct{ cause string }

func (e *locationError) Error() string { return "the registry " + e.cause }

// begin opens a session.
func (c *Client) begin(ctx context.Context, repo name.Repository) (*session, error) {
	resp, err := c.do(transport.Retryable(ctx), call{
		method: http.MethodPost,
		host:   c.host(repo),
		want:   scopes{repo.RepositoryStr(): true},
		url:    c.url(repo, "blobs/uploads/"),
	})
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusAccepted {
		return nil, c.statusError(resp)
	}
	transport.Discard(resp.Body)
	return c.session(repo, resp)
}

func (c *Client) session(repo name.Repository, resp *http.Response) (*session, error) {
	s := &session{repo: repo}
	if resp.Header.Get("Location") == "" {
		return nil, &locationError{cause: "opened an upload without saying where"}
	}
	if err := c.moveTo(s, resp); err != nil {
		return nil, err
	}
	s.minChunk, _ = strconv.ParseInt(resp.Header.Get("OCI-Chunk-Min-Length"), 10, 64) // garbage is none
	return s, nil
}

// moveTo follows a Location header. Another host is allowed, without credentials; a downgrade to
// plain http is not, except that a registry which does not know that it is behind TLS names itself.
func (c *Client) moveTo(s *session, resp *http.Response) error {
	location := resp.Header.Get("Location")
	if location == "" {
		return nil
	}
	to, err := resp.Request.URL.Parse(location)
	if err != nil {
		return &locationError{cause: "names an upload location that is no URL"} // err would quote it
	}
	to.User, to.Fragment = nil, ""
	origin := c.host(s.repo).origin
	if to.Scheme == "http" && origin.Scheme == "https" && strings.EqualFold(to.Hostname(), origin.Hostname()) {
		to.Scheme, to.Host = "https", origin.Host
	}
	if to.Host == "" || to.Scheme != "https" && (to.Scheme != "http" || origin.Scheme != "http") {
		return &locationError{cause: "names an upload location that is not https (" + transport.Redact(to) + "); refused"}
	}
	s.url = to
	return nil
}

// callSession sends a request of a session.
func (c *Client) callSession(ctx context.Context, s *session, k call) (*http.Response, error) {
	k.host = c.host(s.repo)
	k.want = scopes{s.repo.RepositoryStr(): true}
	if k.url == nil {
		k.url = s.url
	}
	return c.do(ctx, k)
}

// locate asks how much of an upload the registry has. It reports false when the session is lost, or
// of no more use than a new one.
func (c *Client) locate(ctx context.Context, s *session, size int64) bool {
	resp, err := c.callSession(ctx, s, call{method: http.MethodGet})
	if err != nil {
		return false
	}
	transport.Discard(resp.Body)
	if resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusOK {
		return false
	}
	end, ok := rangeEnd(resp.Header.Get("Range"))
	// "0-0" may be one byte or none.
	if !ok || end == 0 || end >= size || c.moveTo(s, resp) != nil {
		return false
	}
	s.offset = end + 1
	return true
}

// rangeEnd reads "0-N", the bytes that an upload has.
func rangeEnd(header string) (int64, bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(header, "bytes="), "0-")
	end, err := strconv.ParseInt(rest, 10, 64)
	return end, ok && err == nil && end >= 0
}

// cancel closes a session that will not be used. Registries drop them in time by themselves, so a
// failure does not matter.
func (c *Client) cancel(ctx context.Context, s *session) {
	if resp, err := c.callSession(transport.Once(ctx), s, call{method: http.MethodDelete}); err == nil {
		transport.Discard(resp.Body)
	}
}

// closing is the URL that ends a session. The query that is there is opaque and kept as it is.
func (s *session) closing(h v1.Hash) *url.URL {
	u := *s.url
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "digest=" + url.QueryEscape(h.String())
	return &u
}
