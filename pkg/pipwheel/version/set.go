package version

import (
	"slices"
	"strings"
)

// Set is a set of version clauses that a version must all satisfy (PEP 440, "Version specifiers").
// The zero value is the empty set, which all versions satisfy.
type Set struct {
	specs []Specifier
	both  Range // of all clauses
	asks  bool  // for pre-releases
}

// ParseSet reads clauses separated by commas. Nothing between two commas, and an empty text, are fine.
// The error is an [*Error].
func ParseSet(s string) (Set, error) {
	specs := make([]Specifier, 0, 1+strings.Count(s, ","))
	for part := range strings.SplitSeq(s, ",") {
		if part = trimSpace(part); part == "" {
			continue
		}
		sp, err := ParseSpecifier(part)
		if err != nil {
			return Set{}, err
		}
		specs = append(specs, sp)
	}
	return NewSet(specs...), nil
}

// NewSet returns the set of the given clauses, in normal order, without repetitions.
func NewSet(specs ...Specifier) Set {
	if len(specs) == 0 {
		return Set{}
	}
	s := Set{specs: unique(specs), both: Any()}
	for _, sp := range s.specs {
		s.both = s.both.Intersect(sp.Range())
		s.asks = s.asks || sp.asks()
	}
	return s
}

// unique sorts by spelling and keeps the first of the clauses that mean the same.
func unique(specs []Specifier) []Specifier {
	if len(specs) == 1 {
		return slices.Clone(specs)
	}
	sorted := slices.Clone(specs)
	slices.SortStableFunc(sorted, compareSpelling)
	out := sorted[:0]
	for _, sp := range sorted {
		if !slices.ContainsFunc(out, sp.means) {
			out = append(out, sp)
		}
	}
	return out
}

// And returns the clauses of both sets.
func (s Set) And(o Set) Set {
	switch {
	case len(s.specs) == 0:
		return o
	case len(o.specs) == 0:
		return s
	}
	return NewSet(slices.Concat(s.specs, o.specs)...)
}

// Specifiers returns the clauses, in the order of [Set.String].
func (s Set) Specifiers() []Specifier { return slices.Clone(s.specs) }

// IsEmpty reports whether the set has no clause.
func (s Set) IsEmpty() bool { return len(s.specs) == 0 }

// String returns the clauses as written, sorted, separated by commas without white space.
func (s Set) String() string {
	var b strings.Builder
	for i, sp := range s.specs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(sp.Op)
		b.WriteString(sp.Text)
	}
	return b.String()
}

// MarshalText returns [Set.String].
func (s Set) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is [ParseSet].
func (s *Set) UnmarshalText(text []byte) error {
	parsed, err := ParseSet(string(text))
	*s = parsed
	return err
}

// Range returns the versions that satisfy all clauses, pre-releases included; of "===" as [Specifier.Range] says.
func (s Set) Range() Range {
	if len(s.specs) == 0 {
		return Any()
	}
	return s.both
}

// AsksForPrereleases reports whether a clause other than != names a pre-release.
func (s Set) AsksForPrereleases() bool { return s.asks }
