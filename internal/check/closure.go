package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Distribution is one that is installed in the base, or will be in the image.
type Distribution struct {
	Name, Version  string   // as METADATA spells them
	Requires       []string // its Requires-Dist lines
	RequiresPython string   // its Requires-Python, empty without one
	Wheel          string   // the file name of the wheel that brings it; empty: the base has it
}

// Installed are the distributions of a base.
func Installed(base []pipwheel.Distribution) []Distribution {
	out := make([]Distribution, 0, len(base))
	for _, d := range base {
		out = append(out, Distribution{Name: d.Name, Version: d.Version, Requires: d.Requires})
	}
	return out
}

func (d Distribution) String() string { return printable(d.Name) + " " + printable(d.Version) }

// Closure returns what `pip check` would find in the image and not in the base: requirements of
// distributions in after that no distribution there satisfies, errors first. before and after hold
// everything installed; of several with one name the first counts, as Python sees it.
//
// As with pip, a requirement counts when its marker is true without an extra, a pre-release satisfies
// it, and the extras that it asks for are not looked at. Published mistakes are read leniently.
// A marker that depends on the host's kernel is not known, and not judged. A requirement that the base's
// own distribution of that name already had and did not have satisfied is not the build's fault.
func Closure(before, after []Distribution, env marker.Environment) []Finding {
	was := newInstalled(before)
	broken := map[string]bool{}
	for _, u := range was.unmet(env) {
		broken[u.key()] = true
	}
	now := newInstalled(after)
	var out []Finding
	for _, u := range now.unmet(env) {
		if !broken[u.key()] {
			out = append(out, u.finding(was, now))
		}
	}
	return sorted(out)
}

// Python returns the distributions from wheels whose Requires-Python leaves the image's Python out.
// pip compares it even where it leaves requirements unchecked.
func Python(installed []Distribution, env marker.Environment) []Finding {
	var out []Finding
	for _, d := range installed {
		if f, bad := pythonFinding(d, env); bad {
			out = append(out, f)
		}
	}
	return sorted(out)
}

// installed is what Python sees.
type installed struct {
	list   []Distribution
	byName map[string]Distribution // by normalised name
}

func newInstalled(all []Distribution) installed {
	in := installed{byName: make(map[string]Distribution, len(all))}
	for _, d := range all {
		name := distname.Normalize(d.Name)
		if _, ok := in.byName[name]; !ok {
			in.byName[name] = d
			in.list = append(in.list, d)
		}
	}
	slices.SortFunc(in.list, func(a, b Distribution) int {
		return cmp.Compare(distname.Normalize(a.Name), distname.Normalize(b.Name))
	})
	return in
}

// unmet is a requirement that is not satisfied.
type unmet struct {
	who  Distribution
	name string // normalised, of what is required
	want string // the requirement without its marker; as written if it cannot be read
	err  error  // why it cannot be read
}

// key tells whether two are the same requirement of the same distribution, in whatever version.
func (u unmet) key() string {
	return distname.Normalize(u.who.Name) + "\x00" + u.want
}

func (in installed) unmet(env marker.Environment) []unmet {
	var out []unmet
	for _, d := range in.list {
		seen := map[string]bool{}
		for _, line := range d.Requires {
			u, bad := in.judge(d, line, env)
			if bad && !seen[u.want] {
				seen[u.want] = true
				out = append(out, u)
			}
		}
	}
	return out
}

// judge reports whether a requirement of d is not satisfied.
func (in installed) judge(d Distribution, line string, env marker.Environment) (unmet, bool) {
	r, _, err := marker.ParseRequirementLenient(line)
	if err != nil {
		return unmet{who: d, want: line, err: err}, true
	}
	m := r.Marker
	r.Marker = marker.Marker{}
	u := unmet{who: d, name: r.Key(), want: r.String()}
	for _, field := range m.Fields() {
		if field == "platform_release" || field == "platform_version" {
			return u, false
		}
	}
	if applies, err := m.Evaluate(env); err != nil || !applies {
		return u, false
	}
	have, ok := in.byName[u.name]
	return u, !ok || !r.Specifiers.ContainsString(have.Version, version.PrereleasesAllowed)
}

// finding says who wants what, what is there, and whose they are.
func (u unmet) finding(was, now installed) Finding {
	f := Finding{Subject: u.who.String(), Fix: "or let it through with --no-deps"}
	own := u.who.Wheel == ""
	if own {
		f.Subject = "the base's " + f.Subject
	}
	if u.err != nil {
		f.Rule, f.Warning, f.Fix = Unreadable, true, ""
		f.Cause = fmt.Sprintf("its requirement %q cannot be read, and is not checked", printable(u.want))
		return f
	}
	want := printable(u.want)
	have, ok := now.byName[u.name]
	switch old, had := was.byName[u.name]; {
	case !ok && had:
		f.Rule = MissingDist
		f.Cause = fmt.Sprintf("needs %s; the build removes the base's %s", want, old.Version)
	case !ok:
		f.Rule = MissingDist
		f.Cause = fmt.Sprintf("needs %s, which is not installed", want)
	case have.Wheel == "":
		f.Rule = UnmetVersion
		f.Cause = fmt.Sprintf("needs %s; the base has %s", want, printable(have.Version))
	default:
		f.Rule = UnmetVersion
		f.Cause = fmt.Sprintf("needs %s; the image would have %s (%s)", want, printable(have.Version), printable(have.Wheel))
		if had {
			f.Cause += fmt.Sprintf(" in place of the base's %s", printable(old.Version))
		}
	}
	if own {
		f.Fix = fmt.Sprintf("the base pins it: add the requirement '%s', take another base, ", want) + f.Fix
	} else {
		f.Fix = fmt.Sprintf("add a wheel or requirement for '%s', ", want) + f.Fix
	}
	return f
}

// pythonFinding compares Requires-Python with the image's interpreter, as pip does before it installs. One that
// cannot be read is ignored, as pip does.
func pythonFinding(d Distribution, env marker.Environment) (Finding, bool) {
	if d.Wheel == "" || d.RequiresPython == "" {
		return Finding{}, false
	}
	set, _, err := version.ParseSetLenient(d.RequiresPython)
	if err != nil || set.ContainsString(env.PythonFullVersion, version.PrereleasesAllowed) {
		return Finding{}, false
	}
	return Finding{
		Rule: RequiresPython, Subject: printable(d.Wheel),
		Cause: fmt.Sprintf("%s is for Python %s; the image has %s", d, printable(d.RequiresPython), env.PythonFullVersion),
		Fix:   "take a version of it that supports this Python, or another base",
	}, true
}
