package lockfile

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/requirement"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Select walks from the project through what it depends on, as `uv export` does for one
// environment. No group is included by itself: uv's default groups are not in the lock. The
// project and what is installed editable are left out, with a note, because they are source, not wheels.
func (u *UV) Select(t Target, c Choice) (*Selection, error) {
	if err := admits(u.python, t); err != nil {
		return nil, &refusal.Error{Input: u.file, Cause: "the lock does not fit the image", Err: err, Fix: "choose another base, or lock again for its Python"}
	}
	roots, err := u.roots(c)
	if err != nil {
		return nil, err
	}
	extras, groups, err := u.wanted(roots, c)
	if err != nil {
		return nil, err
	}
	w, err := u.walk(t, func(w *walk) error { return w.start(roots, extras, groups, c.OnlyGroups) }, roots)
	if err != nil {
		return nil, err
	}
	s, f := &Selection{}, newFitter(u.file, t)
	first := map[string]*uvPackage{}
	for _, p := range w.order {
		if other := first[p.Name]; other != nil {
			return nil, refusal.Newf(u.file, "it has both %s %s and %s for this image", p.Name, other.Version, p.Version)
		}
		first[p.Name] = p
		if p.Source.local() != "" && p.Source.Directory == "" {
			s.Notes = append(s.Notes, sourceNote(u.file, p.Name, p.Source.local()))
			continue
		}
		if t.has(p.Name, p.Version) {
			s.Had = append(s.Had, p.Name)
			continue
		}
		if l, ok := f.lockedUV(p); ok {
			l.Requested = w.asked[p]
			s.Packages = append(s.Packages, l)
		}
	}
	return s.sorted(), f.err()
}

// Versions implements [Lock].
func (u *UV) Versions(name string) []string {
	var out []string
	for _, pkg := range u.byName[name] {
		if pkg.Version != "" && !slices.Contains(out, pkg.Version) {
			out = append(out, pkg.Version)
		}
	}
	return out
}

// walk goes through the graph; twice if there are conflicts, as uv does: which extras are
// active is only known at the end, and edges that were passed early may depend on it.
func (u *UV) walk(t Target, start func(*walk) error, roots []*uvPackage) (*walk, error) {
	var active []string
	for {
		w := &walk{lock: u, env: t.Environment, active: active, seen: map[node]bool{}, asked: map[*uvPackage]bool{}}
		if active == nil {
			if err := w.supported(); err != nil {
				return nil, err
			}
		}
		if err := start(w); err != nil {
			return nil, err
		}
		if err := w.run(roots); err != nil {
			return nil, err
		}
		if len(u.wire.Conflicts) == 0 || active != nil {
			return w, nil
		}
		if err := u.conflict(w.active); err != nil {
			return nil, err
		}
		active = append([]string{}, w.active...)
	}
}

// supported checks the environments that the lock was limited to.
func (w *walk) supported() error {
	for _, text := range w.lock.wire.Supported {
		if ok, err := w.holds(text, nil); ok || err != nil {
			return err
		}
	}
	if len(w.lock.wire.Supported) == 0 {
		return nil
	}
	return refusal.New(w.lock.file, "it is not for the image's environment; it supports: "+strings.Join(w.lock.wire.Supported, "; "),
		"add it to tool.uv.environments and lock again")
}

// conflict refuses what the project has declared impossible together.
func (u *UV) conflict(active []string) error {
	is := map[string]bool{}
	for _, name := range active {
		is[name] = true
	}
	for _, set := range u.wire.Conflicts {
		var found []string
		for _, item := range set {
			name, shown := item.active()
			if is[name] {
				found = append(found, shown)
			}
		}
		if len(found) > 1 {
			return refusal.New(u.file, "the project declares these incompatible: "+strings.Join(found, ", "), "choose one of them")
		}
	}
	return nil
}

// sourceNote says that a folder's project is not installed.
func sourceNote(lock, name, folder string) requirement.Note {
	text := fmt.Sprintf("%s (%s) is source beside the lock and is not installed: ", name, folder)
	if path.Clean(folder) == "." {
		text += "the source layer brings it"
	} else {
		text += "make it part of the source, or give a wheel of it with --wheels"
	}
	return requirement.Note{Origin: requirement.Origin{File: lock}, Text: text}
}

// lockedUV chooses the file of one package, or rejects it.
func (f *fitter) lockedUV(p *uvPackage) (Locked, bool) {
	l := Locked{Name: p.Name, Version: p.Version, Index: p.Source.Registry}
	switch s := &p.Source; {
	case s.Git != "":
		f.reject(p.Name, p.Version, "a checkout from version control has to be built")
		return l, false
	case s.Directory != "":
		f.reject(p.Name, p.Version, "the folder "+s.Directory+" has to be built")
		return l, false
	case s.URL != "" || s.Path != "":
		l.Direct = true
	}
	files := make([]File, len(p.Wheels))
	for i := range p.Wheels {
		files[i] = p.Wheels[i].file(p)
	}
	return f.take(l, files, len(files) > 0)
}

// file says where a wheel is. Those of an index that is a folder are named from that folder; a wheel that is a
// source itself has only a file name.
func (w *uvFile) file(p *uvPackage) File {
	f := File{Name: w.Filename, URL: w.URL, Path: w.Path, Size: w.Size, Hashes: map[string]string{}}
	if algorithm, digest, ok := strings.Cut(w.Hash, ":"); ok {
		f.Hashes[algorithm] = digest
	}
	if f.Path != "" && p.Source.Registry != "" && !path.IsAbs(f.Path) {
		f.Path = path.Join(strings.TrimPrefix(p.Source.Registry, "file://"), f.Path)
	}
	if f.Path == "" && f.URL == "" {
		f.URL, f.Path = p.Source.URL, p.Source.Path
	}
	return f
}
