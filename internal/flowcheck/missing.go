package flowcheck

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/pysource"
)

// builtin reports whether a module that is in no folder is there all the same: compiled into the
// interpreter, or made at start.
func (s *session) builtin(name string) bool {
	if name == "__main__" {
		return true
	}
	std, ok := pysource.Standard(name)
	return ok && std.In(s.env)
}

// taken reports whether a module that the project has may not be the one that is imported: its folder comes to the path when
// Prefect loads the script, and what has its name elsewhere may have been imported before.
func (s *session) taken(m *module) bool {
	if m.place.kind != plain && m.place.kind != pkg || !s.own[m.place.file] || s.hides(m) == "" {
		return false
	}
	dir := path.Dir(m.place.file)
	if m.place.kind == pkg {
		dir = path.Dir(dir)
	}
	value, _ := s.setting(s.entry, "PYTHONPATH")
	for _, early := range append(strings.Split(value, ":"), s.workdir()) {
		if n, ok := s.node(absolute(s.workdir(), early)); ok && early != "" && n.Path == dir {
			return false
		}
	}
	return true
}

// unseen reports whether the distribution of a module is installed, though in a way that its files do not show:
// in development mode, by an import hook.
func (s *session) unseen(name string) bool {
	_, ok := s.distribution(distribution(name))
	return ok
}

// installedDirs are the folders for packages.
func (i *inspector) installedDirs() []string {
	sites := []string{i.Python.Scheme.Purelib, i.Python.Scheme.Platlib}
	if i.Profile != nil {
		sites = append(sites, i.Profile.SiteDirs...)
	}
	return unique(sites)
}

// missing says why a module is not found and what would bring it.
func (s *session) missing(name string, dirs []string, near place) problem {
	p := problem{rule: MissingModule, module: name, changes: true, unsure: s.search.blind != ""}
	top, _, dotted := strings.Cut(name, ".")
	switch {
	case near.shut != "":
		p.rule = UnreadableFile
		p.cause = fmt.Sprintf("imports %s, which %s cannot reach: /%s lets nobody else in", name, s.user.who(), near.shut)
		p.fix = "install it where every user may read, or take the base's own user"
		return p
	case near.near != "":
		p.cause = fmt.Sprintf("imports %s, and /%s is made for another Python than the image's %s", name, near.near, minor(s.env.Python))
		p.fix = "bring a wheel for the image's Python: --pip " + distribution(name)
		return p
	case dotted && s.modules[top] != nil && s.modules[top].source != nil:
		parent := s.modules[top].place.file
		if i := strings.LastIndexByte(name, '.'); i > len(top) || !strings.HasPrefix(top, loaderPrefix) {
			parent = written(name[:i])
		}
		p.cause = fmt.Sprintf("imports %s, and the project's %s has no such module", written(name), parent)
		p.fix = "correct the name, or see that the file is not left out of the source (ignore rules)"
		return p
	}
	if std, ok := pysource.Standard(name); ok {
		s.notStandard(&p, std)
		return p
	}
	if s.elsewhere(&p, top) {
		return p
	}
	if extra, known := s.setting(s.entry, "EXTRA_PIP_PACKAGES"); extra != "" || !known || s.entry != nil && s.entry.Installs {
		p.unsure = true // more is installed when the container or the run starts
	}
	p.cause = fmt.Sprintf("imports %s, which nothing in the image brings", name)
	p.fix, p.absent = "add it: --pip "+distribution(name), true
	return p
}

// loaderPrefix begins the name that Prefect gives a script that it loads as a package.
const loaderPrefix = "__prefect_loader_"

// written is a module's name as a script has it, for which its own package has no name.
func written(name string) string {
	if rest, ok := strings.CutPrefix(name, loaderPrefix); ok {
		if i := strings.IndexByte(rest, '.'); i >= 0 {
			return rest[i:]
		}
		return "."
	}
	return name
}

// distribution is what most likely brings a module.
func distribution(module string) string {
	name, _ := pysource.Distribution(module)
	return name
}

// notStandard is for modules that the standard library of another version or system has.
func (s *session) notStandard(p *problem, std pysource.StandardModule) {
	dist, known := pysource.Distribution(std.Name)
	switch {
	case std.Platform != "" && std.Platform != "linux":
		p.cause = fmt.Sprintf("imports %s, which Python has on %s alone", std.Name, std.Platform)
		p.fix = "import it under a condition on sys.platform"
		return
	case std.Removed != "" && !std.In(s.env):
		p.cause = fmt.Sprintf("imports %s, which the standard library does not have since Python %s; the image has %s", std.Name, std.Removed, minor(s.env.Python))
		p.fix = "take a base with an older Python, or stop using it"
		if std.Name == "distutils" {
			_, p.unsure = s.distribution("setuptools")
			dist, known = "setuptools", true
		}
	default:
		p.cause = fmt.Sprintf("imports %s, which came to the standard library with Python %s; the image has %s", std.Name, std.Added, minor(s.env.Python))
		p.fix = "take a base with Python " + std.Added + " or later"
		if std.Name == "tomllib" {
			dist, known = "tomli", false
		}
	}
	if known && dist != std.Name {
		p.fix += ", or add --pip " + dist
	}
}

// elsewhere looks for the module among the project's files that are not on the path.
func (s *session) elsewhere(p *problem, top string) bool {
	places := s.within[top]
	if len(places) == 0 {
		return false
	}
	// What is a package's own module is reached through the package; other places come first.
	best := places[0]
	for _, d := range places {
		if !s.has(d, "__init__.py") {
			best = d
			break
		}
	}
	p.rule = ModuleElsewhere
	p.cause = fmt.Sprintf("imports %s, which the image has in /%s, where Python does not look", p.module, best)
	p.fix = "add --pythonpath /" + best
	if s.has(best, "__init__.py") {
		p.fix = fmt.Sprintf("write it as a part of its package (from %s import %s), or add --pythonpath /%s", path.Base(best), top, best)
	}
	if s.user.uid != 0 && slices.Contains(s.search.dirs, "/"+best) {
		p.fix = "let every user read /" + best
	}
	return true
}

// unreadable says that the user may not read a file.
func (i *inspector) unreadable(file, barred string) problem {
	return problem{
		rule: UnreadableFile, at: file,
		cause: fmt.Sprintf("%s may not read it: /%s is closed to others", i.user.who(), barred),
		fix:   "put it into a folder that every user may enter, such as one below /opt/prefect",
	}
}

// rootless is a relative import without a package.
func (s *session) rootless(m *module, im pysource.Import) problem {
	p := problem{rule: RelativeImport, at: m.place.file, line: im.Line, changes: true}
	p.cause = fmt.Sprintf("the relative import of %s%s goes beyond the package that the file is loaded in", strings.Repeat(".", im.Level), im.Module)
	p.fix = "import it by its full name, with the folder above on --pythonpath"
	return p
}
