package plan

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// remover decides which paths of the base go when distributions of it are replaced, as pip's
// uninstall does: what RECORD lists, the bytecode of it, and the metadata folder.
type remover struct {
	base     *rootfs.Tree
	packages []string // site-packages, free of links, relative to the root
	other    []string // further folders that wheels install into
	data     string   // the prefix that .data/data goes to; empty where it is the system's own
	stdlib   string
	headers  string
	scripts  string
	python   string          // the interpreter's file
	gone     map[string]bool // paths of files that go
	dirs     map[string]bool // folders that may have become empty
	kept     int             // listed paths that are not followed
}

func newRemover(base *rootfs.Tree, t *pipwheel.Target) *remover {
	r := &remover{base: base, gone: map[string]bool{}, dirs: map[string]bool{}}
	resolve := func(p string) string {
		at, err := base.Resolve(p)
		if err != nil {
			return strings.Trim(p, "/") // nothing can lie there
		}
		return at
	}
	r.packages = []string{resolve(t.Scheme.Purelib), resolve(t.Scheme.Platlib)}
	r.python, r.stdlib = resolve(t.Executable), resolve(t.Scheme.Stdlib)
	r.headers, r.scripts = resolve(t.Scheme.Headers), resolve(t.Scheme.Scripts)
	if d := resolve(t.Scheme.Data); d != "" && d != "usr" {
		r.data = d
	}
	r.other = []string{r.scripts, r.headers}
	for _, dir := range []string{"share", "etc", "man", "doc"} {
		r.other = append(r.other, resolve(path.Join(t.Scheme.Data, dir)))
	}
	return r
}

// installed reports whether a distribution lies where the interpreter's own go. One that lies
// elsewhere, as apt's do, stays: what is installed goes before it on the path.
func (r *remover) installed(d pipwheel.Distribution) bool {
	return slices.Contains(r.packages, path.Dir(d.Path))
}

// remove marks the files of a distribution.
func (r *remover) remove(d pipwheel.Distribution, owned []baseimage.OwnedFile) error {
	if len(owned) == 0 {
		return refusal.New(d.Name, fmt.Sprintf("the base has %s %s without a RECORD that lists its files, so they cannot be removed", d.Name, d.Version),
			fmt.Sprintf("use the base's version (%s==%s), or a base without it, or replace what the new version overwrites with --allow-no-record %s", d.Name, d.Version, d.Name))
	}
	for _, f := range owned {
		if at, ok := r.within(f.Path); ok {
			r.file(at)
		} else if _, there := r.base.Lookup(at); there {
			r.kept++
		}
	}
	r.below(d.Path)
	return nil
}

// within resolves a listed path; ok is false where it leads outside the folders that wheels install
// into, or to the interpreter: a RECORD may list anything (GHSA-pjjw-68hj-v9mw).
func (r *remover) within(p string) (at string, ok bool) {
	at, err := r.base.ResolveParent(p)
	if err != nil {
		return "", false
	}
	inside := func(dir string) bool { return below(at, dir) }
	if slices.ContainsFunc(r.packages, inside) {
		return at, true
	}
	if r.pythonsOwn(at) {
		return at, false
	}
	return at, slices.ContainsFunc(r.other, inside) || r.data != "" && inside(r.data)
}

var (
	pythonProgram = regexp.MustCompile(`^(python|pypy|graalpy)[0-9.]*t?(-config)?$`)
	pythonLibrary = regexp.MustCompile(`^lib(python|pypy)[0-9a-z.-]*\.(so|a)[0-9.]*$`)
)

// pythonsOwn names what belongs to the interpreter, whatever a RECORD says: its programs and the
// links to it, its library, its standard library, its headers.
func (r *remover) pythonsOwn(at string) bool {
	if led, err := r.base.Resolve(at); err == nil && led == r.python {
		return true
	}
	dir, name := path.Dir(at), path.Base(at)
	return below(at, r.stdlib) || dir == r.headers || pythonLibrary.MatchString(name) ||
		dir == r.scripts && pythonProgram.MatchString(name) ||
		below(at, r.headers) && slices.Contains([]string{"cpython", "internal"}, strings.Split(strings.TrimPrefix(at, r.headers+"/"), "/")[0])
}

// below reports whether p lies in the folder dir or deeper; both may begin with a slash.
func below(p, dir string) bool {
	return strings.HasPrefix(strings.Trim(p, "/"), strings.Trim(dir, "/")+"/")
}

// file marks one file and the bytecode that Python keeps of it.
func (r *remover) file(p string) {
	n, ok := r.base.Lookup(p)
	if !ok || n.Kind == layers.Dir {
		return
	}
	r.mark(p)
	for _, pyc := range bytecode(r.base, p) {
		r.mark(pyc)
	}
}

