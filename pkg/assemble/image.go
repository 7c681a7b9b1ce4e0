package assemble

import (
	"context"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// opener returns the way to the bytes of one of the base's layers.
func (b *base) opener(ctx context.Context, d v1.Descriptor) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return b.source.Blob(ctx, d) }
}

// image puts the base and the built layers together.
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
	return manifest.Assemble(p.base.image, fromBase, config, b.layers(ctx), annotations(p))
}

func annotations(p *planned) map[string]string {
	img := p.plan.Images[0]
	out := map[string]string{plan.AnnotationBaseDigest: img.Base.Digest, plan.AnnotationPlan: p.digest}
	if img.Base.Name != "" {
		out[plan.AnnotationBaseName] = img.Base.Name
	}
	for _, a := range img.Annotations {
		out[a.Key] = a.Value
	}
	return out
}
