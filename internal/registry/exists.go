package registry

import (
	"context"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/transport"
)

// emptySHA256 is the digest of no bytes.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// HasBlob asks with HEAD whether a repository has a blob. Registries have been seen to say yes for
// blobs whose bytes are gone; [Client.ConfirmBlob] asks for a byte.
func (c *Client) HasBlob(ctx context.Context, repo name.Repository, h v1.Hash) (bool, error) {
	resp, err := c.callBlob(ctx, http.MethodHead, repo, h, "")
	if err != nil {
		return false, explain(blobName(repo, h), repo.RegistryStr(), err)
	}
	switch {
	case resp.StatusCode == http.StatusOK:
		closeResponse(resp)
		return true, nil
	case resp.StatusCode == http.StatusNotFound:
		closeResponse(resp)
		return false, nil
	case resp.StatusCode == http.StatusMethodNotAllowed, !transport.SameOrigin(resp.Request.URL, c.host(repo).origin):
		// No HEAD here, or a redirect whose signature is for GET only.
		closeResponse(resp)
		return c.ConfirmBlob(ctx, repo, h)
	}
	return false, explain(blobName(repo, h), repo.RegistryStr(), c.statusError(resp))
}

// ConfirmBlob reads the first byte of a blob: true only if there is one (or the blob is the empty
// one).
func (c *Client) ConfirmBlob(ctx context.Context, repo name.Repository, h v1.Hash) (bool, error) {
	resp, err := c.callBlob(ctx, http.MethodGet, repo, h, "bytes=0-0")
	if err != nil {
		return false, explain(blobName(repo, h), repo.RegistryStr(), err)
	}
	empty := h.Hex == emptySHA256
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		// Where Range is ignored the whole blob would come: one byte is enough.
		defer closeAfterByte(resp)
		n, err := io.ReadFull(resp.Body, make([]byte, 1))
		if n == 1 || empty {
			return true, nil
		}
		if err != io.EOF {
			return false, explain(blobName(repo, h), repo.RegistryStr(), err)
		}
		return false, nil
	case http.StatusNotFound, http.StatusGone:
		closeResponse(resp)
		return false, nil
	case http.StatusRequestedRangeNotSatisfiable:
		closeResponse(resp)
		return empty, nil
	}
	return false, explain(blobName(repo, h), repo.RegistryStr(), c.statusError(resp))
}

func closeAfterByte(resp *http.Response) {
	if resp.StatusCode == http.StatusPartialContent {
		transport.Discard(resp.Body)
		return
	}
	resp.Body.Close()
}

func (c *Client) callBlob(ctx context.Context, method string, repo name.Repository, h v1.Hash, byteRange string) (*http.Response, error) {
	k := call{
		method: method,
		host:   c.host(repo),
		want:   scopes{repo.RepositoryStr(): false},
		url:    c.url(repo, "blobs/"+h.String()),
	}
	if byteRange != "" {
		k.header = map[string]string{"Range": byteRange}
	}
	return c.do(ctx, k)
}

func blobName(repo name.Repository, h v1.Hash) string {
	return "blob " + repo.Name() + "@" + h.String()
}
