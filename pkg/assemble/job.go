package assemble

import (
	"context"
	"errors"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/pkg/refusal"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// job is all that a run builds: an image for each platform, in the order in which an index has them.
type job struct {
	run    *run
	images []*planned
	inputs *inputs
	choir  *choir // nil where there is one image
	digest string // of the plan of all images
	tag    string // the unique tag
	// learned are the manifests and records that images of registries told, by their digests.
	learned map[v1.Hash]*learned
}

// planned is one decided image.
type planned struct {
	run      *run // the part of the run that is for it
	platform v1.Platform
	plan     *plan.Plan // of this image alone
	digest   string     // of that plan: the image is what a run for its platform alone makes
	base     *base
	inputs   *inputs // of all images
	blobs    *blobs  // its own layers
	taken    bool    // the cache manifest was believed
}

func (j *job) close() {
	j.inputs.close()
	j.choir.flush()
}

// plan resolves the base, reads the inputs and decides, for every platform before anything is done for one.
func (r *run) plan(ctx context.Context) (*job, error) {
	for _, w := range r.build.Warnings() {
		r.say(progress.Warning, "%s", w)
	}
	if err := r.checkOutput(); err != nil {
		return nil, err
	}
	from, err := r.openBase(ctx)
	if err != nil {
		return nil, err
	}
	j := &job{run: r, inputs: newInputs(from), learned: map[v1.Hash]*learned{}}
	if err := j.plan(ctx, from); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

func (j *job) plan(ctx context.Context, from *origin) error {
	if err := j.run.envFiles(); err != nil {
		return err
	}
	if err := j.divide(ctx, from); err != nil {
		return err
	}
	err := j.each(ctx, func(ctx context.Context, p *planned) error { return p.run.profile(ctx, p.base) })
	if err != nil {
		return err
	}
	if err := j.run.atHand(j.inputs); err != nil {
		return err
	}
	// One after the other: what one has asked of an index serves the next, and choosing takes memory.
	wheels := make([][]plan.Wheel, len(j.images))
	err = j.inTurn(func(i int, p *planned) (err error) {
		wheels[i], err = p.run.wheels(ctx, p.base, j.inputs)
		return err
	})
	if err != nil {
		return err
	}
	if err := j.run.trees(ctx, j.inputs); err != nil {
		return err
	}
	if err := j.inTurn(func(i int, p *planned) error { return p.decide(ctx, wheels[i]) }); err != nil {
		return err
	}
	j.choir.flush()
	return j.seal()
}

// divide makes an image for each platform of the build, with its base.
func (j *job) divide(ctx context.Context, from *origin) error {
	platforms, err := j.run.platforms(ctx, from)
	if err != nil {
		return err
	}
	if len(platforms) > 1 {
		j.choir = newChoir(j.run.host.Progress, platforms)
	}
	for i, platform := range platforms {
		one := *j.run
		one.build = j.run.build.For(platform)
		if j.choir != nil {
			one.platform, one.host.Progress = platform.String(), j.choir.voices[i]
		}
		j.images = append(j.images, &planned{run: &one, platform: platform, inputs: j.inputs})
	}
	err = j.each(ctx, func(ctx context.Context, p *planned) (err error) {
		p.base, err = p.run.resolve(ctx, from)
		return err
	})
	if err != nil {
		return err
	}
	for i, p := range j.images {
		j.run.sayBase(p.base, p.platform)
		for _, other := range j.images[:i] {
			if other.base.pinned.Manifest == p.base.pinned.Manifest {
				return refusal.New("--platform "+other.run.platform+","+p.run.platform,
					"of the base "+j.run.build.Base.Given+" both are one image, for "+p.base.platform.String(), "name one of them")
			}
		}
	}
	return nil
}

// decide plans one image.
func (p *planned) decide(ctx context.Context, wheels []plan.Wheel) error {
	r, in := p.run, p.inputs
	made, notes, err := plan.Make(plan.Inputs{
		Build: r.build, Base: p.base.pinned, Image: p.base.image, Profile: p.base.profile,
		Sources: in.sources, Files: in.files, Wheels: wheels, Platform: r.build.Platform.String(),
		Prioritize: in.prioritize,
		Owned:      func() (map[string][]baseimage.OwnedFile, error) { return r.owned(ctx, p.base) },
	})
	for _, n := range notes {
		r.note(n)
	}
	if err != nil {
		return err
	}
	p.plan = made
	p.digest, err = made.Digest()
	return err
}

// seal names the build by the plan of all its images.
func (j *job) seal() (err error) {
	whole := &plan.Plan{Format: plan.Format}
	for _, p := range j.images {
		whole.Images = append(whole.Images, p.plan.Images...)
	}
	j.digest, err = whole.Digest()
	j.tag = tagging.Unique(j.digest)
	return err
}

// each does something for all images at the same time. What stops one for another reason than what it is given stops all.
func (j *job) each(ctx context.Context, do func(context.Context, *planned) error) error {
	refused := make([]error, len(j.images))
	g, ctx := errgroup.WithContext(ctx)
	for i, p := range j.images {
		g.Go(func() error {
			err := do(ctx, p)
			if refusal.Is(err) {
				refused[i], err = err, nil
			}
			return p.run.named(err)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return j.refused(refused)
}

// inTurn does something for one image after the other.
func (j *job) inTurn(do func(int, *planned) error) error {
	refused := make([]error, len(j.images))
	for i, p := range j.images {
		err := do(i, p)
		if err != nil && !refusal.Is(err) {
			return p.run.named(err)
		}
		refused[i] = err
	}
	return j.refused(refused)
}

// named says which image an error is about, where there are several.
func (r *run) named(err error) error {
	if err == nil || r.platform == "" {
		return err
	}
	return fmt.Errorf("%s: %w", r.platform, err)
}

// refused joins what is refused for images, each with its platform. What is the same for all is said once.
func (j *job) refused(all []error) error {
	same := true
	var named []error
	for i, err := range all {
		same = same && err != nil && err.Error() == all[0].Error()
		named = append(named, j.images[i].run.named(err))
	}
	if same {
		return all[0]
	}
	return errors.Join(named...)
}
