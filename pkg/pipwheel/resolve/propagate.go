package resolve

import "slices"

// add makes an incompatibility known to the nodes it speaks of. Requirements of several versions of a node that are the
// same become one.
func (s *solver) add(c *incompat) {
	if len(c.terms) == 0 {
		s.contradiction = c
		return
	}
	if c.cause.kind == dependency && len(c.terms) == 2 {
		e := edge{c.terms[0].node, c.terms[1].node}
		for i, old := range s.merged[e] {
			if !sameNeed(old, c) {
				continue
			}
			c.terms[0].term = in(old.terms[0].rng.Union(c.terms[0].rng))
			s.merged[e][i] = c
			for _, l := range c.terms {
				list := s.nodes[l.node].incompats
				list[slices.Index(list, old)] = c
			}
			return
		}
		s.merged[e] = append(s.merged[e], c)
	}
	for _, l := range c.terms {
		s.nodes[l.node].incompats = append(s.nodes[l.node].incompats, c)
	}
}

// sameNeed reports whether two requirements on one node read the same.
func sameNeed(a, b *incompat) bool {
	return a.cause.text == b.cause.text && a.cause.holder == b.cause.holder && a.cause.set.Equal(b.cause.set)
}

// propagate derives all that follows from what changed about the nodes (PubGrub, "Unit propagation"). It returns the
// incompatibility without terms if that follows.
func (s *solver) propagate(changed ...int) *incompat {
	queue := slices.Clone(changed)
	for len(queue) > 0 {
		if s.contradiction != nil {
			return s.contradiction
		}
		n := queue[0]
		queue = queue[1:]
		conflict := s.consider(n, &queue)
		if conflict == nil {
			continue
		}
		learned, node := s.learn(conflict)
		if len(learned.terms) == 0 {
			return learned
		}
		s.count(node, learned)
		t, _ := learned.find(node)
		s.trail.derive(node, t.not(), learned)
		s.trail.bury(learned)
		queue = append(queue[:0], node)
	}
	return s.contradiction
}

// consider looks at all incompatibilities of a node, the latest first, and returns one that is satisfied if there is any.
func (s *solver) consider(n int, queue *[]int) *incompat {
	list := s.nodes[n].incompats
	for i := len(list) - 1; i >= 0; i-- {
		c := list[i]
		if c.dead {
			continue
		}
		last, rel := s.judge(c)
		switch {
		case rel == contradicted:
			s.trail.bury(c)
		case rel == satisfied:
			return c
		case last >= 0:
			l := c.terms[last]
			s.trail.derive(l.node, l.not(), c)
			s.trail.bury(c)
			if !slices.Contains(*queue, l.node) {
				*queue = append(*queue, l.node)
			}
		}
	}
	return nil
}

// judge tells how things stand with an incompatibility; last is the index of the only term that is not satisfied yet, or -1.
func (s *solver) judge(c *incompat) (last int, rel relation) {
	last, rel = -1, satisfied
	count := 0
	for i, l := range c.terms {
		switch s.trail.tell(l) {
		case contradicted:
			return -1, contradicted
		case open:
			count++
			last, rel = i, open
		}
	}
	if count > 1 {
		last = -1
	}
	return last, rel
}

// learn follows a conflict back to an incompatibility that would have shown it earlier, and takes steps back until that
// one leaves a single term open: of the node it returns (PubGrub, "Conflict resolution").
func (s *solver) learn(c *incompat) (*incompat, int) {
	first := c
	for len(c.terms) > 0 {
		last, previous, at := -1, -1, 0
		for i, l := range c.terms {
			step := s.trail.satisfier(l)
			if step > last {
				last, previous, at = step, max(previous, last), i
			} else {
				previous = max(previous, step)
			}
		}
		step := s.trail.steps[last]
		previous = max(previous, s.trail.before(last, c.terms[at]))
		level := 0
		if previous >= 0 {
			level = s.trail.steps[previous].level
		}
		if step.cause == nil || level < step.level {
			s.trail.cut(level)
			if c != first {
				s.add(c)
			}
			return c, step.node
		}
		c = resolvent(c, step.cause, step.node)
	}
	return c, -1
}
