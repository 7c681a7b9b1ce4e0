package registry

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/transport"
)

// Mount makes a blob of one repository known in another of the same registry, without moving it
// (distribution-spec, "Mounting a blob from another repository"). It reports false where the
// registry would not: the blob must be uploaded then. An answer of 202 is a refusal, but some
// registries give it although the blob is there, so that is looked up; the upload session that came
// with it is cancelled.
func (c *Client) Mount(ctx context.Context, repo, from name.Repository, h v1.Hash) (bool, error) {
	if repo.RegistryStr() != from.RegistryStr() {
		return false, nil
	}
	subject := "mounting " + blobName(from, h) + " into " + repo.Name()
	target := c.url(repo, "blobs/uploads/")
	target.RawQuery = url.Values{"mount": {h.String()}, "from": {from.RepositoryStr()}}.Encode()
	resp, err := c.do(transport.Retryable(ctx), call{
		method: http.MethodPost,
		host:   c.host(repo),
		// Both in one token: without the right to read the source a mount silently becomes an upload.
		want: scopes{repo.RepositoryStr(): true}.with(scopes{from.RepositoryStr(): false}),
		url:  target,
	})
	if errors.Is(err, ErrUnauthorized) {
		return false, nil // no token for both; whether there is one for the target, the upload will see
	}
	if err != nil {
		return false, explain(subject, repo.RegistryStr(), err)
	}
	switch {
	case resp.StatusCode == http.StatusCreated:
		transport.Discard(resp.Body)
		return true, nil
	case resp.StatusCode == http.StatusAccepted:
		transport.Discard(resp.Body)
		has, err := c.HasBlob(ctx, repo, h)
		if err != nil {
			return false, err
		}
		if s, err := c.session(repo, resp); err == nil {
			c.cancel(ctx, s)
		}
		return has, nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout:
		return false, explain(subject, repo.RegistryStr(), c.statusError(resp))
	}
	// Refused, or the registry fails over it: an upload needs no mount.
	transport.Discard(resp.Body)
	return false, nil
}
