package push

import (
	"context"
	"errors"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// Document is what a tag can name: an [Image] or an [Index].
type Document interface {
	Digest() (v1.Hash, error)
	MediaType() (types.MediaType, error)
	RawManifest() ([]byte, error)
	parts() []*Image
}

// Index is an image for several platforms to push.
type Index struct {
	*manifest.Index
	// Parts are its images.
	Parts []*Image
}

func (x *Index) parts() []*Image { return x.Parts }

func (i *Image) parts() []*Image { return []*Image{i} }

// cargo is what has to be there before a tag can be: the blobs, then the manifests.
type cargo struct {
	images []consigned
	index  *Index // nil where it is one image
	all    []Content
}

// consigned is one image with its blobs.
type consigned struct {
	*Image
	digest   v1.Hash
	contents []Content
}

func newCargo(doc Document) (*cargo, error) {
	out := &cargo{}
	out.index, _ = doc.(*Index)
	seen := map[v1.Hash]bool{}
	for _, img := range doc.parts() {
		digest, err := img.Digest()
		if err != nil {
			return nil, err
		}
		contents, err := img.Contents()
		if err != nil {
			return nil, err
		}
		out.images = append(out.images, consigned{img, digest, contents})
		before := len(out.all)
		for _, c := range contents { // what another image has as well is told once
			if !seen[c.Desc.Digest] {
				out.all = append(out.all, c)
			}
		}
		for _, c := range out.all[before:] {
			seen[c.Desc.Digest] = true
		}
	}
	return out, nil
}

// putAll writes the manifests of all images, and then the index that lists them.
func (p *Registry) putAll(ctx context.Context, whole *cargo, repo name.Repository) error {
	for _, img := range whole.images {
		if err := p.putByDigest(ctx, img.Image, img.contents, repo, img.digest); err != nil {
			return err
		}
	}
	if whole.index == nil {
		return nil
	}
	digest, err := whole.index.Digest()
	if err != nil {
		return err
	}
	return p.putByDigest(ctx, whole.index, nil, repo, digest)
}

// mendListed writes the manifests that an index lists and the registry has lost: clean-ups of what has no tag take them away,
// and leave the tag. What blobs have gone with them is sent when the manifest is refused for it.
func (p *Registry) mendListed(ctx context.Context, whole *cargo, repo name.Repository) error {
	if whole.index == nil {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, img := range whole.images {
		g.Go(func() error {
			_, err := p.Client.Head(ctx, repo.Digest(img.digest.String()))
			if !errors.Is(err, registry.ErrNotFound) {
				return err
			}
			return p.putByDigest(ctx, img.Image, img.contents, repo, img.digest)
		})
	}
	return g.Wait()
}
