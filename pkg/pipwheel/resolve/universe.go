package resolve

import (
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// universe is all that may be chosen of one name.
type universe struct {
	options []option // newest first
	unfit   []Unfit  // what there is besides, for messages
	finals  bool     // final versions go before pre-releases
}

// option is one version of a name.
type option struct {
	version   version.Version
	candidate Candidate
	installed *Installed // instead of the candidate
}

// universe sorts out what an index offers.
func (r *rules) universe(name string, c Candidates) *universe {
	policy := r.prereleases(name)
	u := &universe{unfit: slices.Clone(c.Unfit), finals: policy == version.PrereleasesIfNeeded}
	u.options = make([]option, 0, len(c.Fit)+1)
	for _, o := range c.Fit {
		o.Name = name
		var no Unfit
		switch {
		case !o.RequiresPython.Range().Contains(r.python):
			no = Unfit{Why: WrongPython, Text: o.RequiresPython.String()}
		case o.Yanked && !r.mayBeYanked(name, o.Version):
			no = Unfit{Why: WasYanked, Text: o.YankedReason}
		case o.Version.IsPrerelease() && policy == version.PrereleasesExcluded:
			no = Unfit{Why: IsPrerelease}
		default:
			u.options = append(u.options, option{version: o.Version, candidate: o})
			continue
		}
		no.Version = o.Version
		u.unfit = append(u.unfit, no)
	}
	if inst := r.installed[name]; inst != nil {
		u.options = append(u.options, option{version: inst.Version, installed: inst})
	}
	u.sort()
	return u
}

// single is the universe of a name that a requirement fixes to a URL.
func (r *rules) single(name string, c Candidate) *universe {
	c.Name = name
	u := &universe{options: []option{{version: c.Version, candidate: c}}}
	if !c.RequiresPython.Range().Contains(r.python) {
		u.options = nil
		u.unfit = []Unfit{{Version: c.Version, Why: WrongPython, Text: c.RequiresPython.String()}}
	}
	return u
}

// sort puts the newest first; of equal versions, the installed one remains, else the first.
func (u *universe) sort() {
	slices.SortStableFunc(u.options, func(a, b option) int {
		if c := b.version.Compare(a.version); c != 0 || (a.installed == nil) == (b.installed == nil) {
			return c
		}
		if a.installed != nil {
			return -1
		}
		return 1
	})
	u.options = slices.CompactFunc(u.options, func(a, b option) bool { return a.version.Equal(b.version) })
	slices.SortStableFunc(u.unfit, func(a, b Unfit) int { return b.Version.Compare(a.Version) })
}

// best returns the index of the option to take from a range, or -1: the preferred version if there is one, else the newest.
func (u *universe) best(rng version.Range, preferred version.Version) int {
	if !preferred.IsZero() && rng.Contains(preferred) {
		if i := u.index(preferred); i >= 0 {
			return i
		}
	}
	spare := -1
	for i := range u.options {
		switch v := u.options[i].version; {
		case !rng.Contains(v):
		case !u.finals || !v.IsPrerelease():
			return i
		case spare < 0:
			spare = i
		}
	}
	return spare
}

// after returns the indexes of up to n options of a range that would be taken next after option i.
func (u *universe) after(i int, rng version.Range, n int) []int {
	var out []int
	pre := u.options[i].version.IsPrerelease()
	for j := i + 1; j < len(u.options) && len(out) < n; j++ {
		v := u.options[j].version
		if rng.Contains(v) && (!u.finals || v.IsPrerelease() == pre) {
			out = append(out, j)
		}
	}
	return out
}

func (u *universe) index(v version.Version) int {
	i, ok := slices.BinarySearchFunc(u.options, v, func(o option, v version.Version) int { return v.Compare(o.version) })
	if !ok {
		return -1
	}
	return i
}

// widen extends a range without options to all above the newest option, or below the oldest one, if it reaches there and
// that takes in nothing unfit: what is then learned is shorter to say.
func (u *universe) widen(rng version.Range) version.Range {
	ends := []version.Range{version.Any()}
	if n := len(u.options); n > 0 {
		newest := u.options[0].version
		ends = []version.Range{
			from(newest).Intersect(version.Exactly(newest).Complement()),
			from(u.options[n-1].version).Complement(),
		}
	}
	out := rng
	for _, end := range ends {
		unfit := func(o Unfit) bool { return end.Contains(o.Version) && !rng.Contains(o.Version) }
		if !end.Disjoint(rng) && !slices.ContainsFunc(u.unfit, unfit) {
			out = out.Union(end)
		}
	}
	return out
}

// cell is a range that holds option i and no other: all up to the next newer one, so that what is known of neighbours
// joins to one span.
func (u *universe) cell(i int) version.Range {
	r := from(u.options[i].version)
	if i > 0 {
		r = r.Intersect(from(u.options[i-1].version).Complement())
	}
	return r
}
