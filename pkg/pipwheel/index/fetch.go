package index

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	// maxPage bounds a page, unpacked, in bytes: far more than a project with ten thousand files needs.
	maxPage = 64 << 20
	// smallPage is what a page may have without waiting for its turn: of larger ones there is one in memory at a time.
	smallPage = 4 << 20
	// bodyTries is how often a page whose body breaks off is asked for.
	bodyTries = 3
)

// answer is a page, or its absence.
type answer struct {
	status int
	header http.Header
	url    *url.URL // after redirects
	body   []byte
}

// request makes a GET with credentials, if the address may be spoken to.
func (c *Client) request(ctx context.Context, u *url.URL, from *source) (*http.Request, error) {
	if u.Scheme != "https" && !loopback(u) && !TrustedHost(c.trusted, u.Host) {
		return nil, &InsecureError{URL: redact(u), Host: u.Host}
	}
	if c.origin != nil && from != nil && from.url != nil && !sameOrigin(u, from.url) {
		ctx = c.origin(ctx, u, from.url)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: not an address", redact(u))
	}
	c.creds.set(req, from)
	return req, nil
}

func (c *Client) do(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx := req.Context(); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("asking %s: %w", redact(req.URL), bare(err))
	}
	return resp, nil
}

// get asks for something that fits into memory. A body that breaks off is asked for again.
func (c *Client) get(ctx context.Context, u *url.URL, from *source, header http.Header, limit int64) (*answer, error) {
	release, err := c.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	for try := 1; ; try++ {
		a, err := c.getOnce(ctx, u, from, header, limit)
		if err == nil || try == bodyTries || !errors.Is(err, errBody) || ctx.Err() != nil {
			return a, err
		}
	}
}

// errBody is a body that broke off.
var errBody = errors.New("the answer broke off")

func (c *Client) getOnce(ctx context.Context, u *url.URL, from *source, header http.Header, limit int64) (*answer, error) {
	req, err := c.request(ctx, u, from)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if req.Header.Get("Range") == "" {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := c.do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header, url: u}
	if resp.Request != nil {
		a.url = resp.Request.URL
	}
	if a.status != http.StatusOK {
		discard(resp.Body)
		return a, c.status(req, a.status)
	}
	a.body, err = c.readBody(ctx, resp, limit)
	if err != nil {
		if refusal.Is(err) {
			return nil, fmt.Errorf("%s: %w", redact(u), err)
		}
		return nil, fmt.Errorf("%s: %w: %w", redact(u), errBody, bare(err))
	}
	return a, nil
}

// status returns an error for an answer that is neither a page, nor its absence, nor "as before".
func (c *Client) status(req *http.Request, status int) error {
	switch status {
	case http.StatusOK, http.StatusNotModified, http.StatusNotFound, http.StatusGone:
		return nil
	}
	return &StatusError{URL: redact(req.URL), Status: status, Sent: req.Header.Get("Authorization") != ""}
}

// readBody reads and unpacks a body of at most limit bytes. What is larger is refused.
func (c *Client) readBody(ctx context.Context, resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var body io.Reader = io.LimitReader(resp.Body, limit+1)
	switch coding := resp.Header.Get("Content-Encoding"); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = io.LimitReader(z, limit+1)
	default:
		return nil, refusal.Newf("its content", "is encoded as %q, which was not asked for", coding)
	}
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 {
		b.Grow(int(min(n, 1<<20)))
	}
	if _, err := b.ReadFrom(io.LimitReader(body, smallPage)); err != nil {
		return nil, err
	}
	if b.Len() == smallPage {
		select {
		case c.large <- struct{}{}:
			defer func() { <-c.large }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if _, err := b.ReadFrom(body); err != nil {
			return nil, err
		}
	}
	if int64(b.Len()) > limit {
		return nil, tooLarge(limit)
	}
	return b.Bytes(), nil
}

func tooLarge(limit int64) error {
	return refusal.Newf("its content", "is larger than %d MiB", limit>>20)
}

// discard reads a little of what is left, so that the connection can be used again.
func discard(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, 64<<10) // a break costs a connection, no more
}
