package registry

import (
	"context"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Source is where a base comes from: a repository or a layout.
type Source interface {
	// Manifest reads what ref names: a tag, a digest ("sha256:..."), or, empty, the default: the tag
	// latest of a repository; the only manifest of a layout, or the one tagged latest.
	Manifest(ctx context.Context, ref string) (Manifest, error)
	// Blob streams a blob, checked against the descriptor's digest and size at its end.
	Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error)
}

// Repository is a repository as a source.
func (c *Client) Repository(repo name.Repository) Source { return repository{c: c, repo: repo} }

type repository struct {
	c    *Client
	repo name.Repository
}

func (r repository) Manifest(ctx context.Context, ref string) (Manifest, error) {
	if ref == "" {
		ref = name.DefaultTag
	}
	if h, err := v1.NewHash(ref); err == nil {
		return r.c.Manifest(ctx, digestRef(r.repo, h))
	}
	tag, err := name.NewTag(r.repo.Name() + ":" + ref)
	if err != nil {
		return Manifest{}, err
	}
	return r.c.Manifest(ctx, tag)
}

func (r repository) Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	return r.c.Blob(ctx, r.repo, d)
}
