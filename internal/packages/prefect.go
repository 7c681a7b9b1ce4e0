package packages

import (
	"context"
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/index"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Prefect tells which version of Prefect the project asks for in an environment, and where that is written: the one that a lock or a
// requirement names, else the newest that all requirements allow.
func (f *Finder) Prefect(ctx context.Context, env marker.Environment) (ver, from string, err error) {
	a, err := f.ask(ctx)
	if err != nil {
		return "", "", err
	}
	if a.lock != nil {
		switch all := a.lock.Versions(prefect); len(all) {
		case 0:
			return "", "", noPrefect(a.files[0])
		case 1:
			return all[0], a.files[0], nil
		default:
			return "", "", refusal.New(a.files[0], fmt.Sprintf("it has Prefect in several versions, %v", all), "name the base with --base")
		}
	}
	asks := func(r requirement.Requirement) bool {
		holds, err := r.Marker.Evaluate(env)
		return r.Key() != prefect || err == nil && !holds
	}
	wanted := slices.DeleteFunc(slices.Clone(a.set.Requirements), asks)
	if len(wanted) == 0 {
		return "", "", noPrefect("the project")
	}
	from = wanted[0].Origin.String()
	wanted = append(wanted, slices.DeleteFunc(slices.Clone(a.set.Constraints), asks)...)
	for i := range wanted {
		if w := wanted[i].Wheel; w != nil {
			return w.Version, wanted[i].Origin.String(), nil
		}
		for _, s := range wanted[i].Specifiers.Specifiers() {
			if (s.Op == "==" || s.Op == "===") && !s.Prefix {
				return s.Text, wanted[i].Origin.String(), nil
			}
		}
	}
	f.where(&a.set.Options)
	ver, err = f.newest(ctx, wanted)
	return ver, from, err
}

// usable are wheels that their authors have not withdrawn.
func usable(file index.File) bool { return file.IsWheel() && !file.Yanked }

func noPrefect(input string) error {
	return refusal.New(input, "it does not ask for Prefect, so that no base can be inferred", "name the base with --base, or add prefect to the requirements")
}

// newest is the newest release of Prefect that requirements allow.
func (f *Finder) newest(ctx context.Context, wanted []requirement.Requirement) (string, error) {
	c, err := f.client()
	if err != nil {
		return "", err
	}
	project, err := c.Project(ctx, prefect)
	if err != nil {
		return "", notFound(err)
	}
	var all []version.Version
	for _, r := range project.Releases {
		if slices.ContainsFunc(r.Files(), usable) {
			all = append(all, r.Version)
		}
	}
	for i := range wanted {
		all = wanted[i].Specifiers.Filter(all, version.PrereleasesIfNeeded)
	}
	if len(all) == 0 {
		return "", refusal.New(wanted[0].Text, "no index has such a Prefect", "ask for another version, or name the base with --base")
	}
	return slices.MaxFunc(all, version.Version.Compare).String(), nil
}
