package version

import "strings"

// Range is a set of versions: spans of the line of all versions, local versions included. Pre-releases are versions like
// all others here. The zero value is the empty set.
//
// Two ranges that hold the same versions are [Range.Equal], however they were made.
type Range struct {
	spans []span // ascending, not empty, not touching
}

// span holds the versions between two cuts.
type span struct{ lo, hi cut }

// Any returns the set of all versions.
func Any() Range { return Range{spans: []span{{hi: cut{at: top}}}} }

// Exactly returns the set of v alone; longer local labels than that of v do not belong to it.
func Exactly(v Version) Range {
	return between(cutBelow(v), cut{v: v, at: above})
}

func between(lo, hi cut) Range {
	if lo.compare(hi) >= 0 {
		return Range{}
	}
	return Range{spans: []span{{lo, hi}}}
}

// Contains reports whether v belongs to r.
func (r Range) Contains(v Version) bool {
	if v.IsZero() {
		return false
	}
	for i := range r.spans {
		if !r.spans[i].lo.isBelow(v) {
			return false
		}
		if !r.spans[i].hi.isBelow(v) {
			return true
		}
	}
	return false
}

// IsEmpty reports whether no version belongs to r.
func (r Range) IsEmpty() bool { return len(r.spans) == 0 }

// IsAny reports whether all versions belong to r.
func (r Range) IsAny() bool {
	return len(r.spans) == 1 && r.spans[0].lo.at == bottom && r.spans[0].hi.at == top
}

// Complement returns the versions that do not belong to r.
func (r Range) Complement() Range {
	var out Range
	var lo cut
	for _, s := range r.spans {
		if lo.compare(s.lo) < 0 {
			out.spans = append(out.spans, span{lo, s.lo})
		}
		lo = s.hi
	}
	if lo.at != top {
		out.spans = append(out.spans, span{lo, cut{at: top}})
	}
	return out
}

// Intersect returns the versions that belong to both.
func (r Range) Intersect(o Range) Range {
	if r.IsAny() {
		return o
	}
	if o.IsAny() {
		return r
	}
	var out Range
	a, b := r.spans, o.spans
	for len(a) > 0 && len(b) > 0 {
		s := a[0]
		if s.lo.compare(b[0].lo) < 0 {
			s.lo = b[0].lo
		}
		ends := a[0].hi.compare(b[0].hi)
		if ends > 0 {
			s.hi = b[0].hi
		}
		if s.lo.compare(s.hi) < 0 {
			out.spans = append(out.spans, s)
		}
		if ends <= 0 {
			a = a[1:]
		}
		if ends >= 0 {
			b = b[1:]
		}
	}
	return out
}

// Union returns the versions that belong to at least one of both.
func (r Range) Union(o Range) Range {
	var out Range
	a, b := r.spans, o.spans
	for len(a) > 0 || len(b) > 0 {
		if len(a) == 0 || len(b) > 0 && b[0].lo.compare(a[0].lo) < 0 {
			a, b = b, a
		}
		s := a[0]
		a = a[1:]
		last := len(out.spans) - 1
		switch {
		case last < 0 || out.spans[last].hi.compare(s.lo) < 0:
			out.spans = append(out.spans, s)
		case out.spans[last].hi.compare(s.hi) < 0:
			out.spans[last].hi = s.hi
		}
	}
	return out
}

// Equal reports whether the same versions belong to both.
func (r Range) Equal(o Range) bool {
	if len(r.spans) != len(o.spans) {
		return false
	}
	for i, s := range r.spans {
		if s.lo.compare(o.spans[i].lo) != 0 || s.hi.compare(o.spans[i].hi) != 0 {
			return false
		}
	}
	return true
}

// SubsetOf reports whether all versions of r belong to o.
func (r Range) SubsetOf(o Range) bool { return r.Intersect(o).Equal(r) }

// Disjoint reports whether no version belongs to both.
func (r Range) Disjoint(o Range) bool { return r.Intersect(o).IsEmpty() }

// String writes the spans as intervals: "[1.0, 2.0.dev0) or [3.0, ∞)"; "1.0+post*" is a final version with its
// local versions and post-releases, "∅" for the empty set.
func (r Range) String() string {
	if r.IsEmpty() {
		return "∅"
	}
	var b strings.Builder
	for i, s := range r.spans {
		if i > 0 {
			b.WriteString(" or ")
		}
		switch s.lo.at {
		case bottom:
			b.WriteString("(-∞")
		case below:
			b.WriteString("[" + s.lo.v.String())
		case above:
			b.WriteString("(" + s.lo.v.String())
		default:
			b.WriteString("(" + s.lo.v.String() + "+post*")
		}
		b.WriteString(", ")
		switch s.hi.at {
		case top:
			b.WriteString("∞)")
		case below:
			b.WriteString(s.hi.v.String() + ")")
		case above:
			b.WriteString(s.hi.v.String() + "]")
		default:
			b.WriteString(s.hi.v.String() + "+post*]")
		}
	}
	return b.String()
}
