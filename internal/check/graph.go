package check

import (
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/elffacts"
)

// problem is one reason why one file cannot be loaded.
type problem struct {
	rule Rule
	file *File
	name string // of the missing library or loader, or the version of glibc
	at   string // where the base has it, for LibraryElsewhere
}

// graph is which new file loads which, and what of them cannot be loaded.
type graph struct {
	*search
	checked  []*File
	edges    map[*File][]*File
	own      map[*File][]problem
	severe   map[problem]bool // an error
	portable map[*File]bool   // reachable from an extension module: a wrong libc is an error
}

func newGraph(s *search) *graph {
	g := &graph{search: s, edges: map[*File][]*File{}, own: map[*File][]problem{}, severe: map[problem]bool{}, portable: map[*File]bool{}}
	for i := range s.Files {
		f := &s.Files[i]
		if f.Facts == nil || roleOf(f, s.Target) == foreign {
			continue
		}
		if !s.usable(f) {
			g.broken(f)
			continue
		}
		g.checked = append(g.checked, f)
		g.inspect(f)
	}
	g.weigh()
	return g
}

// broken notes an extension module that the loader would refuse: "file too short", "invalid ELF header".
func (g *graph) broken(f *File) {
	if f.Facts.Broken != "" && f.Facts.RunsOn(g.Target.Machine) && roleOf(f, g.Target) == module && tagged(f.Path) {
		p := problem{rule: BrokenLibrary, file: f, name: f.Facts.Broken}
		g.own[f] = append(g.own[f], p)
		g.checked = append(g.checked, f)
		g.severe[p] = f.Wheel != ""
	}
}

// inspect finds what is wrong with f itself, and what it loads.
func (g *graph) inspect(f *File) {
	note := func(r Rule, name, at string) {
		g.own[f] = append(g.own[f], problem{rule: r, file: f, name: name, at: at})
	}
	facts, libc := f.Facts, g.Target.Libc
	if kind := libcOf(facts); kind != "" && libc.Kind != "" && kind != libc.Kind {
		// gcompat, Alpine's layer for glibc programs, may make it work; whether it does is not known.
		if _, gcompat := g.at("/lib/libgcompat.so.0"); !gcompat {
			note(WrongLibc, kind, "")
		}
		return
	}
	if roleOf(f, g.Target) == program && facts.Interp != "" {
		if _, ok := g.at(path.Join("/", facts.Interp)); !ok {
			note(MissingLoader, facts.Interp, "")
			return
		}
	}
	have := elffacts.Version{Major: libc.Major, Minor: libc.Minor}
	if libc.Kind == "glibc" && !have.IsZero() && have.Less(facts.GlibcNeeded) {
		note(GlibcTooOld, facts.GlibcNeeded.String(), "")
	}
	for _, name := range facts.Needed {
		to, ok := g.find(f, name)
		switch {
		case to != nil:
			g.edges[f] = append(g.edges[f], to)
		case ok, injected(name), g.allowed(name):
		default:
			if places := g.places(name); len(places) > 0 {
				note(LibraryElsewhere, name, places[0])
			} else {
				note(MissingLibrary, name, "")
			}
		}
	}
}

func (g *graph) allowed(name string) bool {
	return slices.ContainsFunc(g.AllowMissing, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil || pattern == name
	})
}

// weigh decides which files' problems are errors, see [Libraries.Findings].
func (g *graph) weigh() {
	needed := map[*File]bool{}
	for _, to := range g.edges {
		for _, f := range to {
			needed[f] = true
		}
	}
	modules, others := map[string][]*File{}, map[string][]*File{}
	for _, f := range g.checked {
		switch {
		case f.Wheel == "":
		case roleOf(f, g.Target) == module:
			modules[f.Wheel] = append(modules[f.Wheel], f)
		case !needed[f]:
			others[f.Wheel] = append(others[f.Wheel], f)
		}
	}
	for wheel, entries := range modules {
		g.weighWheel(entries, promisesNothing(wheel))
		for f := range g.reach(entries) {
			g.portable[f] = true
		}
	}
	for wheel, entries := range others {
		if modules[wheel] == nil {
			g.weighWheel(entries, false)
		}
	}
}

// weighWheel makes errors of the problems that all entries of a wheel have in common. When each fails for another
// reason, and in a wheel that is judged always, all their problems are.
func (g *graph) weighWheel(entries []*File, always bool) {
	type cause struct {
		rule Rule
		name string
	}
	hits := map[cause]int{}
	for _, f := range entries {
		seen := map[cause]bool{}
		for p := range g.fatal([]*File{f}) {
			seen[cause{p.rule, p.name}] = true
		}
		if len(seen) == 0 && !always {
			return
		}
		for c := range seen {
			hits[c]++
		}
	}
	all := true
	for _, n := range hits {
		all = all && n < len(entries)
	}
	for p := range g.fatal(entries) {
		if always || all || hits[cause{p.rule, p.name}] == len(entries) {
			g.severe[p] = true
		}
	}
}

// fatal yields the problems that keep files, or what they load, from being loaded.
func (g *graph) fatal(files []*File) iter.Seq[problem] {
	return func(yield func(problem) bool) {
		for to := range g.reach(files) {
			for _, p := range g.own[to] {
				if p.rule != LibraryElsewhere && !yield(p) {
					return
				}
			}
		}
	}
}

// reach is files and all that they load.
func (g *graph) reach(files []*File) map[*File]bool {
	seen := map[*File]bool{}
	for todo := slices.Clone(files); len(todo) > 0; {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[f] {
			seen[f] = true
			todo = append(todo, g.edges[f]...)
		}
	}
	return seen
}

// promisesNothing reports whether a wheel's platform tag is a plain linux_*: it was made for the machine
// it was built on (PEP 513, "Rationale").
func promisesNothing(wheel string) bool {
	i := strings.LastIndexByte(wheel, '-')
	platform := strings.TrimSuffix(wheel[i+1:], ".whl")
	return strings.HasPrefix(platform, "linux_") && !strings.Contains(platform, "manylinux") && !strings.Contains(platform, "musllinux")
}
