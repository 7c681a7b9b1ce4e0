package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// wording finds words for incompatibilities.
type wording struct{ s *solver }

// fact tells an outside fact.
func (w wording) fact(c *incompat) string {
	why := c.cause
	name := w.name(why.node)
	switch why.kind {
	case asked:
		text := fmt.Sprintf("you ask for %s%s", name+why.text, place(why.origin))
		if len(c.terms) == 0 {
			text += ", which nothing can be"
		}
		return text
	case limited:
		return fmt.Sprintf("%s is limited to %s%s", name, why.text, place(why.origin))
	case kept:
		return fmt.Sprintf("%s %s of the base is to be kept", name, why.holder.Version)
	case held:
		return fmt.Sprintf("%s %s of the base, for which nothing asks and which therefore stays, needs %s", why.holder.Name, why.holder.Version, name+why.text)
	case wrongPython:
		return fmt.Sprintf("%s is for Python %s, and the image has %s", w.subject(c.terms[0]), why.text, w.s.rules.python)
	case unusable:
		return fmt.Sprintf("%s cannot be used: %s", w.subject(c.terms[0]), why.text)
	case noVersions:
		return w.none(c)
	case dependency:
		return w.need(c)
	}
	return w.claim(c)
}

// need tells a requirement of a distribution.
func (w wording) need(c *incompat) string {
	why := c.cause
	subject := w.subject(c.terms[0])
	if why.holder != nil {
		subject = fmt.Sprintf("%s %s of the base", w.name(why.node), why.holder.Version)
	}
	object := w.name(why.target) + why.text
	if why.joined {
		object = "its own range of " + w.object(literal{why.target, in(why.set)})
	}
	if len(c.terms) == 1 && why.set.IsEmpty() {
		object += ", which nothing can be"
	}
	return subject + " needs " + object + place(why.origin)
}

// claim tells what an incompatibility says, whatever its reason.
func (w wording) claim(c *incompat) string {
	var have, need []string
	for _, l := range c.terms {
		if l.neg {
			need = append(need, w.object(l))
		} else {
			have = append(have, w.subject(l))
		}
	}
	switch {
	case len(c.terms) == 0:
		return "the requirements cannot be met"
	case len(need) == 0 && len(have) == 1:
		if rest, ok := strings.CutPrefix(have[0], every); ok {
			return "no version of " + rest + " can be used"
		}
		return have[0] + " cannot be used"
	case len(need) == 0:
		return listed(have, "and") + " exclude each other"
	case len(have) == 0:
		return listed(need, "or") + " is needed"
	}
	verb := " needs "
	if len(have) > 1 {
		verb = " together need "
	}
	return listed(have, "and") + verb + listed(need, "or")
}

func listed(s []string, last string) string {
	if len(s) == 1 {
		return s[0]
	}
	return strings.Join(s[:len(s)-1], ", ") + " " + last + " " + s[len(s)-1]
}

func place(origin string) string {
	if origin == "" {
		return ""
	}
	return " (" + origin + ")"
}

// name returns the name of a node as requirements spell it.
func (w wording) name(n int) string {
	nd := w.s.nodes[n]
	name := w.s.names[nd.name].name
	if nd.extra != "" {
		name += "[" + nd.extra + "]"
	}
	return name
}

// options returns the versions that there are, newest first, as far as the solver knows.
func (w wording) options(n int) []version.Version {
	name := w.s.names[w.s.nodes[n].name]
	if name.universe == nil {
		if inst := w.s.rules.installed[name.name]; inst != nil {
			return []version.Version{inst.Version}
		}
		return nil
	}
	out := make([]version.Version, len(name.universe.options))
	for i, o := range name.universe.options {
		out[i] = o.version
	}
	return out
}

// every begins the subject when it is all versions.
const every = "every version of "

// subject names versions at the head of a sentence.
func (w wording) subject(l literal) string {
	options := w.options(l.node)
	if len(options) > 1 && !slices.ContainsFunc(options, func(v version.Version) bool { return !l.rng.Contains(v) }) {
		return every + w.name(l.node)
	}
	return w.object(l)
}

// object names versions: by what there is of them, else as a requirement spells them.
func (w wording) object(l literal) string {
	name, options := w.name(l.node), w.options(l.node)
	if text, ok := w.spelled(l); ok && (text != "" || len(options) != 1) {
		return name + text
	}
	var runs []string
	for i := 0; i < len(options); i++ {
		if !l.rng.Contains(options[i]) {
			continue
		}
		j := i
		for j+1 < len(options) && l.rng.Contains(options[j+1]) {
			j++
		}
		hi, lo := options[i], options[j]
		switch {
		case i == 0 && j == len(options)-1 && i != j:
			return name
		case i == j:
			runs = append(runs, lo.String())
		case i == 0:
			runs = append(runs, ">="+lo.String())
		case j == len(options)-1:
			runs = append(runs, "<="+hi.String())
		default:
			runs = append(runs, ">="+lo.String()+",<="+hi.String())
		}
		i = j
	}
	if len(runs) > 0 {
		return ranges(name, runs)
	}
	return w.gap(name, l, options)
}

// ranges puts ranges behind a name, a bare version after a space.
func ranges(name string, runs []string) string {
	if runs[0][0] != '<' && runs[0][0] != '>' {
		name += " "
	}
	if len(runs) > 4 {
		return fmt.Sprintf("%s%s and %d other ranges", name, strings.Join(runs[:3], " or "), len(runs)-3)
	}
	return name + strings.Join(runs, " or ")
}

// gap names a range in which there is nothing.
func (w wording) gap(name string, l literal, options []version.Version) string {
	switch n := len(options); {
	case l.rng.IsAny():
		return name
	case n == 0:
		return name + " " + l.rng.String()
	case l.rng.SubsetOf(from(options[0])):
		return name + ">" + options[0].String()
	case l.rng.Disjoint(from(options[n-1])):
		return name + "<" + options[n-1].String()
	}
	return "other versions of " + name
}

// spelled returns the specifiers of a requirement that means the same versions.
func (w wording) spelled(l literal) (string, bool) {
	for _, c := range w.s.nodes[l.node].incompats {
		if why := c.cause; (why.kind == asked || why.kind == dependency) && why.target == l.node && why.set.Equal(l.rng) {
			return why.text, true
		}
	}
	return "", false
}
