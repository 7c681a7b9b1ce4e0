package baseimage

import (
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// view is the merged image with what its files say. Only files of the final view are found: their
// nodes lead to their contents.
type view struct {
	tree     *rootfs.Tree
	contents []*content // by Node.Ref
}

// resolve follows all links of path; ok says that something is there.
func (v *view) resolve(path string) (rootfs.Node, bool) {
	at, err := v.tree.Resolve(path)
	if err != nil {
		return rootfs.Node{}, false
	}
	return v.tree.Lookup(at)
}

// read is what the file at path says; never nil.
func (v *view) read(path string) *content {
	if n, ok := v.resolve(path); ok {
		return v.of(n)
	}
	return &content{}
}

func (v *view) of(n rootfs.Node) *content {
	if n.Kind == layers.File && n.Ref > 0 && n.Ref < len(v.contents) {
		return v.contents[n.Ref]
	}
	return &content{}
}

func (v *view) isFile(path string) bool {
	n, ok := v.resolve(path)
	return ok && n.Kind == layers.File
}

func (v *view) isDir(path string) bool {
	n, ok := v.resolve(path)
	return ok && n.Kind == layers.Dir
}

// list is what the folder at path holds, through links, sorted.
func (v *view) list(path string) []rootfs.Node {
	n, ok := v.resolve(path)
	if !ok {
		return nil
	}
	return v.tree.Children(n.Path)
}

// installed is the version of a package in the databases of dpkg (with distroless's folder of
// them) and apk, empty if it is not there.
func (v *view) installed(name string) string {
	for _, path := range []string{"var/lib/dpkg/status", "lib/apk/db/installed", "usr/lib/apk/db/installed"} {
		if version := v.read(path).packages[name]; version != "" {
			return version
		}
	}
	for _, n := range v.list("var/lib/dpkg/status.d") {
		if version := v.of(n).packages[name]; version != "" {
			return version
		}
	}
	return ""
}

// profile is everything that the view and the configuration tell.
func (v *view) profile(cfg *imageConfig) *Profile {
	p := &Profile{
		Version:  ProfileVersion,
		Platform: Platform{OS: cfg.OS, Architecture: cfg.Architecture, Variant: cfg.Variant},
		Users:    parseUsers(v.read("etc/passwd").text),
		Groups:   parseGroups(v.read("etc/group").text),
		Tree:     v.tree,
	}
	py, note := v.findInterpreter(cfg)
	p.PythonNote = note
	if py == nil {
		p.Libc = v.anyLibc()
		return p
	}
	scheme, sites := v.scheme(py)
	version, free, debug := v.version(py, cfg)
	o := v.read(py.exe).object
	libc, why := v.libcOf(o)
	p.Libc = libc
	p.Python = &pipwheel.Target{
		Version: version, Implementation: py.implementation(), FreeThreaded: free, Debug: debug,
		Machine: cfg.pythonMachine(), Libc: libc, Executable: v.executable(py, scheme), Scheme: scheme, Virtual: py.venv != "",
	}
	if py.venv == "" { // PEP 668: virtual environments are never marked
		p.Python.ExternallyManaged = v.read(py.stdlib + "/EXTERNALLY-MANAGED").text
	}
	for _, dir := range sites {
		p.SiteDirs = append(p.SiteDirs, "/"+dir)
	}
	p.Distributions, p.Notes = v.distributions(sites)
	p.Loader = v.loader(p.Python.Machine, py.exe)
	p.Owned = v.owned(p.Distributions)
	if why != "" {
		p.Notes = append(p.Notes, why)
	}
	if m := machineOf(o); m != "" && m != p.Python.Machine {
		p.Notes = append(p.Notes, fmt.Sprintf("the configuration says %s, but /%s is built for %s", strings.Trim(cfg.Architecture+"/"+cfg.Variant, "/"), py.exe, m))
	}
	if py.pypy {
		p.Notes = append(p.Notes, "the interpreter is PyPy: wheels for CPython's ABI do not run on it")
	}
	return p
}
