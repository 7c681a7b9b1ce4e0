package packages

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/lockfile"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/resolve"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// prefect is the distribution whose own pins make it work: it stays as the base has it, unless the user names another
// version of it.
const prefect = "prefect"

// Find decides which wheels the image gets. What cannot be is a [refusal.Error].
func (f *Finder) Find(ctx context.Context, p *baseimage.Profile) (*Found, error) {
	a, err := f.ask(ctx)
	if err != nil {
		return nil, err
	}
	found := &Found{Asked: len(a.files) > 0 || f.Build.Packages.Asked(), Files: a.files}
	if err := f.addPrefect(a, p); err != nil {
		return nil, err
	}
	if a.nothing() {
		f.hint(found)
		return found, nil
	}
	found.Asked = true
	if p.Python == nil {
		return nil, refusal.New(f.Build.Base.Given, "the base has no Python that wheels could be installed for: "+p.PythonNote, "use a base with Python")
	}
	t, err := f.target(p)
	if err != nil {
		return nil, err
	}
	f.where(&a.set.Options)
	found.Links = f.sent.links
	switch {
	case a.lock != nil:
		err = f.follow(ctx, t, a, found)
	case a.set.HashMode():
		var s *lockfile.Selection
		if s, err = lockfile.Hashed(a.set, t.lock()); err == nil {
			found.Base = s.Had
			found.Wheels, err = f.selected(ctx, t, s)
		}
	default:
		err = f.resolve(ctx, t, a, found)
	}
	for _, n := range t.selector.Notes() {
		f.Note("%s", n)
	}
	return found, err
}

// addPrefect asks for the project's Prefect where the base has none, as Prefect 1's Docker storage did.
func (f *Finder) addPrefect(a *asked, p *baseimage.Profile) error {
	text := f.Build.Packages.Prefect
	is := func(d pipwheel.Distribution) bool { return distname.Normalize(d.Name) == prefect }
	if text == "" || a.lock != nil || a.set.HashMode() || p.Python == nil || slices.ContainsFunc(p.Distributions, is) {
		return nil
	}
	if slices.ContainsFunc(a.set.Requirements, func(r requirement.Requirement) bool { return r.Key() == prefect }) {
		return nil
	}
	set, err := requirement.Reader{}.Args("the project's Prefect (--no-prefect leaves it out)", text)
	if err != nil {
		return err
	}
	f.Note("the base has no Prefect: %s is installed (--no-prefect leaves it out)", text)
	a.add(set)
	return nil
}

// hint tells of a lock that lies in the project and is not read: the image would miss what it has.
func (f *Finder) hint(found *Found) {
	if found.Asked || f.ForLock || f.Build.Requirements == "" {
		return
	}
	for _, lock := range []string{"pylock.toml", "uv.lock"} {
		if source.Exists(f.path(lock)) {
			f.Note("%s lies here and is not read: say -r %s to install what it has", lock, lock)
			return
		}
	}
}

// follow takes what a lock has for the image.
func (f *Finder) follow(ctx context.Context, t *target, a *asked, found *Found) error {
	s, err := a.lock.Select(t.lock(), a.choice)
	if err != nil {
		return err
	}
	found.Base = s.Had
	found.Wheels, err = f.selected(ctx, t, s)
	return err
}

// resolve chooses versions for loose requirements.
func (f *Finder) resolve(ctx context.Context, t *target, a *asked, found *Found) error {
	set, err := a.set.For(t.environment)
	if err != nil {
		return err
	}
	p, err := newProvider(f, t, &set.Options)
	if err != nil {
		return err
	}
	in, err := f.input(t, set, a.overrides)
	if err != nil {
		return err
	}
	s, err := resolve.Resolve(ctx, in, p)
	if err != nil && f.sent.noIndex {
		return fmt.Errorf("%w\n(no index is asked: --no-index, or pip's configuration, says so)", err)
	}
	if err != nil {
		return err
	}
	for _, w := range s.Warnings {
		f.Note("%s", w)
	}
	for _, pkg := range installOrder(s.Packages, in.Requirements) {
		if pkg.Installed {
			found.Base = append(found.Base, pkg.Name)
			continue
		}
		v, passed, err := p.newerSource(ctx, pkg)
		if err != nil {
			return err
		}
		if !v.IsZero() {
			// A lock shows what was chosen, before anything is built from it.
			if release(v) > release(pkg.Version) && !passed && !f.ForLock {
				return aged(pkg, v)
			}
			f.Note("warning: %s %s is taken because %s, which would do, has no wheel, only source: make one on a machine like the image (pip wheel --no-deps %s==%s) and give its folder with --wheels",
				pkg.Name, pkg.Version, v, pkg.Name, v)
		}
		w, err := p.wheel(pkg)
		if err != nil {
			return err
		}
		found.Wheels = append(found.Wheels, w)
	}
	return nil
}

// release is the number of a version that changes when what relied on it may fail.
func release(v version.Version) uint32 {
	n, _ := v.Number(0)
	return n
}