func (r *remover) mark(p string) {
	r.gone[p] = true
	r.dirs[path.Dir(p)] = true
}

// bytecode lists what __pycache__ holds of a source file, for any interpreter and optimisation.
func bytecode(base *rootfs.Tree, source string) []string {
	dir, name := path.Split(source)
	stem, ok := strings.CutSuffix(name, ".py")
	if !ok {
		return nil
	}
	var out []string
	for _, n := range base.Children(dir + "__pycache__") {
		if base := path.Base(n.Path); strings.HasPrefix(base, stem+".") && strings.HasSuffix(base, ".pyc") {
			out = append(out, n.Path)
		}
	}
	return out
}

// below marks everything that a folder holds.
func (r *remover) below(dir string) {
	n, ok := r.base.Lookup(dir)
	if !ok {
		return
	}
	if n.Kind != layers.Dir {
		r.mark(dir)
		return
	}
	for _, c := range r.base.Children(dir) {
		r.below(c.Path)
	}
	r.dirs[dir] = true
}

// paths returns what to white out, sorted: every marked file, or the highest folder that has
// nothing left in it. Folders outside the distributions' own stay, empty or not.
func (r *remover) paths() []string {
	deepest := make([]string, 0, len(r.dirs))
	for d := range r.dirs {
		deepest = append(deepest, d)
	}
	// A folder that goes leaves its parent emptier, so the deepest are looked at first.
	slices.SortFunc(deepest, func(a, b string) int { return strings.Count(b, "/") - strings.Count(a, "/") })
	for len(deepest) > 0 {
		d := deepest[0]
		deepest = deepest[1:]
		if r.gone[d] || !r.inPackages(d) || !r.empty(d) {
			continue
		}
		r.gone[d] = true
		if up := path.Dir(d); up != "." && !slices.Contains(deepest, up) {
			deepest = append(deepest, up)
		}
	}
	var out []string
	for p := range r.gone {
		if !r.gone[path.Dir(p)] {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// inPackages reports whether a folder lies inside site-packages: only such folders are
// made by a distribution for itself.
func (r *remover) inPackages(dir string) bool {
	return slices.ContainsFunc(r.packages, func(site string) bool { return below(dir, site) })
}

func (r *remover) empty(dir string) bool {
	for _, c := range r.base.Children(dir) {
		if !r.gone[c.Path] {
			return false
		}
	}
	return true
}

// removals takes the replaced distributions out of the view of the base, so that what is
// installed later finds their place free, and notes their paths for the layer of whiteouts.
func (b *builder) removals(r *remover, replaced []pipwheel.Distribution) error {
	if len(replaced) == 0 {
		return nil
	}
	owned, err := b.in.Owned()
	if err != nil {
		return err
	}
	for _, d := range replaced {
		name := distname.Normalize(d.Name)
		forced := slices.ContainsFunc(b.in.Build.Install.AllowNoRecord, func(n string) bool { return distname.Normalize(n) == name })
		if len(owned[d.Path]) == 0 && forced {
			b.notes = append(b.notes, fmt.Sprintf("%s %s lists no files: what the new version does not overwrite stays (--allow-no-record)", d.Name, d.Version))
			b.place.overwriting[name] = b.in.Profile.Python.Scheme
			r.below(d.Path)
		} else if err := r.remove(d, owned[d.Path]); err != nil {
			return err
		}
		b.removed = append(b.removed, d.Name+" "+d.Version)
	}
	if r.kept > 0 {
		b.notes = append(b.notes, fmt.Sprintf("%d files that replaced distributions list outside the folders of wheels stay", r.kept))
	}
	for _, p := range r.paths() {
		if why, ok := b.place.guarded[p]; ok {
			return refusal.Newf("/"+p, "replacing %s would remove it, %s", strings.Join(b.removed, ", "), why)
		}
		if err := b.place.remove(p); err != nil {
			return fmt.Errorf("replacing %s: %w", strings.Join(b.removed, ", "), err)
		}
	}
	return nil
}

// remove notes a path of the base for the layer of whiteouts and takes it out of the view.
func (p *placer) remove(at string) error {
	e := layers.Entry{Path: at, Kind: layers.Whiteout, Mode: 0o600, Origin: "the removal of /" + at}
	if err := p.parents(p.removals, e, at); err != nil {
		return err
	}
	p.removals.entries[at] = &e
	dir, name := path.Split(at)
	return p.base.Apply([]rootfs.Entry{{Node: rootfs.Node{Path: dir + ".wh." + name, Kind: layers.File}}})
}
