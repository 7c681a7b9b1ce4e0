package lockfile

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Select follows PEP 751, "Installation". As with pip, all that it returns counts as requested. The project
// itself and folders that are installed editable are left out, with a note, because they are source, not wheels.
func (p *Pylock) Select(t Target, c Choice) (*Selection, error) {
	extras, groups, err := p.chosen(c)
	if err != nil {
		return nil, err
	}
	if err := p.forTarget(t); err != nil {
		return nil, err
	}
	s, f := &Selection{}, newFitter(p.file, t)
	if p.LockVersion != "1.0" && p.LockVersion != "1" {
		s.Notes = append(s.Notes, requirement.Note{Origin: requirement.Origin{File: p.file}, Text: "lock-version " + p.LockVersion + " is newer than 1.0: what it adds is ignored"})
	}
	seen := map[string]int{}
	for i := range p.Packages {
		pkg := &p.Packages[i]
		ok, err := pkg.Marker.EvaluateLock(t.Environment, extras, groups)
		if err != nil {
			return nil, &refusal.Error{Input: p.file, Cause: "the marker of " + pkg.Name, Err: err}
		}
		if !ok {
			continue
		}
		if err := admits(pkg.RequiresPython, t); err != nil {
			return nil, &refusal.Error{Input: p.file, Cause: pkg.Name, Err: err}
		}
		if first, twice := seen[pkg.Name]; twice {
			return nil, refusal.Newf(p.file, "it has two entries of %s for this image: packages[%d] and packages[%d]", pkg.Name, first, i)
		}
		seen[pkg.Name] = i
		if d := pkg.Directory; d != nil && (d.Editable || path.Clean(d.Path) == ".") {
			s.Notes = append(s.Notes, sourceNote(p.file, pkg.Name, d.Path))
			continue
		}
		if t.has(pkg.Name, pkg.Version) {
			s.Had = append(s.Had, pkg.Name)
			continue
		}
		if l, ok := f.locked(pkg); ok {
			s.Packages = append(s.Packages, l)
		}
	}
	return s.sorted(), f.err()
}

// Versions implements [Lock].
func (p *Pylock) Versions(name string) []string {
	var out []string
	for i := range p.Packages {
		if pkg := &p.Packages[i]; pkg.Name == name && pkg.Version != "" && !slices.Contains(out, pkg.Version) {
			out = append(out, pkg.Version)
		}
	}
	return out
}

// chosen are extras and groups for markers; the lock must know them.
func (p *Pylock) chosen(c Choice) (extras, groups []string, err error) {
	if len(c.Members) > 0 || c.OnlyGroups {
		return nil, nil, refusal.New(p.file, "a pylock.toml has no workspace members, and no dependencies apart from its groups", "leave the choice out")
	}
	for _, extra := range c.Extras {
		if extra = distname.Normalize(extra); !slices.Contains(p.Extras, extra) {
			return nil, nil, refusal.New(p.file, fmt.Sprintf("it knows no extra %q", extra), have("extras", p.Extras))
		}
		extras = append(extras, extra)
	}
	if !c.NoDefaultGroups {
		groups = append(groups, p.DefaultGroups...)
	}
	for _, group := range c.Groups {
		group = distname.Normalize(group)
		same := func(known string) bool { return distname.Normalize(known) == group }
		if !slices.ContainsFunc(p.DependencyGroups, same) && !slices.ContainsFunc(p.DefaultGroups, same) {
			return nil, nil, refusal.New(p.file, fmt.Sprintf("it knows no dependency group %q", group), have("dependency groups", p.DependencyGroups))
		}
		groups = append(groups, group)
	}
	return extras, groups, nil
}

func have(what string, names []string) string {
	if len(names) == 0 {
		return "it has no " + what + " to choose: they were decided when it was made"
	}
	return "it has the " + what + " " + strings.Join(names, ", ")
}

// forTarget checks what the lock as a whole is for.
func (p *Pylock) forTarget(t Target) error {
	if err := admits(p.RequiresPython, t); err != nil {
		return &refusal.Error{Input: p.file, Cause: "the lock does not fit the image", Err: err, Fix: "lock again for the image's Python"}
	}
	if p.Environments == nil {
		return nil
	}
	var texts []string
	for _, m := range p.Environments {
		ok, err := m.Evaluate(t.Environment)
		if err != nil {
			return &refusal.Error{Input: p.file, Cause: "environments", Err: err}
		}
		if ok {
			return nil
		}
		texts = append(texts, m.String())
	}
	return refusal.New(p.file, fmt.Sprintf("it is not for the image's environment (Python %s, %s, %s): its environments are: %s", t.Environment.PythonFullVersion,
		t.Environment.SysPlatform, t.Environment.PlatformMachine, strings.Join(texts, "; ")), "lock again for this environment too")
}

// admits checks the target's Python.
func admits(set version.Set, t Target) error {
	python := strings.TrimSuffix(t.Environment.PythonFullVersion, "+")
	if set.IsEmpty() || set.ContainsString(python, version.PrereleasesIfNeeded) {
		return nil
	}
	return fmt.Errorf("it needs Python %s, the image has %s", set, python)
}

// locked chooses the file of one entry, or rejects it.
func (f *fitter) locked(p *Package) (Locked, bool) {
	l := Locked{Name: p.Name, Version: p.Version, Index: p.Index, Marker: p.Marker.String(), Requested: true}
	switch {
	case p.VCS != nil:
		f.reject(p.Name, p.Version, "a checkout from version control has to be built")
		return l, false
	case p.Directory != nil:
		f.reject(p.Name, p.Version, "a folder with a project has to be built")
		return l, false
	case p.Archive != nil:
		l.Direct = true
		return f.take(l, []File{p.Archive.File}, p.Archive.Subdirectory == "" && strings.HasSuffix(p.Archive.FileName(), ".whl"))
	}
	return f.take(l, p.Wheels, len(p.Wheels) > 0)
}

// take fills in the best of some files.
func (f *fitter) take(l Locked, files []File, wheels bool) (Locked, bool) {
	if !wheels {
		f.reject(l.Name, l.Version, "it is locked as a source distribution")
		return l, false
	}
	names := make([]string, len(files))
	for i := range files {
		names[i] = files[i].FileName()
	}
	i, name, why := f.best(names)
	if why != "" {
		f.reject(l.Name, l.Version, why)
		return l, false
	}
	if distname.Normalize(name.Name) != l.Name {
		f.reject(l.Name, l.Version, names[i]+" is a wheel of "+name.Name)
		return l, false
	}
	file := &files[i]
	l.File, l.Size = names[i], file.Size
	if l.Version == "" {
		l.Version = name.Version
	}
	if l.Path = located(f.lock, file.Path); l.Path == "" {
		l.URL = file.URL
	}
	if u, err := url.Parse(l.URL); err == nil && u.Scheme == "file" {
		l.Path, l.URL = u.Path, ""
	}
	l.Hashes = requirement.Hashes{}
	for algorithm, digest := range file.Hashes {
		l.Hashes[algorithm] = []string{strings.ToLower(digest)}
	}
	return l, true
}
