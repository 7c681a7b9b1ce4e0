package assemble

import (
	"context"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/pkg/manifest"
)

// image puts the base and the built layers together.
func (r *run) image(ctx context.Context, p *planned, b *blobs) (*manifest.Image, error) {
	var added []manifest.NewLayer
	for _, l := range b.list {
		added = append(added, manifest.NewLayer{
			DiffID:    l.record.DiffID,
			CreatedBy: fmt.Sprintf("layerpack %s: %s", l.layer.Recipe.Role, l.layer.Title),
			// What a later build needs to know this layer again; pull and push keep it.
			Comment: fmt.Sprintf("layerpack/1 key=%s digest=%s", l.record.Key, l.record.Digest),
		})
	}
	config, err := manifest.EditConfig(p.base.image.Config, p.plan.Images[0].Config, added)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", r.build.Base.Given, err)
	}
	fromBase := func(d v1.Descriptor, diffID v1.Hash) v1.Layer {
		return &manifest.RemoteLayer{Desc: d, Diff: diffID, Open: func() (io.ReadCloser, error) {
			return p.base.source.Blob(ctx, d)
		}}
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

// deliver brings the image to the layout and to every destination.
func (r *run) deliver(ctx context.Context, p *planned, img *manifest.Image, b *blobs) (*Result, error) {
	res, err := r.result(p, img, b)
	if err != nil {
		return nil, err
	}
	// What may fail comes before what others see: all destinations are asked, the layout is written,
	// blobs and manifests are brought everywhere, and then come the tags.
	pusher := &push.Registry{Client: r.client, Base: p.base.repo, BaseLayers: p.base.pinned.Layers, Progress: r.host.Progress}
	for _, d := range r.build.Destinations {
		if err := pusher.Look(ctx, d, p.tag); err != nil {
			return nil, err
		}
	}
	var written []*push.Receipt
	if o := r.build.Output; o != nil {
		receipt, err := push.Layout(ctx, o.Dir, r.outputTag(p), r.build.Platform, img, r.host.Progress)
		if err != nil {
			return nil, room(err, "write -o oci:DIR elsewhere")
		}
		receipt.Reference = r.outputReference(p)
		written = append(written, receipt)
	}
	for _, d := range r.build.Destinations {
		receipt, err := pusher.Bring(ctx, img, d, p.tag)
		if err != nil {
			return nil, err
		}
		res.Destinations = append(res.Destinations, receipt)
	}
	for i, d := range r.build.Destinations {
		if err := pusher.Tag(ctx, img, d, p.tag, res.Destinations[i]); err != nil {
			return nil, err
		}
		if d.Tag == "" {
			r.say(progress.Note, "%s: tagged by content, not latest", res.Destinations[i].Reference)
		}
	}
	res.Destinations = append(res.Destinations, written...)
	res.explain()
	for _, d := range res.Destinations {
		r.say(progress.Step, "%s: %s", d.Reference, summary(d))
	}
	return res, nil
}

func (r *run) outputTag(p *planned) string {
	if r.build.Output.Tag != "" {
		return r.build.Output.Tag
	}
	return p.tag
}

func (r *run) outputReference(p *planned) string {
	return "oci:" + r.build.Output.Given + ":" + r.outputTag(p)
}
