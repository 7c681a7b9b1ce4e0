package flowcheck

import (
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// search is where a run looks for modules (sys.path).
type search struct {
	dirs  []string
	blind string // why there may be more
}

// setting is a variable of a run's environment; known is false where only Prefect knows it.
func (i *inspector) setting(e *Entrypoint, name string) (value string, known bool) {
	if e != nil {
		for _, u := range e.Unfilled {
			if u == name {
				return "", false
			}
		}
		if v, ok := e.Env[name]; ok {
			return v, true
		}
	}
	return i.Env[name], true
}

// search puts a run's sys.path together: the folders that Prefect puts in front, PYTHONPATH, the standard
// library, site-packages with what their path files add.
func (i *inspector) search(e *Entrypoint, front []string) search {
	s := search{dirs: front, blind: i.blind}
	value, known := i.setting(e, "PYTHONPATH")
	if !known {
		s.blind = "PYTHONPATH is filled in when the flow is deployed"
	}
	for _, p := range strings.Split(value, ":") {
		if p != "" {
			s.dirs = append(s.dirs, absolute(i.workdir(), p))
		}
	}
	if home, known := i.setting(e, "PYTHONHOME"); home != "" || !known {
		s.blind = "PYTHONHOME is set"
	}
	lib := i.Python.Scheme.Stdlib
	s.dirs = append(s.dirs, lib, path.Join(lib, "lib-dynload"))
	sites := []string{i.Python.Scheme.Purelib, i.Python.Scheme.Platlib}
	if i.Profile != nil {
		sites = append(append([]string{}, i.Profile.SiteDirs...), sites...)
	}
	home, _ := i.setting(e, "HOME")
	if home == "" {
		home = i.user.home
	}
	sites = append(sites, path.Join(home, ".local/lib/python"+minor(i.Python.Version), "site-packages"))
	for _, d := range unique(sites) {
		if d == "" {
			continue
		}
		added, blind := i.pathFiles(d)
		s.dirs = append(append(s.dirs, d), added...)
		if blind != "" && s.blind == "" {
			s.blind = blind
		}
	}
	s.dirs = unique(s.dirs)
	for _, name := range []string{"sitecustomize", "usercustomize"} {
		if p := i.find(name, s.dirs); p.kind == plain && i.own[p.file] && s.blind == "" {
			s.blind = "/" + p.file + " may add to the path"
		}
	}
	return s
}

// pathFiles reads the *.pth of a site directory (site module): each line a folder, or an import
// that may do anything.
func (i *inspector) pathFiles(dir string) (added []string, blind string) {
	n, ok := i.node(dir)
	if !ok || n.Kind != layers.Dir {
		return nil, ""
	}
	for _, c := range i.Tree.Children(n.Path) {
		name := path.Base(c.Path)
		switch {
		case name == "sitecustomize.py" || name == "usercustomize.py":
			blind = "/" + c.Path + " may add to the path"
		case !strings.HasSuffix(name, ".pth") || strings.HasPrefix(name, ".") || harmless(name):
		default:
			text, ok := i.text(c.Path)
			if !ok {
				blind = "/" + c.Path + " may add to the path"
				continue
			}
			for line := range strings.Lines(string(text)) {
				line = strings.TrimSpace(line)
				switch {
				case line == "" || strings.HasPrefix(line, "#"):
				case strings.HasPrefix(line, "import ") || strings.HasPrefix(line, "import\t"):
					blind = "/" + c.Path + " runs code that may add to the path"
				default:
					added = append(added, absolute("/"+n.Path, line))
				}
			}
		}
	}
	return added, blind
}

// harmless knows path files that add nothing but what a folder without __init__ is anyway.
func harmless(name string) bool {
	return name == "distutils-precedence.pth" || name == "_virtualenv.pth" || name == "a1_coverage.pth" || strings.HasSuffix(name, "-nspkg.pth")
}

// absolute resolves a path against a folder.
func absolute(dir, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(dir, p)
}
