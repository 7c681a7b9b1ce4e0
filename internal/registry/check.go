package registry

import (
	"context"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/transport"
)

// Check asks a registry whether it takes the keychain's credentials, by its version endpoint
// (distribution-spec, "Determining Support"). It is [ErrUnauthorized] when it does not. checked is false where
// the registry asks nobody for credentials there, so that nothing is known of them.
func (c *Client) Check(ctx context.Context, reg name.Registry) (checked bool, err error) {
	h := c.hostFor(reg, reg, "")
	resp, err := c.do(ctx, call{
		method: http.MethodGet,
		host:   h,
		url:    &url.URL{Scheme: h.origin.Scheme, Host: h.origin.Host, Path: "/v2/"},
	})
	if err != nil {
		return false, explain(reg.RegistryStr(), reg.RegistryStr(), err)
	}
	if resp.StatusCode != http.StatusOK {
		return false, explain(reg.RegistryStr(), reg.RegistryStr(), c.statusError(resp))
	}
	transport.Discard(resp.Body)
	if err := h.lock(ctx); err != nil {
		return false, err
	}
	defer h.unlock()
	return h.answer.scheme != "", nil
}
