package resolve

import "github.com/layerpack/layerpack/pkg/pipwheel/version"

// term is a statement on one node: its version is in a range; or, when neg, it is not, be it that the node is not chosen
// at all. The term that says nothing is the negation of the empty range.
type term struct {
	rng version.Range
	neg bool
}

func nothing() term { return term{neg: true} }

func in(r version.Range) term { return term{rng: r} }

func (t term) not() term { return term{t.rng, !t.neg} }

func (t term) isNothing() bool { return t.neg && t.rng.IsEmpty() }

// and states both.
func (t term) and(o term) term {
	switch {
	case t.neg && o.neg:
		return term{t.rng.Union(o.rng), true}
	case t.neg:
		return in(o.rng.Intersect(t.rng.Complement()))
	case o.neg:
		return in(t.rng.Intersect(o.rng.Complement()))
	}
	return in(t.rng.Intersect(o.rng))
}

// or states at least one of both.
func (t term) or(o term) term { return t.not().and(o.not()).not() }

// relation is what is known of a term when another one holds.
type relation uint8

const (
	open relation = iota
	satisfied
	contradicted
)

// tell returns what known says of t.
func (known term) tell(t term) relation {
	switch {
	case known.neg && t.neg:
		if t.rng.IsEmpty() || t.rng.SubsetOf(known.rng) {
			return satisfied
		}
	case known.neg:
		if t.rng.SubsetOf(known.rng) {
			return contradicted
		}
	default:
		both := known.rng.Intersect(t.rng)
		inside, outside := both.Equal(known.rng), both.IsEmpty()
		if t.neg {
			inside, outside = outside, inside
		}
		switch {
		case inside:
			return satisfied
		case outside:
			return contradicted
		}
	}
	return open
}

// decided is tell for a node whose version is known.
func decided(v version.Version, t term) relation {
	if t.rng.Contains(v) != t.neg {
		return satisfied
	}
	return contradicted
}
