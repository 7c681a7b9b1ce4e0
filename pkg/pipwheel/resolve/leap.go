package resolve

import (
	"context"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// leapAfter is how many versions of a name are tried one after the other before older ones are probed.
const leapAfter = 16

// leap looks for the newest version of a node that does not need too new a version of something, when many did: at
// distances that double, then between the last that did and the first that did not. In families such as boto3 and
// botocore, where each version requires a narrow range that moves along, that is the version which trying one after the
// other would find, with a dozen files read for a thousand. Nothing is ruled out by it: the versions between stay what
// they are, and are tried in their turn should the result not last.
func (s *solver) leap(ctx context.Context, n, first int) (int, error) {
	u := s.names[s.nodes[n].name].universe
	all := append([]int{first}, u.after(first, s.trail.about[n].all.rng, len(u.options))...)
	probes := []int{0}
	for d := 2; d < len(all); d *= 2 {
		probes = append(probes, d-1)
	}
	probes = append(probes, len(all)-1)
	for _, p := range probes {
		if o := u.options[all[p]]; o.installed == nil {
			s.fetch.meta(ctx, o.candidate)
		}
	}
	ahead := -1 // the last known to need something too new
	for _, p := range probes {
		up, err := s.tooNew(ctx, n, all[p])
		if err != nil {
			return 0, err
		}
		if up {
			ahead = p
			continue
		}
		for p-ahead > 1 {
			mid := (p + ahead) / 2
			if up, err = s.tooNew(ctx, n, all[mid]); err != nil {
				return 0, err
			}
			if up {
				ahead = mid
			} else {
				p = mid
			}
		}
		return all[p], nil
	}
	return first, nil
}

// tooNew reports whether option i of a node needs versions of something above all that are still possible.
func (s *solver) tooNew(ctx context.Context, n, i int) (bool, error) {
	u := s.names[s.nodes[n].name].universe
	facts, err := s.facts(ctx, n, choice{option: u.options[i], cell: u.cell(i)})
	if err != nil {
		return false, err
	}
	for _, c := range facts {
		if c.cause.kind != dependency || !s.blocked(c, n) {
			continue
		}
		possible := s.trail.about[c.cause.target].all
		for _, sp := range c.cause.spec.Specifiers() {
			if v := sp.Version; c.cause.set.Contains(v) && !possible.neg && possible.rng.Disjoint(from(v)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// from holds v and all newer versions.
func from(v version.Version) version.Range {
	return version.Specifier{Op: ">=", Version: v}.Range()
}

// blocked reports whether all terms of c but that of node n are satisfied.
func (s *solver) blocked(c *incompat, n int) bool {
	for _, l := range c.terms {
		if l.node != n && s.trail.tell(l) != satisfied {
			return false
		}
	}
	return true
}
