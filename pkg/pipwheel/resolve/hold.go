package resolve

import "github.com/layerpack/layerpack/pkg/pipwheel/version"

// hold adds the requirements of distributions that stay in the base because nothing asks for them, where the versions
// chosen break them. It returns the nodes to look at again.
//
// Whether a distribution stays is known only at the end. One that holds back once does so for the rest of the resolution,
// even if a later choice would ask for it.
func (s *solver) hold() []int {
	all := s.needsOfBase()
	broken := map[int]bool{}
	for _, b := range all {
		if b.bad.Contains(s.trail.about[b.node].chosen.version) {
			broken[b.node] = true
		}
	}
	var changed []int
	for _, b := range all {
		if broken[b.node] {
			changed = append(changed, b.node)
			s.add(newIncompat(cause{
				kind: held, node: b.node, target: b.node, set: b.need.Specifiers.Range(), text: b.need.Specifiers.String(), holder: b.by,
			}, literal{b.node, in(b.bad)}))
		}
	}
	return changed
}

// baseNeed is a requirement of what stays untouched in the base on something that was chosen.
type baseNeed struct {
	by   *Installed
	need Requirement
	node int
	bad  version.Range // what breaks it; the version that the base has breaks nothing that is not broken already
}

func (s *solver) needsOfBase() []baseNeed {
	var out []baseNeed
	for _, inst := range s.rules.base {
		if n, ok := s.node(inst.Name); ok && s.trail.about[n].decided {
			continue
		}
		needs, err := s.rules.needs(inst.Metadata, "", true)
		if err != nil {
			continue
		}
		for _, q := range needs {
			n, ok := s.node(q.Key())
			if !ok || !s.trail.about[n].decided || q.Specifiers.IsEmpty() {
				continue
			}
			bad := q.Specifiers.Range().Complement()
			if own := s.rules.installed[q.Key()]; own != nil {
				bad = bad.Intersect(version.Exactly(own.Version).Complement())
			}
			out = append(out, baseNeed{inst, q, n, bad})
		}
	}
	return out
}
