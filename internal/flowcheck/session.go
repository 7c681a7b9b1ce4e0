package flowcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/pysource"
)

// problem is one reason why a module cannot be imported.
type problem struct {
	rule    check.Rule
	at      string // the file that has it, relative
	line    int    // 0 for none
	cause   string
	fix     string
	unsure  bool   // it may be otherwise
	changes bool   // code that changes the path may make it otherwise
	module  string // of a missing module: its name
	absent  bool   // nothing brings the module: the fix names a distribution
}

// module is one that has been looked for.
type module struct {
	name     string
	place    place
	source   *source
	pkg      string // what relative imports start from; empty where they cannot
	problems []problem
	asked    bool // its imports have been, or are being, followed
}

// session follows the imports of all entrypoints that look for modules in the same places.
type session struct {
	*inspector
	entry   *Entrypoint // one of them
	search  search
	modules map[string]*module
	order   []*module // those of the project, as they were reached
	lazily  int       // how many of them have been asked what their functions import
	depth   int
}

// maxProblems is how many causes are kept of one module, and maxDots how long a dotted name may be to be followed.
const (
	maxProblems = 100
	maxDots     = 100
)

// maxDepth is how many imports are followed one within the other; real projects stay far below.
const maxDepth = 500

// session returns that of entrypoints with these folders in front and, where it is not empty, this name for the script.
func (i *inspector) session(e *Entrypoint, front []string, script string) *session {
	key := strings.Join(append(slices.Clone(front), script, i.settings(e)), "\x00")
	s := i.sessions[key]
	if s == nil {
		s = &session{inspector: i, entry: e, search: i.search(e, front), modules: map[string]*module{}}
		i.sessions[key] = s
	}
	return s
}

// settings are the variables of an entrypoint's run that decide where modules are looked for.
func (i *inspector) settings(e *Entrypoint) string {
	var words []string
	for _, name := range []string{"PYTHONPATH", "PYTHONHOME", "HOME", "EXTRA_PIP_PACKAGES"} {
		value, known := i.setting(e, name)
		words = append(words, value, fmt.Sprint(known))
	}
	words = append(words, fmt.Sprint(e != nil && e.Installs))
	return strings.Join(words, "\x00")
}

// load imports a module by its full name, and its packages before it.
func (s *session) load(name string) *module {
	if m, ok := s.modules[name]; ok {
		return m
	}
	m := &module{name: name}
	if strings.Count(name, ".") > maxDots {
		m.place.kind = opaque
		return m
	}
	s.modules[name] = m
	dirs, last := s.search.dirs, name
	if k := strings.LastIndexByte(name, '.'); k >= 0 {
		parent := s.load(name[:k])
		last = name[k+1:]
		switch {
		case len(parent.problems) > 0:
			m.problems = parent.problems
			return m
		case s.closed(parent) && (parent.source == nil || s.find(last, parent.place.dirs).kind == absent):
			m.place.kind = opaque
			return m
		}
		dirs = parent.place.dirs
	}
	m.place = s.find(last, dirs)
	if last == name && s.taken(m) {
		m.place = place{kind: opaque}
		return m
	}
	if m.place.kind == absent && (last != name || m.place.near != "" || m.place.shut != "" || !s.builtin(name) && !s.unseen(name)) {
		m.problems = []problem{s.missing(name, dirs, m.place)}
		return m
	}
	if m.place.kind == absent {
		m.place.kind = opaque
		return m
	}
	m.pkg = name
	if m.place.kind == plain {
		m.pkg = name[:max(strings.LastIndexByte(name, '.'), 0)]
	}
	s.run(m)
	return m
}

// closed reports whether what a module has below it cannot be told from the files: other people's packages
// may make modules as they like.
func (s *session) closed(m *module) bool {
	switch m.place.kind {
	case namespace:
		return s.search.blind != ""
	case pkg, plain:
		return m.source == nil || m.source.file == nil || m.source.file.Open != "" && strings.Contains(m.source.file.Open, "__getattr__") || adds(m.source.text)
	default:
		return true
	}
}

// run follows what a module imports, where it is the project's own.
func (s *session) run(m *module) {
	if m.asked || m.place.file == "" {
		return
	}
	m.asked = true
	if barred, ok := s.reach(m.place.file, canRead); !ok {
		m.problems = []problem{s.unreadable(m.place.file, barred)}
		return
	}
	m.source = s.source(m.place.file)
	if m.source == nil || s.depth > maxDepth {
		return
	}
	s.order = append(s.order, m)
	if e := m.source.syntax; e != nil {
		m.problems = []problem{{rule: Syntax, at: m.place.file, line: e.Line, cause: "Python cannot compile it: " + e.Reason, fix: "correct the line"}}
		return
	}
	if newer := m.source.file.Newer; len(newer) > 0 {
		m.problems = []problem{{
			rule: Syntax, at: m.place.file, line: newer[0].Line,
			cause: fmt.Sprintf("the image's Python %s does not know %s, which came with Python %s: importing the file is a SyntaxError", minor(s.env.Python), newer[0].What, newer[0].Since),
			fix:   "take a base with Python " + newer[0].Since + " or later, or write it otherwise",
		}}
		return
	}
	if alters(m.source.text) {
		s.altered = true
	}
	s.depth++
	defer func() { s.depth-- }()
	failed := m.source.file.Missing(func(im pysource.Import) pysource.Presence { return s.presence(m, im) })
	// Ways to the same cause may be very many: each cause counts once.
	said := map[problem]bool{}
	for _, im := range failed {
		for _, p := range s.try(m, im) {
			if !said[p] && len(said) < maxProblems {
				said[p] = true
				m.problems = append(m.problems, p)
			}
		}
	}
}

