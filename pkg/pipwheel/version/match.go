package version

// Prereleases says which pre-releases satisfy a set.
type Prereleases uint8

const (
	// PrereleasesIfNeeded admits them if a clause names one, or if no other version satisfies the set
	// (PEP 440, "Handling of pre-releases").
	PrereleasesIfNeeded Prereleases = iota
	// PrereleasesAllowed admits all.
	PrereleasesAllowed
	// PrereleasesExcluded admits none, even if a clause names one.
	PrereleasesExcluded
)

// Match reports whether v satisfies all clauses; a pre-release does so only if pre is true.
func (s Set) Match(v Version, pre bool) bool {
	if v.IsZero() || !pre && v.IsPrerelease() {
		return false
	}
	if len(s.specs) == 0 {
		return true
	}
	if !s.both.Contains(v) {
		return false
	}
	for i := range s.specs {
		if !s.specs[i].spelled(v) {
			return false
		}
	}
	return true
}

// Contains reports whether v satisfies the set when v is all there is: with [PrereleasesIfNeeded], a pre-release is then
// needed. To choose among versions use [Set.Filter].
func (s Set) Contains(v Version, p Prereleases) bool {
	return s.Match(v, p != PrereleasesExcluded)
}

// ContainsString is Contains for a version in any spelling, which "===" compares as it is. Text that is no version
// satisfies "===" and the empty set.
func (s Set) ContainsString(text string, p Prereleases) bool {
	v, err := Parse(text)
	if err == nil && p == PrereleasesExcluded && v.IsPrerelease() {
		return false
	}
	for i := range s.specs {
		sp := &s.specs[i]
		if sp.Op == "===" && !equalFold(sp.Text, text) || sp.Op != "===" && err != nil {
			return false
		}
	}
	return err != nil || len(s.specs) == 0 || s.both.Contains(v)
}

// Filter returns those of the versions that satisfy the set, in their order.
func (s Set) Filter(versions []Version, p Prereleases) []Version {
	admit := p == PrereleasesAllowed || p == PrereleasesIfNeeded && s.asks
	var out, held []Version
	for _, v := range versions {
		switch {
		case !s.Match(v, true):
		case admit || !v.IsPrerelease():
			out = append(out, v)
		case p == PrereleasesIfNeeded:
			held = append(held, v)
		}
	}
	if len(out) == 0 {
		return held
	}
	return out
}
