package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/layerpack/layerpack/internal/transport"
)

// call is one request to a registry.
type call struct {
	method string
	host   *host
	want   scopes
	url    *url.URL // usually the registry's; an upload's location may be elsewhere
	header map[string]string
	body   func() (io.ReadCloser, error) // nil is none
	size   int64                         // of the body, in bytes
	sent   func() int64                  // bytes of the body that went out in the last try; nil where it is small
}

func bytesBody(b []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

// do sends a call with what authentication it needs, and once more when the registry asks for
// another: at most one renewal, never a loop. The response's status may be any.
func (c *Client) do(ctx context.Context, k call) (*http.Response, error) {
	h := k.host
	if !transport.SameOrigin(k.url, h.origin) {
		return c.doElsewhere(ctx, h, k)
	}
	for renewed := false; ; renewed = true {
		header, first, err := c.authorize(ctx, h, k.want)
		if err != nil {
			return nil, err
		}
		resp, err := c.send(ctx, k, header)
		if err == nil && !first && !telling(resp.StatusCode) {
			return resp, nil
		}
		if err == nil && telling(resp.StatusCode) {
			settle(resp)
		}
		if !first {
			if lockErr := h.lock(ctx); lockErr != nil {
				closeResponse(resp)
				return nil, lockErr
			}
		}
		var again bool
		if err == nil {
			again, err = c.learn(ctx, h, resp, header)
		}
		if again {
			k.want = k.want.with(parseScopes(h.answer.params["scope"]))
		}
		h.unlock()
		if err != nil {
			closeResponse(resp)
			return nil, err
		}
		if !again || renewed {
			return resp, nil
		}
		transport.Discard(resp.Body)
		if k.sent != nil && k.sent() > maxResent {
			return nil, errRenewed
		}
	}
}

// maxResent is how much of a body is simply sent again with a new token, in bytes. It is more than
// what lies in the buffers between us and a registry that refuses a request by its header.
const maxResent = 8 << 20

// errRenewed is a request that was refused for its token after much of its body was sent; there is a
// new token now.
var errRenewed = errors.New("the registry refused the token in the middle of a transfer")

// settle reads what an error has to say, so that the request is over before another is made for
// its sake.
func settle(resp *http.Response) {
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // a cut body still tells the status
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(said))
}

// telling is a status that may be about authentication.
func telling(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound
}

// learn looks at an answer with the eyes of authentication and reports whether to ask again. The
// gate is held.
func (c *Client) learn(ctx context.Context, h *host, resp *http.Response, sent string) (bool, error) {
	if !transport.SameOrigin(resp.Request.URL, h.origin) {
		return false, nil // redirected; whoever answered has no say here
	}
	h.met = true
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		if offer, ok := pickChallenge(resp.Header); ok {
			return c.challenged(ctx, h, offer, sent)
		}
	case http.StatusForbidden, http.StatusNotFound:
		if h.answer.scheme == "" && !h.pinged {
			return c.ping(ctx, h)
		}
	}
	return false, nil
}

// ping looks for a challenge at /v2/. A registry that is open to everyone may hide a private
// repository behind 403 or 404; who has credentials would want them to be used. The gate is held.
func (c *Client) ping(ctx context.Context, h *host) (bool, error) {
	h.pinged = true
	creds, err := c.credentials(ctx, h)
	if err != nil {
		return false, err
	}
	if basicHeader(creds) == "" && creds.IdentityToken == "" && creds.RegistryToken == "" {
		return false, nil
	}
	resp, err := c.send(ctx, call{method: http.MethodGet, url: &url.URL{Scheme: h.origin.Scheme, Host: h.origin.Host, Path: "/v2/"}}, "")
	if err != nil {
		return false, err
	}
	defer transport.Discard(resp.Body)
	offer, ok := pickChallenge(resp.Header)
	if resp.StatusCode != http.StatusUnauthorized || !ok || !transport.SameOrigin(resp.Request.URL, h.origin) {
		return false, nil
	}
	return c.challenged(ctx, h, offer, "")
}

// doElsewhere sends a call to a host that the registry named, without credentials.
func (c *Client) doElsewhere(ctx context.Context, h *host, k call) (*http.Response, error) {
	return c.send(transport.WithOrigin(ctx, k.url, h.origin), k, "")
}

func (c *Client) send(ctx context.Context, k call, authorization string) (*http.Response, error) {
	target := *k.url
	req := (&http.Request{Method: k.method, URL: &target, Header: http.Header{}}).WithContext(ctx)
	if k.body != nil {
		body, err := k.body()
		if err != nil {
			return nil, err
		}
		req.Body = body
		req.GetBody, req.ContentLength = k.body, k.size
	}
	for name, value := range k.header {
		req.Header.Set(name, value)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return transport.Follow(c.rt, req)
}

func closeResponse(resp *http.Response) {
	if resp != nil {
		transport.Discard(resp.Body)
	}
}