// presence says whether an import statement succeeds: of what other people wrote, and of what is not sure, that it
// may fail.
func (s *session) presence(m *module, im pysource.Import) pysource.Presence {
	problems := s.try(m, im)
	if slices.ContainsFunc(problems, func(p problem) bool { return !p.unsure }) {
		return pysource.Absent
	}
	if len(problems) > 0 {
		return pysource.Possible
	}
	if std, ok := pysource.Standard(im.Top()); im.Level > 0 || ok && std.In(s.env) {
		return pysource.Present
	}
	if target := s.modules[im.Module]; target != nil && target.source != nil {
		return pysource.Present
	}
	return pysource.Possible
}

// try returns what makes one import statement of a module fail.
func (s *session) try(m *module, im pysource.Import) []problem {
	name := im.Module
	if im.Level > 0 {
		base, ok := s.base(m, im)
		if !ok {
			return []problem{s.rootless(m, im)}
		}
		name = strings.Trim(base+"."+im.Module, ".")
	}
	if name == "" {
		return nil
	}
	if p := s.prefectNames(name, im); p != nil {
		return located(p, m, im)
	}
	target := s.load(name)
	if len(target.problems) > 0 {
		return located(target.problems, m, im)
	}
	if !im.From || im.Star() || im.Dynamic {
		return nil
	}
	var out []problem
	for _, n := range im.Names {
		out = append(out, located(s.take(target, n), m, im)...)
	}
	return out
}

// base is the package that a relative import starts from.
func (s *session) base(m *module, im pysource.Import) (string, bool) {
	p := m.pkg
	for k := 1; k < im.Level && p != ""; k++ {
		p = p[:max(strings.LastIndexByte(p, '.'), 0)]
	}
	return p, p != ""
}

// located fills in where a problem is, for those that are of the import itself.
func located(problems []problem, m *module, im pysource.Import) []problem {
	out := make([]problem, len(problems))
	for k, p := range problems {
		if p.at == "" {
			p.at, p.line = m.place.file, im.Line
			if name, _ := im.Distribution(); p.absent && name != "" {
				p.fix = "add it: --pip " + name
			}
		}
		out[k] = p
	}
	return out
}

// take finds a name that is imported from a module: one that it binds, or a module below it.
func (s *session) take(m *module, name string) []problem {
	if implicit(name) {
		return nil
	}
	file := (*pysource.File)(nil)
	if m.source != nil {
		file = m.source.file
	}
	if file != nil {
		if _, found := file.Lookup(name); found != pysource.Absent {
			return nil
		}
	}
	if m.place.kind == pkg || m.place.kind == namespace {
		if s.find(name, m.place.dirs).kind != absent {
			return s.load(m.name + "." + name).problems
		}
	}
	if m.place.kind == plain && file == nil || m.place.kind == opaque || s.closed(m) {
		return nil
	}
	p := problem{rule: MissingName, unsure: s.assigned(name), changes: m.place.kind == namespace}
	where := "/" + m.place.file
	if m.place.kind == namespace {
		where = "/" + m.place.dirs[0]
	}
	p.cause = fmt.Sprintf("imports %s from %s, and %s has no such name", name, written(m.name), where)
	p.fix = "correct the name, or define it there"
	if elsewhere := s.hides(m); elsewhere != "" {
		p.rule = HiddenModule
		p.cause = fmt.Sprintf("imports %s from %s, but %s is found first and hides %s", name, written(m.name), where, elsewhere)
		p.fix = "rename the project's file"
	}
	return []problem{p}
}

// implicit are the attributes that every module has.
func implicit(name string) bool {
	switch name {
	case "__name__", "__file__", "__doc__", "__path__", "__spec__", "__package__", "__loader__", "__dict__", "__builtins__", "__cached__", "__annotations__", "__class__":
		return true
	}
	return false
}

// hides says what else has the name of one of the project's modules: the standard library, or what is installed.
func (s *session) hides(m *module) string {
	if strings.Contains(m.name, ".") {
		return ""
	}
	if std, ok := pysource.Standard(m.name); ok && std.In(s.env) {
		return "the standard library's"
	}
	if other := s.find(m.name, s.installedDirs()); other.kind == plain || other.kind == pkg {
		if !s.own[other.file] {
			return "the installed /" + other.file
		}
	}
	return ""
}
