package flowcheck

import (
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// kind is what a module is.
type kind uint8

const (
	absent    kind = iota
	opaque         // there, and nothing more is known of it: built in, a zip, or not readable here
	plain          // one file
	pkg            // a folder with __init__
	namespace      // folders without (PEP 420)
)

// place is where a module is.
type place struct {
	kind kind
	file string   // resolved path of the file, or of __init__; empty for a namespace
	dirs []string // where submodules are looked for
	near string   // absent: an extension module of this name that is for another interpreter
	shut string   // absent: a folder of the path that the user may not enter
}

// find looks for one module on a path as importlib's PathFinder and FileFinder do: in each folder a package,
// an extension module, source, bytecode, in this order; folders without __init__ count where no folder of the path has more.
func (i *inspector) find(name string, dirs []string) place {
	var portions []string
	missed := place{}
	for _, d := range dirs {
		n, ok := i.node(d)
		if !ok {
			continue
		}
		if n.Kind == layers.File { // a zip (PEP 273)
			return place{kind: opaque}
		}
		if n.Kind != layers.Dir {
			continue
		}
		if barred, ok := i.reach(n.Path, canRead|canEnter); !ok {
			if _, there := i.node(path.Join(n.Path, name)); there || i.has(n.Path, name+".py") {
				missed.shut = barred
			}
			continue
		}
		p := i.at(n.Path, name)
		switch p.kind {
		case absent:
			if p.near != "" {
				missed.near = p.near
			}
		case namespace:
			portions = append(portions, p.dirs...)
		default:
			return p
		}
	}
	if portions != nil {
		return place{kind: namespace, dirs: portions}
	}
	return missed
}

// at looks into one folder.
func (i *inspector) at(dir, name string) place {
	base := path.Join(dir, name)
	sub, isDir := i.node(base)
	isDir = isDir && sub.Kind == layers.Dir
	if isDir {
		if init := i.file(sub.Path, "__init__"); init.kind == plain {
			return place{kind: pkg, file: init.file, dirs: []string{sub.Path}}
		}
	}
	if p := i.file(dir, name); p.kind != absent || !isDir {
		return p
	}
	return place{kind: namespace, dirs: []string{sub.Path}}
}

// file looks for a module that is one file.
func (i *inspector) file(dir, name string) place {
	p := place{}
	for _, child := range i.extensions(dir, name) {
		if i.loadable(strings.TrimPrefix(path.Base(child), name+".")) {
			return place{kind: plain, file: child}
		}
		p.near = child
	}
	for _, suffix := range []string{".py", ".pyc"} {
		if n, ok := i.node(path.Join(dir, name+suffix)); ok && n.Kind == layers.File {
			return place{kind: plain, file: n.Path}
		}
	}
	return p
}

// extensions are the shared objects of a module's name.
func (i *inspector) extensions(dir, name string) []string {
	var out []string
	for _, n := range i.children(dir) {
		if strings.HasPrefix(n, name+".") && strings.HasSuffix(n, ".so") {
			out = append(out, path.Join(dir, n))
		}
	}
	return out
}

// children are the names of a folder's shared objects, kept: large folders are asked often.
func (i *inspector) children(dir string) []string {
	if names, ok := i.objects[dir]; ok {
		return names
	}
	var names []string
	for _, n := range i.Tree.Children(dir) {
		if name := path.Base(n.Path); strings.HasSuffix(name, ".so") {
			names = append(names, name)
		}
	}
	i.objects[dir] = names
	return names
}

// loadable reports whether the interpreter takes an extension module with this suffix (PEP 3149): plain .so, the stable
// ABI, or its own tag. The platform in a tag is for others to judge.
func (i *inspector) loadable(suffix string) bool {
	tag := strings.TrimSuffix(suffix, "so")
	tag = strings.TrimSuffix(tag, ".")
	if i.Python == nil || tag == "" || strings.HasPrefix(tag, "abi3") {
		return true
	}
	digits := strings.ReplaceAll(minor(i.Python.Version), ".", "")
	for _, prefix := range []string{"cpython-", "pypy"} {
		if rest, ok := strings.CutPrefix(tag, prefix); ok {
			rest, _, _ = strings.Cut(rest, "-")
			return strings.TrimRight(rest, "tdmu") == digits
		}
	}
	return true
}

// has reports whether a folder has a file of this name.
func (i *inspector) has(dir, name string) bool {
	n, ok := i.node(path.Join(dir, name))
	return ok && n.Kind == layers.File
}

// minor is "3.11" of "3.11.7".
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// unique drops what was there before.
func unique(dirs []string) []string {
	var out []string
	for _, d := range dirs {
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}
