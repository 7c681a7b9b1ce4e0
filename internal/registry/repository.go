package registry

import (
	"context"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Repository is a repository as a [Source]. It is read from the registry's mirrors, where there
// are some, and from the registry itself when none of them helps. A digest is the same everywhere;
// what a tag means is what the first mirror says that knows it. Nothing is ever written to a mirror, and what a
// [Client] is asked for directly is asked of the registry alone.
type Repository struct {
	c    *Client
	repo name.Repository
}

// Repository is a repository as a source.
func (c *Client) Repository(repo name.Repository) *Repository { return &Repository{c: c, repo: repo} }

// Manifest implements [Source].
func (r *Repository) Manifest(ctx context.Context, ref string) (m Manifest, err error) {
	err = r.each(ctx, ref, func(ctx context.Context, ref name.Reference) error {
		if ref.Context() != r.repo {
			m, err = r.c.readManifest(ctx, ref) // a mirror is asked once
			return err
		}
		m, err = r.c.Manifest(ctx, ref)
		return err
	})
	return m, err
}

// Head asks what a tag or digest is without reading it, see [Client.Head].
func (r *Repository) Head(ctx context.Context, ref string) (d v1.Descriptor, err error) {
	err = r.each(ctx, ref, func(ctx context.Context, ref name.Reference) error {
		d, err = r.c.Head(ctx, ref)
		return err
	})
	return d, err
}

// Blob implements [Source].
func (r *Repository) Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	from, err := r.c.places(r.repo)
	if err != nil {
		return nil, err
	}
	return r.c.blob(ctx, from, d)
}

func (r *Repository) each(ctx context.Context, ref string, ask func(context.Context, name.Reference) error) error {
	from, err := r.c.places(r.repo)
	if err != nil {
		return err
	}
	_, err = r.c.try(ctx, from, func(ctx context.Context, repo name.Repository) error {
		named, err := reference(repo, ref)
		if err != nil {
			return err
		}
		return ask(ctx, named)
	})
	return err
}

// reference is a tag, a digest, or with "" the tag latest, of a repository.
func reference(repo name.Repository, ref string) (name.Reference, error) {
	if ref == "" {
		ref = name.DefaultTag
	}
	if h, err := v1.NewHash(ref); err == nil {
		return digestRef(repo, h), nil
	}
	return name.NewTag(repo.Name() + ":" + ref)
}
