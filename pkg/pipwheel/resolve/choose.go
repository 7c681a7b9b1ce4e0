package resolve

import (
	"context"
	"errors"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// choice is a version to decide for.
type choice struct {
	option
	cell version.Range
}

// choose returns the version to try for a node whose term is known; ok is false when there is none.
func (s *solver) choose(ctx context.Context, n int) (choice, bool, error) {
	nd, rng := &s.nodes[n], s.trail.about[n].all.rng
	if nd.extra != "" { // an extra goes with its distribution
		if k := &s.trail.about[nd.base]; k.decided && rng.Contains(k.chosen.version) {
			return k.chosen, true, nil
		}
	}
	name := &s.names[nd.name]
	if ch, ok := s.stays(name, rng); ok {
		return ch, true, nil
	}
	err := s.load(ctx, name)
	if err != nil {
		return choice{}, false, err
	}
	u := name.universe
	i := u.best(rng, s.rules.preferences[name.name])
	if i < 0 {
		return choice{}, false, nil
	}
	if n != s.tried {
		s.tried, s.streak = n, 0
	}
	if s.streak++; s.streak == leapAfter {
		if i, err = s.leap(ctx, n, i); err != nil {
			return choice{}, false, err
		}
	} else if s.streak > 3 && s.streak&(s.streak-1) == 0 {
		s.batch(ctx, n, i)
	}
	return choice{option: u.options[i], cell: u.cell(i)}, true, nil
}

// stays returns the installed version if it may be taken without a look at any index.
func (s *solver) stays(name *nameState, rng version.Range) (choice, bool) {
	inst := s.rules.stayer(name.name)
	if inst == nil || !rng.Contains(inst.Version) {
		return choice{}, false
	}
	if name.universe != nil {
		if i := name.universe.index(inst.Version); i >= 0 {
			return choice{option: option{version: inst.Version, installed: inst}, cell: name.universe.cell(i)}, true
		}
	}
	return choice{option: option{version: inst.Version, installed: inst}, cell: version.Exactly(inst.Version)}, true
}

// stayer returns the installed distribution that goes before all candidates of a name, or nil.
func (r *rules) stayer(name string) *Installed {
	inst := r.installed[name]
	if inst == nil || r.newest(name) {
		return nil
	}
	if p, ok := r.preferences[name]; ok && !p.Equal(inst.Version) {
		return nil
	}
	if u := r.urls[name]; u != "" && u != inst.URL {
		return nil
	}
	return inst
}

// load waits for the candidates of a name.
func (s *solver) load(ctx context.Context, name *nameState) error {
	if name.universe != nil {
		return nil
	}
	u, err := s.fetch.list(ctx, s.rules, name.name).wait(ctx)
	var no *Unusable
	if errors.As(err, &no) {
		name.universe = &universe{unfit: []Unfit{{Text: no.Error()}}}
		return nil
	}
	if err != nil {
		return err
	}
	name.universe = u
	return nil
}

// batch fetches ahead when one version after the other is tried: as many as were tried before.
func (s *solver) batch(ctx context.Context, n, i int) {
	u := s.names[s.nodes[n].name].universe
	for _, j := range u.after(i, s.trail.about[n].all.rng, s.streak) {
		if u.options[j].installed == nil {
			s.fetch.meta(ctx, u.options[j].candidate)
		}
	}
}
