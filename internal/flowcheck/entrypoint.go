package flowcheck

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/pysource"
	"github.com/layerpack/layerpack/pkg/layers"
)

// loaded is what one file or module came to, for all entrypoints that name it.
type loaded struct {
	module   *module
	problems []problem // that keep it from being loaded
	lazy     []problem
}

// entrypoint judges one entrypoint.
func (r *report) entrypoint(e *Entrypoint) {
	if e.File == "" && e.Module == "" {
		return
	}
	key := strings.Join([]string{e.File, e.Module, e.Dir, r.settings(e)}, "\x00")
	l, ok := r.loaded[key]
	if !ok {
		l = r.load(e)
		if r.loaded == nil {
			r.loaded = map[string]*loaded{}
		}
		r.loaded[key] = l
	}
	problems := l.problems
	if l.module != nil && len(problems) == 0 {
		problems = r.defines(e, l.module)
	}
	r.meet(e, problems, false)
	r.meet(e, l.lazy, true)
}

// load follows what an entrypoint loads.
func (r *report) load(e *Entrypoint) *loaded {
	dir := path.Join(r.workdir(), e.Dir)
	if path.IsAbs(e.Dir) {
		dir = path.Clean(e.Dir)
	}
	if e.File == "" {
		if r.Python == nil {
			return &loaded{}
		}
		return r.dotted(e, dir)
	}
	file, problems := r.script(e, dir)
	if problems != nil || strings.HasSuffix(file, ".prefect") {
		if problems == nil {
			problems = r.pickled(file)
		}
		return &loaded{problems: problems}
	}
	if r.Python == nil {
		return &loaded{}
	}
	// Prefect 2 and 3 load a script as a package over its own folder and the working directory, and put
	// both on the path. Prefect 1 executes the text, with nothing of this.
	m := &module{name: fmt.Sprintf(loaderPrefix+"%d__", len(r.loaded)), place: place{kind: pkg, file: file}}
	var front []string
	stem := r.stem(file)
	if stem != "" {
		m.name = stem
	}
	if r.major != 1 {
		m.pkg = m.name
		m.place.dirs = []string{"/" + path.Dir(file), dir}
		front = []string{"/" + path.Dir(file), dir, r.workdir()}
	}
	s := r.session(e, unique(front), stem)
	s.modules[m.name] = m
	s.run(m)
	return &loaded{module: m, problems: m.problems, lazy: s.lazy()}
}

// stem is the name under which Prefect 3.2 and later keep a script among the loaded modules, where any file of the project
// imports something of that name: it gets the script then, whatever package has the same name. Names that may be taken
// already are left to the path.
func (r *report) stem(file string) string {
	name := strings.TrimSuffix(path.Base(file), ".py")
	if !r.between("3.2", "") || !r.imports(name) {
		return ""
	}
	if _, standard := pysource.Standard(name); standard || r.find(name, r.installedDirs()).kind != absent {
		return ""
	}
	return name
}

// dotted loads a module entrypoint.
func (r *report) dotted(e *Entrypoint, dir string) *loaded {
	s := r.session(e, unique([]string{dir, r.workdir()}), "")
	m := s.load(e.Module)
	problems := located(m.problems, &module{}, pysource.Import{})
	for k, p := range problems {
		if p.at == "" {
			p.at = strings.TrimPrefix(dir, "/")
			p.rule = MissingFile
			p.cause = fmt.Sprintf("no module %s is found from here", e.Module)
			if n, ok := r.node(absolute(dir, e.Module)); ok && n.Kind == layers.File {
				p.at, p.cause, p.fix = n.Path, "Prefect loads scripts whose names end in .py alone, and takes this for the name of a module", "rename the script"
			}
			problems[k] = p
		}
	}
	return &loaded{module: m, problems: problems, lazy: s.lazy()}
}

// script finds the file of an entrypoint.
func (r *report) script(e *Entrypoint, dir string) (string, []problem) {
	full := absolute(dir, e.File)
	p := problem{rule: MissingFile, at: strings.TrimPrefix(full, "/")}
	resolved, err := r.Tree.Resolve(full)
	n, ok := r.Tree.Lookup(resolved)
	switch {
	case err != nil:
		p.cause, p.fix = fmt.Sprintf("the path cannot be followed (%v)", err), "correct the path"
	case !ok:
		p.cause = "the image has no such file"
		p.fix = r.nearby(full, e.File)
	case n.Kind != layers.File:
		p.cause, p.fix = "it is no file", "name the script itself"
	case !strings.HasSuffix(e.File, ".py") && !strings.HasSuffix(e.File, ".prefect") && r.major != 1:
		p.cause, p.fix = "Prefect loads scripts whose names end in .py alone", "rename the script"
	default:
		if barred, ok := r.reach(resolved, canRead); !ok {
			return "", []problem{r.unreadable(resolved, barred)}
		}
		return resolved, nil
	}
	return "", []problem{p}
}

