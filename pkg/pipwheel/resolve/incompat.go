package resolve

import (
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// incompat is a set of terms that no solution satisfies all of (PubGrub, "Incompatibility"). One without terms says that
// there is no solution.
type incompat struct {
	terms []literal // one a node
	cause cause
	dead  bool // some term is contradicted for as long as the trail is not cut
}

// literal is a term and the node that it speaks of.
type literal struct {
	node int
	term
}

// cause says why an incompatibility holds.
type cause struct {
	kind        causeKind
	left, right *incompat     // derived
	node        int           // the dependent, or the node that the others speak of
	target      int           // what is required
	set         version.Range // of target, or of node for a limit
	text        string        // the requirement as written, or the reason
	spec        version.Set   // dependency: what text says
	origin      string        // of the user's line
	pinned      bool          // text names one version
	joined      bool          // of several requirements that differ: set is all they allow
	holder      *Installed    // of the base: what requires, what is kept
}

type causeKind uint8

const (
	derived     causeKind = iota // from two others
	asked                        // a requirement of the user
	limited                      // a constraint
	kept                         // Input.Keep
	held                         // a distribution that stays in the base requires it
	dependency                   // node requires target
	extraOf                      // an extra goes with its distribution in the same version
	noVersions                   // no candidate is in the range
	wrongPython                  // a candidate is for other Pythons
	unusable                     // a candidate cannot be used
)

// resolvent is what follows from both for the nodes other than the one on which they disagree.
func resolvent(a, b *incompat, node int) *incompat {
	terms := make([]literal, 0, len(a.terms)+len(b.terms)-1)
	for _, l := range a.terms {
		o, ok := b.find(l.node)
		switch {
		case !ok:
		case l.node == node:
			if l.term = l.or(o); l.isNothing() {
				continue
			}
		default:
			l.term = l.and(o)
		}
		terms = append(terms, l)
	}
	for _, l := range b.terms {
		if _, ok := a.find(l.node); !ok {
			terms = append(terms, l)
		}
	}
	return &incompat{terms: terms, cause: cause{kind: derived, left: a, right: b}}
}

// find returns the term of a node.
func (c *incompat) find(node int) (term, bool) {
	for i := range c.terms {
		if c.terms[i].node == node {
			return c.terms[i].term, true
		}
	}
	return term{}, false
}
