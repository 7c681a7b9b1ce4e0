package resolve

import (
	"context"
	"fmt"
)

// Resolve chooses versions for all requirements. The error is an [*Unsolvable] when there is no choice, a refusal when the
// user's lines contradict each other plainly, and else what the provider returned.
//
// No call to the provider runs any more when it returns.
func Resolve(ctx context.Context, in Input, p Provider) (*Solution, error) {
	r, err := newRules(in)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &solver{
		rules: r, fetch: newFetcher(p), nodeOf: map[nodeKey]int{}, nameOf: map[string]int{},
		merged: map[edge][]*incompat{}, known: map[choiceKey]bool{}, tried: -1,
	}
	defer s.fetch.running.Wait()
	defer cancel()
	contradiction, err := s.solve(ctx)
	if err != nil {
		return nil, fmt.Errorf("choosing versions: %w", err)
	}
	if contradiction != nil {
		return nil, s.explain(contradiction)
	}
	return s.solution(ctx)
}

// solver is one resolution under way. It runs in one goroutine; only fetch has others.
type solver struct {
	rules  *rules
	fetch  *fetcher
	nodes  []node
	nodeOf map[nodeKey]int
	names  []nameState
	nameOf map[string]int
	met    int // names that were mentioned
	trail  trail
	merged map[edge][]*incompat
	known  map[choiceKey]bool // choices whose requirements are among the incompatibilities

	contradiction *incompat // without terms, as it was added

	sooner, later []int // nodes to give another class
	tried, streak int   // the node that was tried last, and how many times in a row
}

// solve returns nil when all nodes are decided, or the incompatibility without terms.
func (s *solver) solve(ctx context.Context) (*incompat, error) {
	changed := s.start()
	for {
		if c := s.propagate(changed...); c != nil {
			return c, nil
		}
		s.reorder()
		s.scout(ctx)
		n := s.next()
		if n < 0 {
			if changed = s.hold(); len(changed) == 0 {
				return nil, nil
			}
			continue
		}
		if err := s.try(ctx, n); err != nil {
			return nil, err
		}
		changed = []int{n}
	}
}

// try decides a node if some version of it does not clash at once; else it learns why not.
func (s *solver) try(ctx context.Context, n int) error {
	ch, ok, err := s.choose(ctx, n)
	if err != nil {
		return fmt.Errorf("%s: %w", s.names[s.nodes[n].name].name, err)
	}
	if !ok {
		none := s.names[s.nodes[n].name].universe.widen(s.trail.about[n].all.rng)
		s.add(newIncompat(cause{kind: noVersions, node: n}, literal{n, in(none)}))
		return nil
	}
	key := choiceKey{n, ch.version.Canonical()}
	if s.known[key] {
		s.trail.decide(n, ch)
		return nil
	}
	facts, err := s.facts(ctx, n, ch)
	if err != nil {
		return fmt.Errorf("%s %s: %w", s.names[s.nodes[n].name].name, ch.version, err)
	}
	s.known[key] = true
	var clash *incompat
	for _, c := range facts {
		s.mention(c)
		s.add(c)
		if clash == nil && s.blocked(c, n) {
			clash = c
		}
	}
	if clash != nil {
		s.count(n, clash)
		return nil
	}
	s.trail.decide(n, ch)
	return nil
}

// mention gives the target of a requirement its place among those to decide.
func (s *solver) mention(c *incompat) {
	if c.cause.kind != dependency && c.cause.kind != asked {
		return
	}
	name := &s.names[s.nodes[c.cause.target].name]
	cl := ordinary
	switch {
	case s.rules.urls[name.name] != "":
		cl = direct
	case c.cause.pinned || len(s.rules.pins[name.name]) > 0:
		cl = pinned
	}
	if name.rank.index < 0 {
		name.rank.index = s.met
		s.met++
	}
	name.rank.mention(cl)
}

// scout fetches ahead for what is still to be decided.
func (s *solver) scout(ctx context.Context) {
	for _, n := range s.trail.dirty {
		k := &s.trail.about[n]
		if k.all.neg || k.decided {
			continue
		}
		name := &s.names[s.nodes[n].name]
		if inst := s.rules.stayer(name.name); inst != nil && k.all.rng.Contains(inst.Version) {
			continue
		}
		s.fetch.ahead(ctx, s.rules, name.name, k.all)
	}
	s.trail.dirty = s.trail.dirty[:0]
}
