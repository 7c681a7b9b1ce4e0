package assemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/internal/registry"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// pusher is the one way to all destinations of the run.
func (j *job) pusher() *push.Registry {
	r := j.run
	return push.New(push.Options{
		Client: r.client, Base: j.images[0].base.repo, Progress: r.host.Progress, Verify: r.build.Verify, Places: r.places(),
	})
}

// repositories are those of the destinations, each once.
func (r *run) repositories() []name.Repository {
	var out []name.Repository
	for _, d := range r.build.Destinations {
		if !slices.ContainsFunc(out, func(o name.Repository) bool { return o.Name() == d.Repository.Name() }) {
			out = append(out, d.Repository)
		}
	}
	return out
}

// look asks all destinations what their tags hold: those that cannot be reached are found before anything is
// built or sent.
func (j *job) look(ctx context.Context, pusher *push.Registry) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, d := range j.run.build.Destinations {
		g.Go(func() error {
			_, err := pusher.Look(ctx, d, j.tag)
			if errors.Is(err, registry.ErrNotFound) {
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

// make builds the layers whose records are not known, the largest first, and brings each layer to the
// destinations as soon as it is there: one layer is on its way while another is built.
func (j *job) make(ctx context.Context, b *blobs, pusher *push.Registry) error {
	repos := j.run.repositories()
	g, ctx := errgroup.WithContext(ctx)
	if len(repos) > 0 {
		for _, p := range j.images {
			for _, d := range p.base.image.Manifest.Layers {
				g.Go(func() error {
					return pusher.Bring(ctx, repos, push.Content{Desc: d, Base: true, Open: p.base.opener(ctx, d)})
				})
			}
		}
	}
	for _, l := range b.inOrder() {
		wait := l.record == nil && b.arrivals.any(l)
		if l.record == nil && !wait {
			select {
			case b.building <- struct{}{}:
			case <-ctx.Done():
				return cmp.Or(g.Wait(), context.Cause(ctx))
			}
		}
		g.Go(func() error {
			if l.record == nil {
				release := func() { <-b.building }
				if wait {
					var err error
					if err = b.start(l); err == nil {
						release, err = b.turn(ctx, l)
					}
					if err != nil {
						return fmt.Errorf("building layer %s: %w", l.layer.Title, room(err, moreRoom))
					}
				}
				err := b.build(ctx, l)
				release()
				if err != nil {
					return err
				}
			}
			return pusher.Bring(ctx, repos, push.Content{
				Desc: l.record.Descriptor(), Made: !l.reused, Open: b.opener(ctx, l),
			})
		})
	}
	return g.Wait()
}

// inOrder are the layers in the order in which they are seen to: those that are known, then the largest.
func (b *blobs) inOrder() []*blob {
	size := map[*blob]int64{}
	for _, l := range b.list {
		if size[l] = math.MaxInt64; l.record == nil {
			size[l] = l.estimate()
		}
	}
	out := slices.Clone(b.list)
	slices.SortStableFunc(out, func(x, y *blob) int { return cmp.Compare(size[y], size[x]) })
	return out
}

// deliver brings the image to the layout and to every destination.
func (j *job) deliver(ctx context.Context, made *artifact, b *blobs, pusher *push.Registry) (*Result, error) {
	r := j.run
	res, err := j.result(made)
	if err != nil {
		return nil, err
	}
	if want := r.build.Expect; want != "" && res.Digest != want {
		return nil, &DifferenceError{Want: want, Got: res.Digest}
	}
	// What may fail comes before what others see: the layout is written, manifests are brought everywhere, and then
	// come the tags.
	var written []*push.Receipt
	if r.build.Output != nil {
		receipt, err := j.write(ctx, made)
		if err != nil {
			return nil, room(err, "write -o elsewhere")
		}
		receipt.Reference = j.outputReference()
		written = append(written, receipt)
	}
	doc := j.document(made, b)
	for _, d := range r.build.Destinations {
		receipt, err := pusher.Finish(ctx, doc, d, j.tag)
		if err != nil {
			return nil, err
		}
		res.Destinations = append(res.Destinations, receipt)
	}
	for i, d := range r.build.Destinations {
		if err := pusher.Tag(ctx, doc, d, j.tag, res.Destinations[i]); err != nil {
			return nil, err
		}
		r.rememberPush(d.Repository, made.images)
		if d.Tag == "" {
			r.say(progress.Note, "%s: tagged by content, not latest", res.Destinations[i].Reference)
		}
	}
	for _, p := range j.images {
		p.run.tellCache(ctx, p, p.blobs, pusher)
	}
	j.choir.flush()
	res.Destinations = append(res.Destinations, written...)
	res.explain()
	for _, d := range res.Destinations {
		r.say(progress.Step, "%s: %s", d.Reference, summary(d))
	}
	return res, nil
}

// write writes the image to a layout or an archive.
func (j *job) write(ctx context.Context, made *artifact) (*push.Receipt, error) {
	r, o := j.run, j.run.build.Output
	switch {
	case made.index != nil && o.Kind == spec.OCILayout:
		return push.LayoutIndex(ctx, o.Path, j.outputName(), made.index, r.host.Progress)
	case made.index != nil: // a docker-archive of several platforms has been refused before
		return push.OCIArchiveIndex(ctx, o.Path, j.outputName(), made.index, r.host.Progress)
	}
	img, platform := made.images[0], j.images[0].platform
	switch o.Kind {
	case spec.OCIArchive:
		return push.OCIArchive(ctx, o.Path, j.outputName(), platform, img, r.host.Progress)
	case spec.DockerArchive:
		return push.DockerArchive(ctx, o.Path, j.dockerNames(), platform, img, r.host.Progress)
	}
	return push.Layout(ctx, o.Path, j.outputName(), platform, img, r.host.Progress)
}

// outputName is the image's name in a layout or archive.
func (j *job) outputName() string {
	o := j.run.build.Output
	if o.Tag != "" || o.Kind != spec.DockerArchive {
		return cmp.Or(o.Tag, j.tag)
	}
	return j.dockerNames()[0]
}

// dockerNames are the names that an engine gives the image when it loads it: the one written in the output, else
// those of the destinations, else one made of the project's name.
func (j *job) dockerNames() []string {
	r := j.run
	if r.build.Output.Tag != "" {
		return []string{r.build.Output.Tag}
	}
	var names []string
	for _, d := range r.build.Destinations {
		names = append(names, tagging.Canonical(d.Name(j.tag)))
	}
	if len(names) == 0 {
		names = []string{"docker.io/library/layerpack:" + j.tag}
	}
	return names
}

func (j *job) outputReference() string {
	return j.run.build.Output.Given + ":" + j.outputName()
}

// made are the blobs that were built in this run.
func (b *blobs) made() map[v1.Hash]bool {
	out := map[v1.Hash]bool{}
	for _, l := range b.list {
		if !l.reused {
			out[l.record.Digest] = true
		}
	}
	return out
}