// nearby proposes what a missing file may have meant.
func (r *report) nearby(full, written string) string {
	var same []string
	for _, own := range slices.Sorted(maps.Keys(r.own)) {
		if path.Base(own) == path.Base(full) {
			same = append(same, "/"+own)
		}
	}
	switch {
	case len(same) == 0:
		return "see that it is part of the source and not left out by ignore rules"
	case strings.HasSuffix(same[0], "/"+strings.TrimPrefix(path.Clean(written), "/")):
		dir := strings.TrimSuffix(same[0], "/"+strings.TrimPrefix(path.Clean(written), "/"))
		return fmt.Sprintf("the file is %s: load it from there, with set_working_directory or --workdir %s", same[0], dir)
	default:
		return "did you mean " + same[0] + "?"
	}
}

// defines judges whether a loaded file has the flow that is asked of it.
func (r *report) defines(e *Entrypoint, m *module) []problem {
	if m.source == nil || m.source.file == nil {
		return nil
	}
	f := m.source.file
	if r.major == 1 {
		return r.anyFlow(m)
	}
	if e.Name == "" {
		return nil
	}
	n, found := f.Lookup(e.Name)
	p := problem{rule: MissingName, at: m.place.file}
	switch {
	case found == pysource.Absent:
		p.cause = "it does not define " + e.Name
		p.fix = "name one of its flows: " + strings.Join(r.flows(m.source), ", ")
		if len(r.flows(m.source)) == 0 {
			p.fix = "define the flow, or name the file that does"
		}
	case strings.Contains(e.Name, ".") && r.major == 2:
		p.cause = "Prefect 2 loads names of the module alone, not " + e.Name
		p.fix = "give the module a name for it, such as " + strings.ReplaceAll(strings.ToLower(e.Name), ".", "_") + " = " + e.Name
	case found == pysource.Present:
		return r.flowOr(m, n)
	default:
		return nil
	}
	return []problem{p}
}

// flowOr judges what kind of thing a name is. Prefect 3 makes a flow of any function.
func (r *report) flowOr(m *module, n pysource.Name) []problem {
	role, _ := m.source.file.Prefect(n)
	naked := len(n.Decorators) == 0 && (n.Kind == pysource.Function || n.Kind == pysource.Class && !n.Derived)
	if role == pysource.Flow || role == pysource.Plain && !naked || r.major == 3 && n.Kind == pysource.Function {
		return nil
	}
	what := n.Kind.String()
	if role == pysource.Task {
		what = "task"
	}
	return []problem{{
		rule: NoFlow, at: m.place.file, line: n.Line, unsure: r.major != 2,
		cause: fmt.Sprintf("%s is a %s and no flow", n.Name, what),
		fix:   "decorate the function with @flow, or name a flow",
	}}
}

// anyFlow judges a script of Prefect 1, which takes the first flow that it finds.
func (r *report) anyFlow(m *module) []problem {
	f := m.source.file
	if f.Open != "" || r.altered || strings.Contains(string(m.source.text), "Flow") || slices.ContainsFunc(f.Names, func(n pysource.Name) bool {
		return n.Kind == pysource.Imported && !strings.HasPrefix(n.From, "prefect.") || n.Value != nil
	}) {
		return nil
	}
	return []problem{{rule: MissingName, at: m.place.file, cause: "it defines no flow", fix: "define one with Flow, or name the file that does"}}
}

// flows are the names of a file's flows.
func (i *inspector) flows(s *source) []string {
	var out []string
	for _, n := range s.file.Names {
		if i.isFlow(s, n) && !slices.Contains(out, n.Name) {
			out = append(out, n.Name)
		}
	}
	return out
}

// lazy returns what functions of the project's files import and would not find, of each file once.
func (s *session) lazy() []problem {
	var out []problem
	for ; s.lazily < len(s.order); s.lazily++ {
		m := s.order[s.lazily]
		if len(m.problems) > 0 || m.source.file == nil {
			continue
		}
		for _, im := range m.source.file.Imports {
			if m.source.bare(im) {
				out = append(out, s.try(m, im)...)
			}
		}
	}
	return out
}
