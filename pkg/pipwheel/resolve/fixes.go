package resolve

import (
	"fmt"
	"slices"
)

// fixes lists what would change the outcome: first what is wrong with versions that there are, then the user's own lines
// and the base.
func (e *explainer) fixes() []string {
	var out, lines []string
	for _, c := range e.leaves {
		switch why := c.cause; why.kind {
		case noVersions:
			out = append(out, e.missing(c)...)
		case asked, limited:
			if why.text != "" || why.kind == asked {
				lines = append(lines, fmt.Sprintf("change or remove %s%s", e.name(why.node)+why.text, place(why.origin)))
			}
		case dependency:
			if why.origin != "" {
				lines = append(lines, fmt.Sprintf("change or remove %s%s", e.name(why.target)+why.text, place(why.origin)))
			}
		case held:
			lines = append(lines, fmt.Sprintf("ask for %s as well, so that a version that fits may replace the base's", why.holder.Name))
		case wrongPython:
			out = append(out, fmt.Sprintf("use a base with Python %s for %s", why.text, e.object(c.terms[0])))
		case kept:
			lines = append(lines, fmt.Sprintf("let %s be replaced", e.name(why.node)))
		}
	}
	return once(append(out, lines...))
}

// missing says what brings the versions of a noVersions fact within reach.
func (e *explainer) missing(c *incompat) []string {
	name := e.s.names[e.s.nodes[c.cause.node].name].name
	unfit := e.unfit(c)
	if u := e.s.names[e.s.nodes[c.cause.node].name].universe; len(u.unfit)+len(u.options) == 0 {
		return []string{fmt.Sprintf("check the spelling of %s, and that an index which has it is asked", name)}
	}
	var out []string
	seen := map[Why]bool{}
	for _, f := range unfit {
		if seen[f.Why] {
			continue
		}
		seen[f.Why] = true
		build := fmt.Sprintf("build a wheel on a machine like the image (pip wheel %s==%s) and give its folder with --wheels", name, f.Version)
		switch f.Why {
		case OnlySource:
			out = append(out, build)
		case WrongPlatform:
			out = append(out, "use a base that these wheels fit, or "+build)
		case WrongPython:
			out = append(out, fmt.Sprintf("use a base with Python %s for %s %s", f.text(), name, f.Version))
		case WasYanked:
			out = append(out, fmt.Sprintf("ask for %s==%s yourself, to have it although it was yanked", name, f.Version))
		case IsPrerelease:
			out = append(out, fmt.Sprintf("allow pre-releases of %s", name))
		case TooNew:
			out = append(out, fmt.Sprintf("move the date of --exclude-newer to take %s %s", name, f.Version))
		}
	}
	return out
}

// once keeps the first of equal texts.
func once(all []string) []string {
	var out []string
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
