package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// maxNamed is how many versions are named.
const maxNamed = 5

// unfit returns the versions that there would be in the range of a noVersions fact.
func (w wording) unfit(c *incompat) []Unfit {
	u := w.s.names[w.s.nodes[c.cause.node].name].universe
	if u == nil {
		return nil
	}
	var out []Unfit
	for _, f := range u.unfit {
		if c.terms[0].rng.Contains(f.Version) || f.Version.IsZero() {
			out = append(out, f)
		}
	}
	return out
}

// none tells why no version is in a range.
func (w wording) none(c *incompat) string {
	name := w.name(c.cause.node)
	if unfit := w.unfit(c); len(unfit) > 0 {
		return w.unfitness(name, unfit)
	}
	options := w.options(c.cause.node)
	if len(options) == 0 {
		u := w.s.names[w.s.nodes[c.cause.node].name].universe
		if len(u.unfit) == 0 {
			return "there is nothing named " + w.s.names[w.s.nodes[c.cause.node].name].name
		}
		return "nothing matches " + w.object(literal{c.cause.node, in(w.wide(c))})
	}
	var there []string
	for _, v := range options[:min(len(options), maxNamed)] {
		there = append(there, v.String())
	}
	if len(options) > maxNamed {
		there = append(there, fmt.Sprintf("%d older ones", len(options)-maxNamed))
	}
	verb := "are"
	if len(there) == 1 {
		verb = "is"
	}
	return fmt.Sprintf("nothing matches %s (there %s %s)", w.object(literal{c.cause.node, in(w.wide(c))}), verb, listed(there, "and"))
}

// wide returns a range that some requirement names and that has no version either, for a plainer sentence: a wider one than
// that of the fact, else a narrower one.
func (w wording) wide(c *incompat) version.Range {
	rng, options := c.terms[0].rng, w.options(c.cause.node)
	best := rng
	for _, o := range w.s.nodes[c.cause.node].incompats {
		why := o.cause
		if why.kind != asked && why.kind != dependency || why.target != c.cause.node || slices.ContainsFunc(options, why.set.Contains) {
			continue
		}
		if rng.SubsetOf(why.set) || best.Equal(rng) && why.set.SubsetOf(rng) {
			best = why.set
		}
	}
	return best
}

// unfitness tells why versions do not fit, the newest of each kind of reason.
func (w wording) unfitness(name string, unfit []Unfit) string {
	var out []string
	for len(unfit) > 0 {
		f := unfit[0]
		same := 0
		unfit = slices.DeleteFunc(unfit, func(o Unfit) bool {
			if o.Why == f.Why {
				same++
			}
			return o.Why == f.Why
		})
		subject := name
		if !f.Version.IsZero() {
			subject += " " + f.Version.String()
		}
		if same > 1 {
			subject += fmt.Sprintf(" (like %s)", counted(same-1, "older version"))
		}
		out = append(out, subject+" "+w.reason(f))
	}
	return strings.Join(out, " and ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (w wording) reason(f Unfit) string {
	text, detail := f.text(), ""
	if text != "" {
		detail = ": " + text
	}
	switch f.Why {
	case OnlySource:
		return "has no wheel, only source, which needs a build" + detail
	case WrongPlatform:
		if text != "" {
			return text
		}
		return "has no wheel for the image"
	case WrongPython:
		return fmt.Sprintf("is for Python %s, and the image has %s", text, w.s.rules.python)
	case WasYanked:
		return "was yanked by its authors" + detail
	case IsPrerelease:
		return "is a pre-release" + detail
	case TooNew:
		return "is newer than what was asked for" + detail
	}
	return "cannot be used" + detail
}
