package packages

import (
	"regexp"
	"slices"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
	"github.com/layerpack/layerpack/pkg/pipwheel/lockfile"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/resolve"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// target is the image as what chooses wheels sees it.
type target struct {
	environment marker.Environment
	interpreter tag.Interpreter
	tags        *tag.Set
	selector    *index.Selector
	installed   []resolve.Installed
	versions    map[string]string // of what is installed, by normalised name
}

func (f *Finder) target(p *baseimage.Profile) (*target, error) {
	python := *p.Python
	in, err := python.Interpreter()
	if err != nil {
		return nil, err
	}
	t := &target{
		environment: marker.Linux(python.Machine, python.Version, python.Implementation),
		interpreter: in, tags: tag.NewSet(tag.Supported(in)), versions: map[string]string{},
	}
	if t.selector, err = index.NewSelector(python, f.Build.Packages.ExcludeNewer); err != nil {
		return nil, err
	}
	for _, d := range p.Distributions {
		t.install(d)
	}
	return t, nil
}

// extraNames finds the extras that a Requires-Dist line is for. A profile keeps no Provides-Extra.
var extraNames = regexp.MustCompile(`\bextra\s*==\s*["']([A-Za-z0-9._-]+)["']`)

// install adds a distribution of the base. Of several with one name the first counts, as Python sees it; one whose
// version cannot be read can be replaced and satisfies nothing.
func (t *target) install(d pipwheel.Distribution) {
	name := distname.Normalize(d.Name)
	if _, twice := t.versions[name]; twice {
		return
	}
	v, err := version.Parse(d.Version)
	if err != nil {
		return
	}
	m, _, err := resolve.ParseMetadata(d.Requires, "", nil)
	if err != nil {
		m = resolve.Metadata{} // it works in the base, whatever its metadata
	}
	for _, line := range d.Requires {
		for _, extra := range extraNames.FindAllStringSubmatch(line, -1) {
			m.Extras = append(m.Extras, distname.Normalize(extra[1]))
		}
	}
	slices.Sort(m.Extras)
	m.Extras = slices.Compact(m.Extras)
	t.versions[name] = d.Version
	t.installed = append(t.installed, resolve.Installed{Name: d.Name, Version: v, Metadata: m})
}

// has reports whether the base has a version.
func (t *target) has(name, ver string) bool {
	have, ok := t.versions[name]
	return ok && pipwheel.SameVersion(have, ver)
}

// lock is the image as a lock sees it.
func (t *target) lock() lockfile.Target {
	return lockfile.Target{Environment: t.environment, Interpreter: t.interpreter, Has: t.has}
}
