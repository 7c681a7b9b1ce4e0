package assemble

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/progress"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/refusal"
	"github.com/layerpack/layerpack/pkg/tagging"
)

// family gives the destinations without a tag those of the build's scheme.
func (j *job) family() error {
	r := j.run
	if r.build.TagScheme == nil {
		return nil
	}
	tags, err := j.schemeTags()
	if err != nil {
		return err
	}
	var all []tagging.Destination
	for _, d := range r.build.Destinations {
		if d.Tag != "" {
			all = append(all, d)
			continue
		}
		for _, t := range tags {
			one := d
			one.Tag, one.Given = t, d.Given+":"+t
			all = append(all, one)
		}
	}
	b := *r.build // the caller's stays as it is
	b.Destinations = all
	r.build = &b
	for _, p := range j.images {
		p.run.build.Destinations = all
	}
	return nil
}

// schemeTags are the tags of the scheme, which all images have in common.
func (j *job) schemeTags() ([]string, error) {
	var first []string
	for i, p := range j.images {
		values, err := j.run.tagValues(j.tag, p)
		if err != nil {
			return nil, err
		}
		tags, left, err := j.run.build.TagScheme.Tags(values)
		if err != nil {
			return nil, p.run.named(err)
		}
		for _, l := range left {
			p.run.say(progress.Note, "no tag %s: %s", l.Pattern, l.Why)
		}
		if i == 0 {
			first = tags
		}
		if !slices.Equal(tags, first) {
			return nil, refusal.New("--tag-scheme", fmt.Sprintf("the platforms would have other tags: %s %q, %s %q", j.images[0].run.platform, first, p.run.platform, tags),
				"write the tags with -t")
		}
	}
	return first, nil
}

// tagValues are what a scheme's fields stand for.
func (r *run) tagValues(unique string, p *planned) (tagging.Values, error) {
	git, err := source.Git(r.build.Dir)
	if err != nil {
		return tagging.Values{}, err
	}
	v := tagging.Values{Revision: git.Revision, Branch: git.Branch, Name: r.build.Name, Unique: unique, Version: r.prefectOf(p)}
	if python := p.base.profile.Python; python != nil {
		if parts := strings.SplitN(python.Version, ".", 3); len(parts) > 1 {
			v.Python = parts[0] + "." + parts[1]
		}
	}
	if tag, ok := r.build.Base.Ref.(name.Tag); ok {
		if parsed, err := tagging.ParsePrefectTag(tag.TagStr()); err == nil {
			v.Flavour = parsed.Flavour
		}
	}
	return v, nil
}

// prefectOf is the version of Prefect that the image will have; empty where it has none.
func (r *run) prefectOf(p *planned) string {
	const prefect = "prefect"
	for _, w := range p.plan.Images[0].Installed {
		if w.Name() == prefect {
			return w.Version()
		}
	}
	all := p.base.profile.Distributions
	if i := slices.IndexFunc(all, func(d pipwheel.Distribution) bool { return distname.Normalize(d.Name) == prefect }); i >= 0 {
		return all[i].Version
	}
	return ""
}
