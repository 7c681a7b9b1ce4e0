package resolve

import "slices"

// step is an outside fact and what follows when it is added to the conclusion before.
type step struct {
	fact       *incompat
	conclusion *incompat // nil for the first of two facts without a conclusion before
}

// chain goes back from c while one of the premises is a fact. It returns where that began, nil if with two facts.
func (e *explainer) chain(c *incompat) (start *incompat, steps []step) {
	for {
		a, b := e.premises(c)
		if b.cause.kind == derived {
			a, b = b, a
		}
		switch {
		case b.cause.kind == derived: // both
			start = c
		case a.cause.kind != derived: // neither
			if a.cause.kind > b.cause.kind {
				a, b = b, a
			}
			steps = append(steps, step{e.told(b), c}, step{e.told(a), nil})
		default:
			steps = append(steps, step{e.told(b), c})
			if c = a; e.uses[a] == 1 {
				continue
			}
			start = a
		}
		slices.Reverse(steps)
		return start, steps
	}
}

// told notes that a fact is used, and returns it as it is known by now: for all versions of which it was found to hold.
func (e *explainer) told(c *incompat) *incompat {
	e.leaves = append(e.leaves, c)
	if c.cause.kind == dependency && len(c.terms) == 2 {
		for _, wider := range e.s.merged[edge{c.terms[0].node, c.terms[1].node}] {
			if sameNeed(wider, c) {
				return wider
			}
		}
	}
	return c
}

// together returns how many of the first steps are told before a conclusion is drawn: up to the last one that only adds
// versions to a fact told before.
func together(steps []step) int {
	n := 1
	for i := 0; i < n; i++ {
		for j := len(steps) - 1; j >= n; j-- {
			if joinable(steps[i].fact, steps[j].fact) {
				n = j + 1
			}
		}
	}
	return n
}

// joined returns the facts of steps, those that only differ in versions as one.
func joined(steps []step) []*incompat {
	var out []*incompat
	for _, st := range steps {
		i := slices.IndexFunc(out, func(g *incompat) bool { return joinable(g, st.fact) })
		if i < 0 {
			out = append(out, st.fact)
		} else {
			out[i] = join(out[i], st.fact)
		}
	}
	return out
}

// joinable reports whether two facts are requirements of different versions of one distribution on another.
func joinable(a, b *incompat) bool {
	return a == b || a.cause.kind == dependency && b.cause.kind == dependency && a.cause.target == b.cause.target &&
		a.cause.node == b.cause.node && a.cause.holder == b.cause.holder && len(a.terms) == 2 && len(b.terms) == 2 &&
		a.terms[0].rng.Disjoint(b.terms[0].rng)
}

// join is weaker than both facts: each version of the first range needs some version of the second.
func join(a, b *incompat) *incompat {
	if a == b {
		return a
	}
	out := &incompat{terms: slices.Clone(a.terms), cause: a.cause}
	out.terms[0].term = in(a.terms[0].rng.Union(b.terms[0].rng))
	if out.cause.set = a.cause.set.Union(b.cause.set); !a.cause.set.Equal(b.cause.set) {
		out.cause.joined = true
	}
	return out
}
