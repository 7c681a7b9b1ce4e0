package push

import (
	"context"

	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// Push brings img to one destination and tags it there, as a run with a single -t does.
func (p *Registry) Push(ctx context.Context, m *manifest.Image, d tagging.Destination, tag string) (*Receipt, error) {
	img := &Image{Image: m, BaseLayers: 2}
	receipt, err := p.Finish(ctx, img, d, tag)
	if err != nil {
		return nil, err
	}
	return receipt, p.Tag(ctx, img, d, tag, receipt)
}
