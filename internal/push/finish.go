package push

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// Image is an image to push.
type Image struct {
	*manifest.Image
	// BaseLayers is the number of its first layers that are the base's.
	BaseLayers int
	// Made are the blobs whose bytes were made in this run.
	Made map[v1.Hash]bool
}

// Contents are the blobs of the image: its layers, then its configuration.
func (i *Image) Contents() ([]Content, error) {
	m, err := i.Manifest()
	if err != nil {
		return nil, err
	}
	layers, err := i.Layers()
	if err != nil {
		return nil, err
	}
	config, err := i.RawConfigFile()
	if err != nil {
		return nil, err
	}
	var out []Content
	for n, d := range m.Layers {
		out = append(out, Content{Desc: d, Base: n < i.BaseLayers, Made: i.Made[d.Digest], Open: layers[n].Compressed})
	}
	return append(out, Content{Desc: m.Config, Made: true, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(config)), nil
	}}), nil
}

// Finish brings an image or an index to a destination, all but the tag: what blobs are not there yet, then the manifests by
// their digests, an index after those that it lists. A destination that has it already costs nothing but the look at its tag.
func (p *Registry) Finish(ctx context.Context, doc Document, d tagging.Destination, tag string) (*Receipt, error) {
	digest, err := doc.Digest()
	if err != nil {
		return nil, err
	}
	whole, err := newCargo(doc)
	if err != nil {
		return nil, err
	}
	receipt := &Receipt{Reference: d.Reference(tag), Digest: digest}
	if _, err := p.look(ctx, d.Name(tag)); err != nil && !missing(err) {
		return nil, fmt.Errorf("pushing %s: %w", receipt.Reference, err)
	}
	receipt.tagged = p.Holds(d, tag, digest)
	if err := p.finish(ctx, whole, d.Repository, receipt); err != nil {
		return nil, fmt.Errorf("pushing %s: %w", receipt.Reference, err)
	}
	return receipt, nil
}

func (p *Registry) finish(ctx context.Context, whole *cargo, repo name.Repository, receipt *Receipt) error {
	err := each(ctx, whole.all, func(ctx context.Context, c Content) error {
		return p.Bring(ctx, []name.Repository{repo}, c)
	})
	if err != nil {
		return err
	}
	if p.Verify {
		if err := each(ctx, whole.all, func(ctx context.Context, c Content) error { return p.verify(ctx, repo, c) }); err != nil {
			return err
		}
	}
	if receipt.tagged {
		err = p.mendListed(ctx, whole, repo)
	} else {
		err = p.putAll(ctx, whole, repo)
	}
	if err != nil {
		return err
	}
	receipt.Blobs = p.told(whole.all, repo)
	return nil
}

// putByDigest writes the manifest by its digest, once for each repository. A registry that said that it has a blob and has
// it not gets those that it names, and where that does not help everything: nothing it says is believed then.
func (p *Registry) putByDigest(ctx context.Context, img Document, contents []Content, repo name.Repository, digest v1.Hash) error {
	key := delivered{repo.Name(), digest}
	p.mu.Lock()
	done := p.put[key]
	p.mu.Unlock()
	if done {
		return nil
	}
	ref := repo.Digest(digest.String())
	err := p.putManifest(ctx, ref, img)
	if lost := named(err); len(lost) > 0 {
		err = p.again(ctx, ref, img, contents, func(ctx context.Context, c Content) error {
			if !slices.Contains(lost, c.Desc.Digest) {
				return nil
			}
			return p.restore(ctx, repo, c)
		})
	}
	if errors.Is(err, registry.ErrBlobUnknown) {
		err = p.again(ctx, ref, img, contents, func(ctx context.Context, c Content) error { return p.distrust(ctx, repo, c) })
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put[key] = true
	return nil
}

// again mends blobs and writes the manifest once more.
func (p *Registry) again(ctx context.Context, ref name.Reference, img Document, contents []Content, mend func(context.Context, Content) error) error {
	if err := each(ctx, contents, mend); err != nil {
		return fmt.Errorf("sending again what the registry has lost: %w", err)
	}
	return p.putManifest(ctx, ref, img)
}

// named are the blobs that a registry names when it refuses a manifest for them.
func named(err error) []v1.Hash {
	status, ok := errors.AsType[*registry.StatusError](err)
	if !ok || !errors.Is(err, registry.ErrBlobUnknown) {
		return nil
	}
	return status.Blobs
}

// each does something with every blob once, several at a time.
func each(ctx context.Context, contents []Content, do func(context.Context, Content) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	done := map[v1.Hash]bool{}
	for _, c := range contents {
		if done[c.Desc.Digest] {
			continue
		}
		done[c.Desc.Digest] = true
		g.Go(func() error { return do(ctx, c) })
	}
	return g.Wait()
}

// told lists how the blobs came to a repository. What another tag of it has told is not told again.
func (p *Registry) told(contents []Content, repo name.Repository) []Blob {
	var out []Blob
	listed := map[v1.Hash]bool{}
	for _, c := range contents {
		d := p.delivery(repo, c.Desc.Digest)
		b := Blob{c.Desc.Digest, c.Desc.Size, d.how, d.why}
		switch {
		case listed[c.Desc.Digest]:
			b.How, b.Why = Present, "the same blob is sent once"
		case d.told:
			b.How, b.Why = Present, "it was brought in this run"
		}
		listed[c.Desc.Digest], d.told = true, true
		out = append(out, b)
	}
	return out
}

// Tag writes the tag of a destination that has the image or index, unless it holds it already.
func (p *Registry) Tag(ctx context.Context, doc Document, d tagging.Destination, tag string, receipt *Receipt) error {
	if receipt.tagged {
		return nil
	}
	if err := p.putManifest(ctx, d.Name(tag), doc); err != nil {
		return fmt.Errorf("tagging %s: %w", receipt.Reference, err)
	}
	return nil
}

func (p *Registry) putManifest(ctx context.Context, ref name.Reference, doc Document) error {
	raw, err := doc.RawManifest()
	if err != nil {
		return err
	}
	mediaType, err := doc.MediaType()
	if err != nil {
		return err
	}
	return p.Client.PutManifest(ctx, ref, string(mediaType), raw)
}
