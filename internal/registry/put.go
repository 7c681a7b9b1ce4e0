package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/transport"
)

// readBackBudget is how long a registry may take until it shows what it has just taken.
const readBackBudget = 15 * time.Second

// PutManifest writes a manifest or index under a tag or its digest and makes sure that the registry
// has it: by the Docker-Content-Digest header of the answer, or by reading it back. It is
// [ErrBlobUnknown] when the registry misses blobs; the [*StatusError] beneath may name them.
func (c *Client) PutManifest(ctx context.Context, ref name.Reference, mediaType string, raw []byte) error {
	repo := ref.Context()
	return explain(ref.String(), repo.RegistryStr(), c.putManifest(ctx, ref, mediaType, raw))
}

func (c *Client) putManifest(ctx context.Context, ref name.Reference, mediaType string, raw []byte) error {
	repo := ref.Context()
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if d, ok := ref.(name.Digest); ok && d.DigestStr() != digest.String() {
		return &DigestError{Subject: "manifest to write", Want: d.DigestStr(), Got: digest.String()}
	}
	resp, err := c.do(transport.Retryable(ctx), call{
		method: http.MethodPut,
		host:   c.host(repo),
		want:   scopes{repo.RepositoryStr(): true},
		url:    c.url(repo, "manifests/"+ref.Identifier()),
		header: map[string]string{"Content-Type": mediaType},
		body:   bytesBody(raw),
		size:   int64(len(raw)),
	})
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return c.statusError(resp)
	}
	transport.Discard(resp.Body)
	if said := resp.Header.Get("Docker-Content-Digest"); strings.HasPrefix(said, "sha256:") {
		if said != digest.String() {
			return &DigestError{Subject: "what the registry stored", Want: digest.String(), Got: c.readable(said)}
		}
		return nil
	}
	return c.readBack(ctx, repo, digest)
}

// readBack reads a manifest that was just written, giving the registry a while to show it.
func (c *Client) readBack(ctx context.Context, repo name.Repository, digest v1.Hash) error {
	patience := c.backoff
	patience.Budget = readBackBudget
	tries := patience.Start()
	for {
		_, err := c.readManifest(ctx, digestRef(repo, digest))
		if err == nil {
			return nil
		}
		if errors.Is(err, ErrNotFound) || errors.Is(err, errBroken) {
			if stop := tries.Again(ctx, 0); stop == nil {
				continue
			}
		}
		return fmt.Errorf("reading back what was written: %w", err)
	}
}
