package flowcheck

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/pysource"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// maxSource is the size up to which a source file is read.
const maxSource = 8 << 20

// inspector holds what all checks ask of an image. It lives for one call of Findings.
type inspector struct {
	Image
	own      map[string]bool     // the paths of Own, resolved
	texts    map[string]content  // what was read
	parsed   map[string]*source  // by path
	within   map[string][]string // for a module's name the folders of the project that have it
	objects  map[string][]string // the names of shared objects, by folder
	sessions map[string]*session
	user     account
	env      pysource.Env
	major    int // of Prefect, 0 where none is installed
	prefect  string
	blind    string          // why modules may be found that are not seen here; empty: none may
	asked    int             // how many names have been searched for in all files
	altered  bool            // the project's own code changes where modules are looked for
	roots    []string        // the folders of the sources
	tops     map[string]bool // the first names of what the project's files seem to import, nil until asked for

	findings []check.Finding
}

type content struct {
	text []byte
	ok   bool
}

func newInspector(img Image, sources []string) *inspector {
	i := &inspector{Image: img, own: map[string]bool{}, texts: map[string]content{}, parsed: map[string]*source{}, within: map[string][]string{}, objects: map[string][]string{}, sessions: map[string]*session{}}
	for _, p := range img.Own {
		if r, err := i.Tree.Resolve(p); err == nil {
			i.own[r] = true
		}
	}
	i.user = i.account()
	if img.Python != nil {
		i.env = pysource.Env{Python: img.Python.Version, Platform: "linux", Implementation: img.Python.Implementation}
	}
	if d, ok := i.distribution("prefect"); ok {
		i.prefect = d.Version
		i.major = leading(d.Version)
	}
	i.index(sources)
	return i
}

// index notes which modules the project's own files are, by the folder that they are in. Folders above are packages
// when they have __init__.py, and, within a source, without.
func (i *inspector) index(sources []string) {
	var roots []string
	for _, dir := range sources {
		if n, ok := i.node(dir); ok {
			roots = append(roots, n.Path)
		}
	}
	i.roots = roots
	for _, p := range slices.Sorted(maps.Keys(i.own)) {
		name, ok := strings.CutSuffix(path.Base(p), ".py")
		if !ok {
			continue
		}
		dir := path.Dir(p)
		if name != "__init__" {
			i.note(name, dir)
		}
		for d := dir; d != "." && d != "/"; d = path.Dir(d) {
			inside := slices.ContainsFunc(roots, func(r string) bool { return d == r || strings.HasPrefix(d, r+"/") })
			if !inside && !i.has(d, "__init__.py") {
				break
			}
			i.note(path.Base(d), path.Dir(d))
		}
	}
}

func (i *inspector) note(module, dir string) {
	if !slices.Contains(i.within[module], dir) {
		i.within[module] = append(i.within[module], dir)
	}
}

// distribution finds an installed distribution by name.
func (i *inspector) distribution(name string) (check.Distribution, bool) {
	name = distname.Normalize(name)
	for _, d := range i.Installed {
		if distname.Normalize(d.Name) == name {
			return d, true
		}
	}
	return check.Distribution{}, false
}

// text returns the content of a file, if it is known.
func (i *inspector) text(p string) ([]byte, bool) {
	if c, ok := i.texts[p]; ok {
		return c.text, c.ok
	}
	c := content{}
	n, ok := i.Tree.Lookup(p)
	if ok && i.Read != nil && n.Kind == layers.File && (n.Size <= maxSource || strings.HasSuffix(p, ".prefect")) {
		if b, err := i.Read(p); err == nil {
			c = content{b, true}
		}
	}
	i.texts[p] = c
	return c.text, c.ok
}

// node resolves a path and returns what is there.
func (i *inspector) node(p string) (rootfs.Node, bool) {
	r, err := i.Tree.Resolve(p)
	if err != nil {
		return rootfs.Node{}, false
	}
	return i.Tree.Lookup(r)
}

// workdir is the working directory that the container starts in, absolute.
func (i *inspector) workdir() string { return path.Join("/", i.Workdir) }

// add notes a finding.
func (i *inspector) add(f check.Finding) { i.findings = append(i.findings, f) }

// settle puts errors first, then goes by subject, and says nothing twice.
func settle(findings []check.Finding) []check.Finding {
	sortBy(findings, func(f check.Finding) string {
		severity := "0"
		if f.Warning {
			severity = "1"
		}
		return strings.Join([]string{severity, f.Subject, string(f.Rule), f.Cause, f.Fix}, "\x00")
	})
	said := map[check.Finding]bool{}
	return slices.DeleteFunc(findings, func(f check.Finding) bool {
		f.Warning = false
		again := said[f]
		said[f] = true
		return again
	})
}

// leading is the first number of a version, 0 without one.
func leading(version string) int {
	n, err := strconv.Atoi(version[:len(version)-len(strings.TrimLeft(version, "0123456789"))])
	if err != nil {
		return 0
	}
	return n
}

func sortBy[T any](s []T, key func(T) string) {
	slices.SortStableFunc(s, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}
