package check

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// problems turns what was found into findings, one for each wheel and cause.
func (g *graph) problems() []Finding {
	type key struct {
		rule    Rule
		warning bool
		subject string
		name    string
	}
	groups := map[key][]problem{}
	for _, f := range g.checked {
		for _, p := range g.own[f] {
			k := key{p.rule, !g.isError(p), cmp.Or(f.Wheel, "/"+f.Path), p.name}
			if p.rule == GlibcTooOld || p.rule == MissingLibrary {
				k.name = "" // one for all versions, and for all libraries
			}
			groups[k] = append(groups[k], p)
		}
	}
	var out []Finding
	for k, ps := range groups {
		slices.SortFunc(ps, func(a, b problem) int {
			return cmp.Or(-cmp.Compare(minor(a), minor(b)), cmp.Compare(a.file.Path, b.file.Path))
		})
		var f Finding
		if k.rule == MissingLibrary {
			f = missing(ps)
		} else {
			f = g.say(ps[0])
			f.Cause += andMore(len(ps) - 1)
		}
		f.Rule, f.Warning, f.Subject = k.rule, k.warning, k.subject
		out = append(out, f)
	}
	return out
}

func minor(p problem) int {
	if p.rule == GlibcTooOld {
		return p.file.Facts.GlibcNeeded.Minor
	}
	return 0
}

func (g *graph) isError(p problem) bool {
	switch p.rule {
	case LibraryElsewhere:
		return false // the user may load it, or set LD_LIBRARY_PATH, where this is not seen
	case GlibcTooOld, WrongLibc:
		return g.severe[p] || g.portable[p.file]
	}
	return g.severe[p]
}

// say describes one problem: cause and fix.
func (g *graph) say(p problem) Finding {
	file, libc := "/"+p.file.Path, g.Target.Libc
	switch p.rule {
	case GlibcTooOld:
		return Finding{
			Cause: fmt.Sprintf("%s needs glibc %s or newer; the base has %d.%d", file, p.name, libc.Major, libc.Minor),
			Fix:   "use a base with a newer glibc, or a wheel that was built for an older one",
		}
	case WrongLibc:
		return Finding{
			Cause: fmt.Sprintf("%s was built for %s; the base has %s", file, p.name, libc.Kind),
			Fix:   fmt.Sprintf("use a wheel that was built for %s, or a base with %s", libc.Kind, p.name),
		}
	case MissingLoader:
		return Finding{
			Cause: fmt.Sprintf("%s starts with the dynamic linker %s, which the base does not have", file, printable(p.name)),
			Fix:   "use a wheel that was built for the base's distribution, or another base",
		}
	case BrokenLibrary:
		return Finding{Cause: fmt.Sprintf("%s is no whole ELF file: %s", file, p.name), Fix: "build or download the wheel again"}
	case LibraryElsewhere:
		return Finding{
			Cause: fmt.Sprintf("%s needs %s; the base has it as /%s, where the loader does not look by itself", file, printable(p.name), p.at),
			Fix:   "say --env LD_LIBRARY_PATH=/" + path.Dir(p.at) + " if nothing else loads it",
		}
	}
	return Finding{}
}

func andMore(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d more of its files)", n)
}

// maxLibraries is how many libraries one message names.
const maxLibraries = 8

// missing describes the libraries that one wheel misses: those first that most of its files need.
func missing(ps []problem) Finding {
	first, count := map[string]string{}, map[string]int{}
	for _, p := range ps {
		if count[p.name]++; count[p.name] == 1 {
			first[p.name] = "/" + p.file.Path
		}
	}
	names := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(-cmp.Compare(count[a], count[b]), cmp.Compare(a, b))
	})
	if len(names) == 1 {
		n := names[0]
		return Finding{
			Cause: fmt.Sprintf("%s needs the shared library %s, which neither the base nor a new layer has%s", first[n], printable(n), andMore(count[n]-1)),
			Fix:   missingFix(names),
		}
	}
	var parts []string
	for _, n := range names[:min(len(names), maxLibraries)] {
		parts = append(parts, fmt.Sprintf("%s (needed by %s)", printable(n), first[n]))
	}
	if n := len(names) - maxLibraries; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", n))
	}
	return Finding{
		Cause: "its files need shared libraries that neither the base nor a new layer has: " + strings.Join(parts, ", "),
		Fix:   missingFix(names),
	}
}

func missingFix(names []string) string {
	have, what := "use a base that has it", "'"+printable(names[0])+"'"
	if len(names) > 1 {
		have, what = "use a base that has them", "GLOB"
	}
	if pkgs := debianPackages(names); pkgs != "" {
		have += " (" + pkgs + ")"
	}
	return have + ", or let it through with --allow-missing-lib " + what
}

// printable is a name from a foreign file as it may stand in a message.
func printable(s string) string {
	if len(s) > 200 {
		s = s[:200] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\'' {
			return '?'
		}
		return r
	}, s)
}
