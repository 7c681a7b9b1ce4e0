package resolve

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// start adds the user's requirements and returns the nodes they speak of.
func (s *solver) start() []int {
	var changed []int
	for _, w := range s.rules.wanted {
		for _, extra := range append([]string{""}, w.ExtraKeys()...) {
			n := s.of(w.Key(), extra)
			c := newIncompat(cause{
				kind: asked, node: n, target: n, set: w.Specifiers.Range(),
				text: w.Specifiers.String(), origin: w.Origin, pinned: pin(w.Specifiers),
			}, literal{n, in(w.Specifiers.Range()).not()})
			s.mention(c)
			s.add(c)
			changed = append(changed, n)
		}
	}
	return changed
}

// newIncompat leaves out terms that say nothing.
func newIncompat(why cause, terms ...literal) *incompat {
	return &incompat{cause: why, terms: slices.DeleteFunc(terms, func(l literal) bool { return l.isNothing() })}
}

// facts returns what a choice for a node entails.
func (s *solver) facts(ctx context.Context, n int, ch choice) ([]*incompat, error) {
	nd := s.nodes[n]
	self := literal{n, in(ch.cell)}
	md, err := s.metadata(ctx, ch)
	var no *Unusable
	if errors.As(err, &no) {
		return []*incompat{newIncompat(cause{kind: unusable, node: n, text: no.Error()}, self)}, nil
	}
	if err != nil {
		return nil, err
	}
	if ch.installed == nil && !md.RequiresPython.Range().Contains(s.rules.python) {
		return []*incompat{newIncompat(cause{kind: wrongPython, node: n, text: md.RequiresPython.String()}, self)}, nil
	}
	var out []*incompat
	if nd.extra != "" {
		out = append(out, newIncompat(cause{kind: extraOf, node: n, target: nd.base, set: ch.cell}, self, literal{nd.base, in(ch.cell).not()}))
	}
	needs, err := s.rules.needs(md, nd.extra, ch.installed != nil)
	if err != nil {
		return []*incompat{newIncompat(cause{kind: unusable, node: n, text: err.Error()}, self)}, nil
	}
	for _, q := range needs {
		out = append(out, s.require(n, ch, q)...)
	}
	return out, nil
}

// require says that a choice needs what q asks for.
func (s *solver) require(n int, ch choice, q Requirement) []*incompat {
	var out []*incompat
	set := q.Specifiers.Range()
	self := literal{n, in(ch.cell)}
	for _, extra := range append([]string{""}, q.ExtraKeys()...) {
		t := s.of(q.Key(), extra)
		why := cause{
			kind: dependency, node: n, target: t, set: set, text: q.Specifiers.String(), spec: q.Specifiers, origin: q.Origin,
			pinned: pin(q.Specifiers), holder: ch.installed,
		}
		switch need := (literal{t, in(set).not()}); {
		case t != n && t != s.nodes[n].base:
			out = append(out, newIncompat(why, self, need))
		case !set.Contains(ch.version): // it excludes itself
			out = append(out, newIncompat(why, self))
		}
	}
	return out
}

func (s *solver) metadata(ctx context.Context, ch choice) (Metadata, error) {
	if ch.installed != nil {
		return ch.installed.Metadata, nil
	}
	return s.fetch.meta(ctx, ch.candidate).wait(ctx)
}

// needs returns what metadata requires in the environment: for the distribution itself, or for one extra what that adds.
// An error says why a candidate cannot be used; what is installed is used as it is.
func (r *rules) needs(md Metadata, extra string, installed bool) ([]Requirement, error) {
	if r.noDeps {
		return nil, nil
	}
	out := make([]Requirement, 0, len(md.Requires))
	for _, m := range md.Requires {
		ok, err := r.active(m, extra)
		if err != nil && !installed {
			return nil, fmt.Errorf("its requirement %q has a marker without a value: %w", m, err)
		}
		if !ok || err != nil {
			continue
		}
		_, replaced := r.overrides[m.Key()]
		if m.URL != "" && !replaced {
			if !installed && r.urls[m.Key()] != m.URL {
				return nil, fmt.Errorf("it requires %s from %s, which only a requirement of the user may do", m.Key(), bare(m.URL))
			}
			m.Specifiers = version.Set{}
		}
		out = append(out, r.overridden(Requirement{Requirement: m})...)
	}
	return out, nil
}

func (r *rules) active(m marker.Requirement, extra string) (bool, error) {
	if m.Marker.IsZero() {
		return extra == "", nil
	}
	plain, err := m.Marker.Evaluate(r.env)
	if err != nil || extra == "" || plain {
		return plain && extra == "", err
	}
	return m.Marker.Evaluate(r.env, extra)
}
