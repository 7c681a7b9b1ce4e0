package resolve

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

func compareNames(a, b string) int {
	return strings.Compare(distname.Normalize(a), distname.Normalize(b))
}

// node returns the node of a distribution if there is one.
func (s *solver) node(name string) (int, bool) {
	i, ok := s.nameOf[distname.Normalize(name)]
	if !ok {
		return 0, false
	}
	return s.nodeOf[nodeKey{i, ""}], true
}

// solution tells the decisions, from the user's requirements on.
func (s *solver) solution(ctx context.Context) (*Solution, error) {
	b := builder{s: s, at: map[string]*Package{}, seen: map[int]bool{}, provided: map[string][]string{}, askers: map[string]string{}}
	for _, w := range s.rules.wanted {
		b.reach(Dependent{Origin: w.Origin}, w)
		b.at[w.Key()].Requested = true
	}
	for len(b.queue) > 0 {
		n := b.queue[0]
		b.queue = b.queue[1:]
		if err := b.visit(ctx, n); err != nil {
			return nil, err
		}
	}
	return b.finish(), nil
}

// builder walks from what is asked for to all that is needed.
type builder struct {
	s     *solver
	at    map[string]*Package
	seen  map[int]bool
	queue []int // nodes

	provided map[string][]string // extras by name, as metadata tells
	askers   map[string]string   // "name[extra]" to who asked first
}

// reach notes that q is needed, by whom.
func (b *builder) reach(by Dependent, q Requirement) {
	name := q.Key()
	p := b.at[name]
	if p == nil {
		base, _ := b.s.node(name)
		ch := b.s.trail.about[base].chosen
		p = &Package{Name: name, Version: ch.version, Installed: ch.installed != nil, Candidate: ch.candidate, URL: b.s.rules.urls[name]}
		if inst := b.s.rules.installed[name]; inst != nil && !p.Installed {
			p.Replaces = inst.Version
		}
		b.at[name] = p
	}
	for _, extra := range append([]string{""}, q.ExtraKeys()...) {
		n := b.s.of(name, extra)
		if b.seen[n] {
			continue
		}
		b.seen[n] = true
		b.queue = append(b.queue, n)
		if extra != "" {
			p.Extras = append(p.Extras, extra)
			b.askers[name+"["+extra+"]"] = cmp.Or(by.Name, by.Origin)
		}
	}
	q.Marker = marker.Marker{} // it was true
	by.Requirement = q.String()
	p.NeededBy = append(p.NeededBy, by)
}

func (b *builder) visit(ctx context.Context, n int) error {
	nd := b.s.nodes[n]
	p := b.at[b.s.names[nd.name].name]
	ch := b.s.trail.about[n].chosen
	md, err := b.s.metadata(ctx, ch)
	if err != nil {
		return fmt.Errorf("%s %s: %w", p.Name, p.Version, err)
	}
	needs, err := b.s.rules.needs(md, nd.extra, ch.installed != nil)
	if err != nil {
		return fmt.Errorf("%s %s: %w", p.Name, p.Version, err)
	}
	b.provided[p.Name] = md.Extras
	by := Dependent{Name: p.Name}
	if nd.extra != "" {
		by.Name += "[" + nd.extra + "]"
	}
	for _, q := range needs {
		b.reach(by, q)
		p.Needs = append(p.Needs, q.Key())
	}
	return nil
}

func (b *builder) finish() *Solution {
	out := &Solution{}
	for _, p := range b.at {
		slices.Sort(p.Extras)
		slices.Sort(p.Needs)
		p.Needs = slices.Compact(p.Needs)
		p.Needs = slices.DeleteFunc(p.Needs, func(n string) bool { return n == p.Name })
		p.NeededBy = slices.DeleteFunc(p.NeededBy, func(d Dependent) bool { name, _, _ := strings.Cut(d.Name, "["); return name == p.Name })
		slices.SortStableFunc(p.NeededBy, func(x, y Dependent) int { return strings.Compare(x.Name, y.Name) })
		out.Packages = append(out.Packages, *p)
	}
	slices.SortFunc(out.Packages, func(x, y Package) int { return strings.Compare(x.Name, y.Name) })
	for i := range out.Packages {
		out.Warnings = append(out.Warnings, b.warnings(&out.Packages[i])...)
	}
	return out
}
