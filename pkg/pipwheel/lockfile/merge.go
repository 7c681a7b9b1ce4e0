package lockfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Resolution is what was found for one environment.
type Resolution struct {
	Environment marker.Environment
	// Packages are without markers of their own. Their wheels are all that may be locked, or those for the environment alone.
	Packages []Package
}

// Merge makes one lock of what was found for several environments, which differ in interpreter,
// Python version (major and minor), system or machine. A package that all need in the same
// version stands once and without a marker, others with the environments that need it. The order of the resolutions does
// not matter. Two files of one name with other hashes are a [*refusal.Error].
func Merge(all []Resolution) (*Pylock, error) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Resolution) int { return slices.Compare(values(a.Environment), values(b.Environment)) })
	m := merger{at: map[string]int{}}
	p := &Pylock{LockVersion: "1.0", CreatedBy: "layerpack"}
	var named []environment
	for i, r := range all {
		if i > 0 && slices.Equal(values(r.Environment), values(all[i-1].Environment)) {
			return nil, refusal.Newf("lock", "the environment %s is there twice", conjunction(values(r.Environment)))
		}
		named = append(named, values(r.Environment))
		condition, err := marker.Parse(conjunction(named[i]))
		if err != nil {
			return nil, fmt.Errorf("the image's environment: %w", err)
		}
		p.Environments = append(p.Environments, condition)
		for _, pkg := range r.Packages {
			if err := m.add(i, pkg); err != nil {
				return nil, err
			}
		}
	}
	for i, pkg := range m.packages {
		if len(m.needed[i]) < len(all) {
			var err error
			if pkg.Marker, err = marker.Parse(needing(named, m.needed[i])); err != nil {
				return nil, fmt.Errorf("the environments of %s: %w", pkg.Name, err)
			}
		}
		p.Packages = append(p.Packages, pkg)
	}
	p.order()
	return p, nil
}

// Package is the entry of a lock for a distribution whose file is known: its wheel alone, or an archive if the file was named itself.
// A path stays as it is.
func (l *Locked) Package() (Package, error) {
	if l.File == "" || l.AnyHash {
		return Package{}, fmt.Errorf("%s %s: its file and that file's hashes must be known to lock it", l.Name, l.Version)
	}
	f := File{Name: l.File, URL: l.URL, Path: l.Path, Size: l.Size, Hashes: map[string]string{}}
	for algorithm, digests := range l.Hashes {
		f.Hashes[algorithm] = digests[0]
	}
	p := Package{Name: l.Name, Version: l.Version, Index: l.Index}
	if l.Direct {
		p.Archive = &Archive{File: f}
		return p, nil
	}
	if f.Name == urlFile(f.URL) || f.URL == "" && f.Name == pathFile(f.Path) {
		f.Name = ""
	}
	p.Wheels = []File{f}
	return p, nil
}

// merger collects equal packages.
type merger struct {
	at       map[string]int
	packages []Package
	needed   [][]int // by which environments, in order
}

func (m *merger) add(environment int, p Package) error {
	key := p.identity()
	i, known := m.at[key]
	if !known {
		i = len(m.packages)
		m.at[key] = i
		m.packages = append(m.packages, p)
		m.packages[i].Wheels = nil
		m.packages[i].Marker = marker.Marker{}
		m.needed = append(m.needed, nil)
	}
	if n := m.needed[i]; len(n) > 0 && n[len(n)-1] == environment {
		return refusal.Newf("lock", "%s is there twice for one environment", p.Name)
	}
	m.needed[i] = append(m.needed[i], environment)
	into := &m.packages[i]
	for _, w := range p.Wheels {
		j := slices.IndexFunc(into.Wheels, func(o File) bool { return o.FileName() == w.FileName() })
		switch {
		case j < 0:
			into.Wheels = append(into.Wheels, w)
		case !maps.Equal(into.Wheels[j].Hashes, w.Hashes):
			return refusal.Newf(w.FileName(), "the same file has two hashes, in the index %s", p.Index)
		}
	}
	return nil
}

// identity tells packages apart that cannot share an entry.
func (p *Package) identity() string {
	parts := []string{p.Name, p.Version, p.Index}
	if v, err := version.Parse(p.Version); err == nil {
		parts[1] = v.Canonical()
	}
	switch {
	case p.Archive != nil:
		parts = append(parts, "archive", p.Archive.URL, p.Archive.Path, p.Archive.Subdirectory)
	case p.VCS != nil:
		parts = append(parts, "vcs", p.VCS.URL, p.VCS.Path, p.VCS.CommitID, p.VCS.Subdirectory)
	case p.Directory != nil:
		parts = append(parts, "directory", p.Directory.Path, p.Directory.Subdirectory)
	}
	return strings.Join(parts, "\n")
}

// order sorts packages and their wheels, so that equal locks are equal bytes.
func (p *Pylock) order() {
	slices.SortStableFunc(p.Packages, func(a, b Package) int {
		if c := cmp.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		va, _ := version.Parse(a.Version)
		vb, _ := version.Parse(b.Version)
		return cmp.Or(va.Compare(vb), cmp.Compare(a.identity(), b.identity()), cmp.Compare(a.Marker.String(), b.Marker.String()))
	})
	for i := range p.Packages {
		slices.SortStableFunc(p.Packages[i].Wheels, func(a, b File) int {
			return cmp.Or(cmp.Compare(a.FileName(), b.FileName()), cmp.Compare(a.URL, b.URL), cmp.Compare(a.Path, b.Path))
		})
	}
}
