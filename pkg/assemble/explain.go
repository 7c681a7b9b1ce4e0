package assemble

import (
	"encoding/json"
	"fmt"

	"github.com/layerpack/layerpack/internal/cache"
	"github.com/layerpack/layerpack/internal/push"
	"github.com/layerpack/layerpack/pkg/layers"
)

// builds is the collection of the store that remembers the recipes of the last build for a place.
const builds = "builds"

// place names what a run builds for: the first destination's repository, or the output; and the platform where there are
// several.
func (r *run) place() string {
	out := ""
	if r.build.Output != nil {
		out = "output " + r.build.Output.Path
	}
	if len(r.build.Destinations) > 0 {
		out = r.build.Destinations[0].Repository.Name()
	}
	if r.platform != "" {
		out += " " + r.platform
	}
	return out
}

// previous are the recipes that earlier builds of the same image had, those of the last first.
func (r *run) previous(p *planned) []layers.Recipe {
	var out []layers.Recipe
	if raw, err := r.store.Get(builds, r.place()); err == nil && json.Unmarshal(raw, &out) != nil {
		out = nil
	}
	if c := p.base.cached.contents; c != nil {
		for i := range c.Layers {
			if recipe, err := c.Layers[i].ParseRecipe(); err == nil {
				out = append(out, *recipe)
			}
		}
	}
	return out
}

// rememberBuild keeps the recipes for the next build to be compared with.
func (j *job) rememberBuild() error {
	for _, p := range j.images {
		var out []layers.Recipe
		for _, l := range p.plan.Images[0].Layers {
			out = append(out, l.Recipe)
		}
		raw, err := json.Marshal(out)
		if err != nil {
			return fmt.Errorf("noting what was built: %w", err)
		}
		p.run.keepChanged(builds, p.run.place(), raw)
	}
	return nil
}

// why says for people why a layer is taken over, or what changed since it was last built.
func (l *blob) why(previous []layers.Recipe) string {
	if l.reused && l.record != nil {
		return "reused: " + l.origin.String() + " knows its key"
	}
	before := cache.Match(previous, &l.layer.Recipe)
	if before == nil {
		return "built: no earlier build of it is known here"
	}
	change := cache.Why(before, &l.layer.Recipe)
	if change == "" {
		return "built: its record was lost"
	}
	return "built: " + change
}

// cost says what a layer will move to the first destination, in bytes, and whether that is estimated.
func (r *run) cost(l *Layer, b *blob, pusher *push.Registry) {
	size := l.Size
	if b != nil && b.record == nil {
		size, l.Estimated = b.estimate(), true
	}
	if len(r.build.Destinations) == 0 {
		l.How, l.Cost = push.Written, size
		return
	}
	repo := r.build.Destinations[0].Repository
	if b != nil && b.record == nil {
		l.How, l.Cost = push.Uploaded, size
		return
	}
	l.How, l.Cost = pusher.Expect(repo, l.digest, l.Role == roleBase, size)
}
