package assemble

import (
	"context"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// opener returns the way to the bytes of one of the base's layers.
func (b *base) opener(ctx context.Context, d v1.Descriptor) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return b.source.Blob(ctx, d) }
}

// artifact is what a build makes.
type artifact struct {
	images []*manifest.Image // one for each platform
	index  *manifest.Index   // of them; nil where there is one
}

// assemble makes the images, and the index of several.
func (j *job) assemble(ctx context.Context) (*artifact, error) {
	out := &artifact{}
	var all []manifest.ForPlatform
	err := j.inTurn(func(_ int, p *planned) error {
		img, err := p.run.image(ctx, p, p.blobs)
		out.images = append(out.images, img)
		all = append(all, manifest.ForPlatform{Image: img, Platform: p.base.platform})
		return err
	})
	if err != nil || j.choir == nil {
		return out, err
	}
	first := j.images[0].plan.Images[0]
	out.index, err = manifest.NewIndex(all, annotations(first.Base, first.Annotations, j.digest))
	return out, err
}

// document is what the tags will name.
func (j *job) document(made *artifact, b *blobs) push.Document {
	var parts []*push.Image
	for i, img := range made.images {
		parts = append(parts, &push.Image{Image: img, BaseLayers: j.images[i].base.pinned.Layers, Made: b.made()})
	}
	if made.index == nil {
		return parts[0]
	}
	return &push.Index{Index: made.index, Parts: parts}
}

// digest is what the tags will hold.
func (a *artifact) digest() (v1.Hash, error) {
	if a.index != nil {
		return a.index.Digest()
	}
	return a.images[0].Digest()
}

// image puts the base and the built layers of one platform together.
func (r *run) image(ctx context.Context, p *planned, b *blobs) (*manifest.Image, error) {
	var added []manifest.NewLayer
	for _, l := range b.list {
		added = append(added, manifest.NewLayer{
			DiffID:    l.record.DiffID,
			CreatedBy: fmt.Sprintf("layerpack %s: %s", l.layer.Recipe.Role, l.layer.Title),
			// What a later build needs to know this layer again; pull and push keep it.
			Comment: cache.Comment(l.record, p.base.pinned.Layers),
		})
	}
	config, err := manifest.EditConfig(p.base.image.Config, p.plan.Images[0].Config, added)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	fromBase := func(d v1.Descriptor, diffID v1.Hash) v1.Layer {
		return &manifest.RemoteLayer{Desc: d, Diff: diffID, Open: p.base.opener(ctx, d)}
	}
	img := &p.plan.Images[0]
	return manifest.Assemble(p.base.image, fromBase, config, b.layers(ctx), annotations(img.Base, img.Annotations, p.digest))
}

// annotations are those of a manifest, or of an index, which was made of a base by a plan.
func annotations(base plan.Base, given []manifest.KV, planDigest string) map[string]string {
	out := map[string]string{plan.AnnotationBaseDigest: base.Digest, plan.AnnotationPlan: planDigest}
	if base.Name != "" {
		out[plan.AnnotationBaseName] = base.Name
	}
	for _, a := range given {
		out[a.Key] = a.Value
	}
	return out
}
