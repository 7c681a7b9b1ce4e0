package index

import (
	"context"
	"net/http"
)

// Text returns the bytes behind an http or https URL, at most limit of them: a requirement file that another
// includes. Credentials are those for the URL's host; nothing of it is kept.
func (c *Client) Text(ctx context.Context, address string, limit int64) ([]byte, error) {
	s, err := parseSource(address)
	switch {
	case err != nil:
		return nil, err
	case s.url == nil:
		return nil, refuse(s.path, "is no http or https address")
	case c.offline:
		return nil, &OfflineError{What: redact(s.url)}
	}
	a, err := c.get(ctx, s.url, s, http.Header{}, limit)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, &StatusError{URL: redact(s.url), Status: a.status}
	}
	return a.body, nil
}