// aged refuses a version of years ago that nobody means: those of the release that they do mean have only source.
func aged(pkg *resolve.Package, v version.Version) error {
	who := "it"
	if len(pkg.NeededBy) > 0 {
		d := pkg.NeededBy[0]
		who = cmp.Or(d.Name, d.Origin) + " asks for " + d.Requirement
	}
	return refusal.New(pkg.Name, fmt.Sprintf("%s, of which %s would do, but that has no wheel for the image, only source; the newest with a wheel is %s", who, v, pkg.Version),
		fmt.Sprintf("make a wheel on a machine like the image (pip wheel --no-deps %s==%s) and give its folder with --wheels or --find-links, use a base that has it, or say that you mean the old one: --pip %s==%s",
			pkg.Name, v, pkg.Name, pkg.Version))
}

// installOrder is the order in which pip installs: what is needed before what needs it, and else as the user's lines
// come. It decides whose file wins where conflicts are let through.
func installOrder(all []resolve.Package, asked []resolve.Requirement) []*resolve.Package {
	at := map[string]*resolve.Package{}
	for i := range all {
		at[all[i].Name] = &all[i]
	}
	var out []*resolve.Package
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		pkg := at[name]
		if pkg == nil || seen[name] {
			return
		}
		seen[name] = true
		for _, need := range pkg.Needs {
			visit(need)
		}
		out = append(out, pkg)
	}
	for i := range asked {
		visit(asked[i].Key())
	}
	for i := range all {
		visit(all[i].Name)
	}
	return out
}

// input is what the resolution decides from.
func (f *Finder) input(t *target, set *requirement.Set, overrides []requirement.Requirement) (resolve.Input, error) {
	b := &f.Build.Packages
	in := resolve.Input{
		Environment: t.environment, Installed: t.installed, NoDeps: f.Build.Install.NoDeps, Upgrade: b.Upgrade,
		Prereleases: prereleases(b.Prereleases, set.Options.AllReleases, set.Options.OnlyFinal, allNames),
	}
	for _, name := range append(slices.Clone(set.Options.AllReleases), set.Options.OnlyFinal...) {
		if name == allNames {
			continue
		}
		if in.PrereleasesOf == nil {
			in.PrereleasesOf = map[string]version.Prereleases{}
		}
		in.PrereleasesOf[name] = prereleases(false, set.Options.AllReleases, set.Options.OnlyFinal, name)
	}
	var err error
	if in.Requirements, err = f.requirements(set.Requirements); err != nil {
		return in, err
	}
	if in.Constraints, err = f.requirements(set.Constraints); err != nil {
		return in, err
	}
	if in.Overrides, err = f.requirements(overrides); err != nil {
		return in, err
	}
	if have, ok := t.versions[prefect]; ok && !b.Upgrade && !named(prefect, have, in.Requirements, in.Overrides) {
		in.Keep = []string{prefect}
	}
	for name, text := range f.Preferences {
		if v, err := version.Parse(text); err == nil {
			if in.Preferences == nil {
				in.Preferences = map[string]version.Version{}
			}
			in.Preferences[distname.Normalize(name)] = v
		}
	}
	return in, nil
}

// allNames stands for every distribution in options.
const allNames = ":all:"

func prereleases(allowed bool, all, final []string, name string) version.Prereleases {
	switch {
	case allowed || slices.Contains(all, name):
		return version.PrereleasesAllowed
	case slices.Contains(final, name):
		return version.PrereleasesExcluded
	}
	return version.PrereleasesIfNeeded
}

// named reports whether a user's own line wants another version of a distribution than there is.
func named(name, have string, lists ...[]resolve.Requirement) bool {
	for _, list := range lists {
		for i := range list {
			r := &list[i]
			if r.Key() == name && (r.URL != "" || !r.Specifiers.ContainsString(have, version.PrereleasesAllowed)) {
				return true
			}
		}
	}
	return false
}

// requirements are the lines of a file as the resolution takes them: a wheel that is named itself is a URL.
func (f *Finder) requirements(lines []requirement.Requirement) ([]resolve.Requirement, error) {
	var out []resolve.Requirement
	for i := range lines {
		l := &lines[i]
		r := resolve.Requirement{Requirement: l.Requirement, Origin: l.Origin.String()}
		if w := l.Wheel; w != nil {
			r.Specifiers = version.Set{}
			if r.URL = w.URL; r.URL == "" {
				r.URL = "file://" + f.path(w.Path)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// wheel is what the resolution chose.
func (p *provider) wheel(pkg *resolve.Package) (Wheel, error) {
	h, ok := pkg.Candidate.ID.(handle)
	if !ok {
		return Wheel{}, fmt.Errorf("%s %s was chosen and nobody offered it", pkg.Name, pkg.Version)
	}
	w := Wheel{Name: pkg.Name, Version: pkg.Version.String(), Requested: pkg.Requested, Hand: h.hand}
	if h.hand >= 0 {
		w.File = p.finder.AtHand[h.hand].File
		return w, nil
	}
	w.file, w.File, w.SHA256 = *h.file, h.file.Filename, h.file.SHA256()
	if pkg.URL != "" && h.file.URL != "" {
		w.DirectURL = pkg.URL
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	w.said = p.said[h.file.Filename]
	return w, nil
}
