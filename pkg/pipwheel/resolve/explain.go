package resolve

import (
	"fmt"
	"slices"
)

// explainer writes a derivation as sentences (PubGrub, "Error reporting"): each derived incompatibility is a conclusion
// from two others; chains of conclusions of which each uses one outside fact more are told in one go.
type explainer struct {
	wording
	uses   map[*incompat]int // by how many conclusions it is used
	number map[*incompat]int // by which others refer to it
	last   int
	lines  []string
	leaves []*incompat // outside facts, in the order of their use
}

// see passes over conclusions that say nothing new to a reader: that an extra goes with its distribution, and that there
// is nothing in the gaps between versions.
func (e *explainer) see(c *incompat) *incompat {
	for c.cause.kind == derived {
		l, r := c.cause.left, c.cause.right
		switch {
		case e.silent(l, r):
			c = r
		case e.silent(r, l):
			c = l
		default:
			return c
		}
	}
	return c
}

func (e *explainer) silent(c, other *incompat) bool {
	switch c.cause.kind {
	case extraOf:
		return true
	case noVersions:
		t, ok := other.find(c.cause.node)
		return ok && len(e.unfit(c)) == 0 && slices.ContainsFunc(e.options(c.cause.node), t.rng.Contains)
	}
	return false
}

func (e *explainer) premises(c *incompat) (a, b *incompat) {
	return e.see(c.cause.left), e.see(c.cause.right)
}

func (e *explainer) countUses(c *incompat) {
	if e.uses[c]++; e.uses[c] > 1 || c.cause.kind != derived {
		return
	}
	a, b := e.premises(c)
	e.countUses(a)
	e.countUses(b)
}

// walk writes what leads to c, and c.
func (e *explainer) walk(c *incompat) {
	if c.cause.kind != derived {
		e.leaves = append(e.leaves, c)
		e.say("because", e.fact(c))
		if len(c.terms) == 0 {
			e.say("so", e.claim(c))
		}
		return
	}
	start, steps := e.chain(c)
	word := "because"
	if start != nil {
		word = "and"
		e.start(start, len(steps) == 0)
	}
	said := 0
	for len(steps) > 0 {
		n := together(steps)
		for _, f := range joined(steps[:n]) {
			e.say(word, e.fact(f))
			word = "and"
			said++
		}
		end := steps[n-1].conclusion
		if steps = steps[n:]; end != nil && (said > 1 || len(steps) == 0) {
			e.say("so", e.claim(end))
			said = 0
		}
	}
	if e.uses[c] > 1 {
		e.label(c)
	}
}

// say adds a line, words that link lines under each other.
func (e *explainer) say(word, text string) {
	e.lines = append(e.lines, fmt.Sprintf("%7s %s", word, text))
}

// start makes the conclusion from which a chain goes on the last one written; only when the chain is empty it has two
// derived premises of its own.
func (e *explainer) start(c *incompat, whole bool) {
	if !whole {
		if e.number[c] == 0 {
			e.walk(c)
		} else {
			e.say("because", e.numbered(c))
		}
		return
	}
	a, b := e.premises(c)
	if e.number[a] != 0 {
		a, b = b, a
	}
	switch {
	case e.number[a] != 0:
		e.say("because", e.numbered(a))
	case e.number[b] != 0:
		e.walk(a)
	default:
		e.walk(b)
		e.label(b)
		e.walk(a)
	}
	e.say("and", e.numbered(b))
	e.say("so", e.claim(c))
}

func (e *explainer) numbered(c *incompat) string {
	return fmt.Sprintf("%s, as (%d) says", e.claim(c), e.number[c])
}

func (e *explainer) label(c *incompat) {
	if e.number[c] == 0 {
		e.last++
		e.number[c] = e.last
		e.lines[len(e.lines)-1] += fmt.Sprintf(" (%d)", e.last)
	}
}
