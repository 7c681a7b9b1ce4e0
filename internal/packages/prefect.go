package packages

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
	"github.com/layerpack/layerpack/pkg/pipwheel/lockfile"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Prefect tells which version of Prefect the project asks for in an environment, and where that is written: the one that a lock or a
// requirement names, else the newest that all requirements and the environment's Python allow. Where the user names no file, a lock
// or pyproject.toml of the project may say it as well: whether it is installed from is another question.
func (f *Finder) Prefect(ctx context.Context, env marker.Environment) (ver, from string, err error) {
	a, err := f.ask(ctx)
	if err != nil {
		return "", "", err
	}
	if a.lock != nil {
		return lockedPrefect(a.lock, a.files[0])
	}
	if ver, from, err = f.wantedPrefect(ctx, a.set, env); ver != "" || err != nil || f.Build.Packages.Asked() {
		return orNone(ver, from, err)
	}
	for _, name := range []string{"pylock.toml", "uv.lock"} {
		if !source.Exists(f.path(name)) {
			continue
		}
		text, err := f.read(name)
		if err != nil {
			return "", "", err
		}
		lock, err := lockfile.Parse(name, text)
		if err != nil {
			return "", "", err
		}
		if len(lock.Versions(prefect)) > 0 {
			return lockedPrefect(lock, name)
		}
	}
	text, err := f.read(projectFile)
	if errors.Is(err, fs.ErrNotExist) {
		return orNone("", "", nil)
	}
	if err != nil {
		return "", "", err
	}
	project, err := requirement.ParseProject(projectFile, text)
	if err != nil {
		return "", "", err
	}
	needs, err := project.Dependencies()
	if err != nil {
		return orNone("", "", nil) // it tells no dependencies, or only a build does
	}
	return orNone(f.wantedPrefect(ctx, &requirement.Set{Requirements: needs}, env))
}

func orNone(ver, from string, err error) (string, string, error) {
	if ver == "" && err == nil {
		err = noPrefect("the project")
	}
	return ver, from, err
}

func lockedPrefect(lock lockfile.Lock, name string) (ver, from string, err error) {
	switch all := lock.Versions(prefect); len(all) {
	case 0:
		return "", "", noPrefect(name)
	case 1:
		return all[0], name, nil
	default:
		return "", "", refusal.New(name, fmt.Sprintf("it has Prefect in several versions, %v", all), "name the base with --base")
	}
}

// wantedPrefect is the version that requirements ask for; empty where they do not ask for Prefect.
func (f *Finder) wantedPrefect(ctx context.Context, set *requirement.Set, env marker.Environment) (ver, from string, err error) {
	asks := func(r requirement.Requirement) bool {
		holds, err := r.Marker.Evaluate(env)
		return r.Key() != prefect || err == nil && !holds
	}
	wanted := slices.DeleteFunc(slices.Clone(set.Requirements), asks)
	if len(wanted) == 0 {
		return "", "", nil
	}
	from = wanted[0].Origin.String()
	wanted = append(wanted, slices.DeleteFunc(slices.Clone(set.Constraints), asks)...)
	for i := range wanted {
		w := &wanted[i]
		if w.Wheel != nil {
			return released(w.Wheel.Version), w.Origin.String(), nil
		}
		if w.URL != "" {
			return "", "", refusal.New(w.Origin.String(), "it names Prefect by a URL, which tells no version", "name the base with --base")
		}
		for _, s := range w.Specifiers.Specifiers() {
			if (s.Op == "==" || s.Op == "===") && !s.Prefix {
				return released(s.Text), w.Origin.String(), nil
			}
		}
	}
	f.where(&set.Options)
	ver, err = f.newest(ctx, wanted, env)
	return ver, from, err
}

// released writes a version as Prefect's tags do, with three numbers: 2.20 is 2.20.0 (PEP 440).
func released(text string) string {
	v, err := version.Parse(text)
	if err != nil {
		return text
	}
	numbers := v.Release()
	for len(numbers) < 3 {
		numbers = append(numbers, "0")
	}
	for len(numbers) > 3 && numbers[len(numbers)-1] == "0" {
		numbers = numbers[:len(numbers)-1]
	}
	return strings.Replace(v.String(), v.Base().String(), strings.Join(numbers, "."), 1)
}

// usable are wheels that their authors have not withdrawn.
func usable(file index.File) bool { return file.IsWheel() && !file.Yanked }

func noPrefect(input string) error {
	return refusal.New(input, "it does not ask for Prefect, so that no base can be inferred", "name the base with --base, or add prefect to the requirements")
}

// newest is the newest release of Prefect that requirements and Python allow.
func (f *Finder) newest(ctx context.Context, wanted []requirement.Requirement, env marker.Environment) (string, error) {
	c, err := f.client()
	if err != nil {
		return "", err
	}
	project, err := c.Project(ctx, prefect)
	if err != nil {
		return "", notFound(err)
	}
	// Of a minor version the image has the newest release, as good as.
	python, err := version.Parse(env.PythonVersion + ".99")
	if err != nil {
		return "", fmt.Errorf("python %s: %w", env.PythonVersion, err)
	}
	newer := f.Build.Packages.ExcludeNewer
	var all []version.Version
	others := 0
	for _, r := range project.Releases {
		files := slices.DeleteFunc(slices.Clone(r.Files()), func(file index.File) bool {
			return !usable(file) || !newer.IsZero() && !file.Uploaded.Before(newer)
		})
		fits := func(file index.File) bool {
			set, _, err := version.ParseSetLenient(file.RequiresPython)
			return file.RequiresPython == "" || err != nil || set.Match(python, true)
		}
		switch {
		case slices.ContainsFunc(files, fits):
			all = append(all, r.Version)
		case len(files) > 0:
			others++
		}
	}
	for i := range wanted {
		all = wanted[i].Specifiers.Filter(all, version.PrereleasesIfNeeded)
	}
	if len(all) == 0 {
		cause := "no index has such a Prefect"
		if others > 0 {
			cause += " for Python " + env.PythonVersion
		}
		return "", refusal.New(wanted[0].Text, cause, "ask for another version, or name the base with --base")
	}
	return released(slices.MaxFunc(all, version.Version.Compare).String()), nil
}
