package resolve

import "github.com/layerpack/layerpack/pkg/pipwheel/version"

// node is what PubGrub calls a package: a distribution or an extra of one.
type node struct {
	name      int
	extra     string
	base      int // the node of the distribution itself
	incompats []*incompat
}

type nodeKey struct {
	name  int
	extra string
}

// nameState is what is known of a distribution, whatever its extras.
type nameState struct {
	name     string
	rank     rank
	universe *universe // nil until it was needed
}

type edge struct{ node, target int }

type choiceKey struct {
	node    int
	version string
}

// of returns the node of a name or an extra of it, and makes it when it is new.
func (s *solver) of(name, extra string) int {
	i, ok := s.nameOf[name]
	if !ok {
		i = len(s.names)
		s.nameOf[name] = i
		s.names = append(s.names, nameState{name: name, rank: rank{index: -1}})
		s.limit(s.of(name, ""))
	}
	key := nodeKey{i, extra}
	n, ok := s.nodeOf[key]
	if !ok {
		base := len(s.nodes)
		if extra != "" {
			base = s.of(name, "")
		}
		n = len(s.nodes)
		s.nodeOf[key] = n
		s.nodes = append(s.nodes, node{name: i, extra: extra, base: base})
		s.trail.about = append(s.trail.about, knowledge{all: nothing()})
	}
	return n
}

// limit adds what the user says of a name however it comes in.
func (s *solver) limit(n int) {
	name := s.names[s.nodes[n].name].name
	for _, c := range s.rules.constraints {
		if c.Key() == name && !c.Specifiers.IsEmpty() {
			s.add(&incompat{
				terms: []literal{{n, in(c.Specifiers.Range().Complement())}},
				cause: cause{kind: limited, node: n, set: c.Specifiers.Range(), text: c.Specifiers.String(), origin: c.Origin},
			})
		}
	}
	if inst := s.rules.installed[name]; inst != nil && s.rules.keep[name] {
		only := version.Exactly(inst.Version)
		s.add(&incompat{
			terms: []literal{{n, in(only.Complement())}},
			cause: cause{kind: kept, node: n, set: only, holder: inst},
		})
	}
}
