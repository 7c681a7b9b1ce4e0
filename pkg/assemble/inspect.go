package assemble

import (
	"context"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/plan"
)

// Inspection is what is known of a base image.
type Inspection struct {
	Base plan.Base `json:"base"`
	*baseimage.Profile
}

// Inspect reads the base of a build, once, and tells what layerpack knows of it.
func Inspect(ctx context.Context, b *Build, h Host) (*Inspection, error) {
	if err := oneAlone(b, "the base of one platform can be shown; say it once for each"); err != nil {
		return nil, err
	}
	r, err := newRun(b, h)
	if err != nil {
		return nil, err
	}
	from, err := r.openBase(ctx)
	if err != nil {
		return nil, err
	}
	defer from.close()
	base, err := r.resolve(ctx, from)
	if err != nil {
		return nil, err
	}
	r.sayBase(base, b.Platform)
	if err := r.profile(ctx, base); err != nil {
		return nil, err
	}
	return &Inspection{Base: base.pinned, Profile: base.profile}, nil
}
