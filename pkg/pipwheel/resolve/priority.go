package resolve

import "cmp"

// class orders names before the order in which they were met. A version that is given leaves no choice, so it comes first;
// names that often conflict come before others, so that the conflict shows before anything depends on them.
type class uint8

const (
	ordinary class = iota
	oftenCulprit
	oftenRejected
	pinned
	direct
)

// conflictLimit is how many conflicts change the class of a name.
const conflictLimit = 5

// rank is the place of a name among those to decide.
type rank struct {
	class class
	index int // order of first mention
	// How often its versions were rejected, and how often they were the reason.
	rejected, culprit int
}

// mention notes a requirement on a name.
func (r *rank) mention(c class) {
	if c > r.class {
		r.class = c
	}
}

// before reports whether the node a is decided before b.
func (s *solver) before(a, b int) bool {
	ra, rb := &s.names[s.nodes[a].name].rank, &s.names[s.nodes[b].name].rank
	if ra.class != rb.class {
		return ra.class > rb.class
	}
	return cmp.Or(cmp.Compare(ra.index, rb.index), cmp.Compare(a, b)) < 0
}

// next returns the node to decide now, or -1 when all are decided.
func (s *solver) next() int {
	best := -1
	for n := range s.trail.about {
		k := &s.trail.about[n]
		if !k.all.neg && !k.decided && (best < 0 || s.before(n, best)) {
			best = n
		}
	}
	return best
}

// count notes a conflict in which versions of a node were rejected because of others.
func (s *solver) count(node int, c *incompat) {
	name, real := s.nodes[node].name, false
	for _, l := range c.terms {
		other := s.nodes[l.node].name
		if other == name {
			continue
		}
		real = true
		r := &s.names[other].rank
		if r.culprit++; r.culprit == conflictLimit {
			s.later = append(s.later, l.node)
		}
	}
	if !real {
		return
	}
	r := &s.names[name].rank
	if r.rejected++; r.rejected == conflictLimit {
		s.sooner = append(s.sooner, node)
	}
}

// reorder gives names that conflict often another class, and takes decisions back to let it count.
func (s *solver) reorder() {
	for _, n := range s.sooner {
		if r := &s.names[s.nodes[n].name].rank; r.class != oftenRejected {
			r.class = oftenRejected
			s.undecide(n)
		}
	}
	for _, n := range s.later {
		if r := &s.names[s.nodes[n].name].rank; r.class != oftenRejected && r.class != oftenCulprit {
			r.class = oftenCulprit
			s.undecide(n)
		}
	}
	s.sooner, s.later = s.sooner[:0], s.later[:0]
}

// undecide takes back the decision on a node, and all after it.
func (s *solver) undecide(n int) {
	k := &s.trail.about[n]
	if k.decided {
		s.trail.cut(s.trail.steps[k.steps[len(k.steps)-1]].level - 1)
	}
}
