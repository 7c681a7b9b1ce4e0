package resolve

import (
	"sort"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// assignment is one step on the way to a solution (PubGrub, "Partial solution"): a term that was decided, or follows from
// an incompatibility and the steps before.
type assignment struct {
	node  int
	own   term
	all   term // own and what was known of the node before
	level int  // how many decisions were made, this one included
	cause *incompat
}

// knowledge is what the trail says of one node.
type knowledge struct {
	all     term
	steps   []int // in the trail
	decided bool
	chosen  choice // when decided
}

// trail is the partial solution.
type trail struct {
	steps []assignment
	level int
	about []knowledge // by node
	dead  []deadMark
	dirty []int // nodes of which more is known than when dirty was last emptied
}

// deadMark remembers at which level an incompatibility was contradicted.
type deadMark struct {
	c     *incompat
	level int
}

func (t *trail) tell(l literal) relation {
	k := &t.about[l.node]
	if k.decided {
		return decided(k.chosen.version, l.term)
	}
	return k.all.tell(l.term)
}

func (t *trail) derive(node int, own term, c *incompat) { t.push(node, own, c) }

func (t *trail) decide(node int, ch choice) {
	t.level++
	t.push(node, in(version.Exactly(ch.version)), nil)
	k := &t.about[node]
	k.decided, k.chosen = true, ch
}

func (t *trail) push(node int, own term, c *incompat) {
	k := &t.about[node]
	k.all = k.all.and(own)
	k.steps = append(k.steps, len(t.steps))
	t.steps = append(t.steps, assignment{node: node, own: own, all: k.all, level: t.level, cause: c})
	t.dirty = append(t.dirty, node)
}

// cut takes back all steps above a level.
func (t *trail) cut(level int) {
	for len(t.steps) > 0 {
		last := t.steps[len(t.steps)-1]
		if last.level <= level {
			break
		}
		t.steps = t.steps[:len(t.steps)-1]
		k := &t.about[last.node]
		k.steps = k.steps[:len(k.steps)-1]
		if k.all = nothing(); len(k.steps) > 0 {
			k.all = t.steps[k.steps[len(k.steps)-1]].all
		}
		if last.cause == nil {
			k.decided = false
		}
		t.dirty = append(t.dirty, last.node)
	}
	for len(t.dead) > 0 && t.dead[len(t.dead)-1].level > level {
		t.dead[len(t.dead)-1].c.dead = false
		t.dead = t.dead[:len(t.dead)-1]
	}
	t.level = min(t.level, level)
}

// bury notes that a term of c is contradicted.
func (t *trail) bury(c *incompat) {
	c.dead = true
	t.dead = append(t.dead, deadMark{c, t.level})
}

// satisfier returns the first step after which a term is satisfied, given that it is.
func (t *trail) satisfier(l literal) int {
	steps := t.about[l.node].steps
	i := sort.Search(len(steps)-1, func(i int) bool { return t.steps[steps[i]].all.tell(l.term) == satisfied })
	return steps[i]
}

// before returns the first step on the node of step s that satisfies the term together with s alone, or -1 if s needs none.
func (t *trail) before(s int, l literal) int {
	own := t.steps[s].own
	if own.tell(l.term) == satisfied {
		return -1
	}
	steps := t.about[l.node].steps
	end := sort.SearchInts(steps, s)
	i := sort.Search(end-1, func(i int) bool { return t.steps[steps[i]].all.and(own).tell(l.term) == satisfied })
	return steps[i]
}
