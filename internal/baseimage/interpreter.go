package baseimage

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// interpreter is the Python that an image runs. Paths are relative to the image's root.
type interpreter struct {
	found  string // as PATH finds it: "usr/local/bin/python3"
	exe    string // the program, free of links: "usr/local/bin/python3.11"
	pypy   bool
	major  int
	minor  int
	flags  string // of the name: "t" of python3.13t
	prefix string // of the installation: "usr/local"
	libdir string // "lib" or "lib64": where in prefix the standard library is
	stdlib string // "usr/local/lib/python3.11"
	// venv is the virtual environment's folder (PEP 405), empty without one; systemSite says that
	// it sees the installation's packages too.
	venv       string
	systemSite bool
}

func (py *interpreter) implementation() string {
	if py.pypy {
		return "pypy"
	}
	return "cpython"
}

// dir is the name of the folder that installations keep per version: "python3.13t", "pypy3.10".
func (py *interpreter) dir() string {
	name := "python"
	if py.pypy {
		name = "pypy"
	}
	free := ""
	if strings.Contains(py.flags, "t") {
		free = "t"
	}
	return fmt.Sprintf("%s%d.%d%s", name, py.major, py.minor, free)
}

// findInterpreter walks PATH as a shell does for python3, then python, pypy3, and names with a version,
// the newest first. A conda installation that is found this way gives way to the
// environment that /root/.bashrc activates in it: Prefect's conda images start through that.
// note says what was chosen, or why nothing.
func (v *view) findInterpreter(cfg *imageConfig) (py *interpreter, note string) {
	dirs := cfg.path()
	found := v.onPath(dirs)
	if found == "" {
		return nil, fmt.Sprintf("no python3 in PATH (%.300s)", strings.Join(dirs, ":"))
	}
	py, err := v.interpreter(found)
	if err != nil {
		return nil, fmt.Sprintf("/%s, the first in PATH, %v", found, err)
	}
	note = fmt.Sprintf("/%s, the first in PATH, is /%s", found, py.exe)
	env, ok := v.activated(py)
	if !ok {
		return py, note
	}
	inEnv, err := v.interpreter(env + "/bin/python")
	if err != nil {
		return py, fmt.Sprintf("%s; /%s, which /root/.bashrc activates, has none: its bin/python %v", note, env, err)
	}
	return inEnv, fmt.Sprintf("/%s, which /root/.bashrc activates; %s", env, note)
}

func (v *view) onPath(dirs []string) string {
	for _, name := range []string{"python3", "python", "pypy3"} {
		for _, dir := range dirs {
			if at := strings.Trim(path.Join(dir, name), "/"); v.isFile(at) {
				return at
			}
		}
	}
	best, bestVersion := "", 0
	for _, dir := range dirs {
		for _, n := range v.list(dir) {
			name := path.Base(n.Path)
			py := &interpreter{}
			if py.readName(name) && py.major == 3 && py.flags == "" && py.minor > bestVersion && v.isFile(n.Path) {
				best, bestVersion = strings.Trim(path.Join(dir, name), "/"), py.minor
			}
		}
	}
	return best
}

// readName reads "python3.13t" or "pypy3.10".
func (py *interpreter) readName(name string) bool {
	rest, ok := strings.CutPrefix(name, "python")
	if !ok {
		if rest, ok = strings.CutPrefix(name, "pypy"); !ok {
			return false
		}
		py.pypy = true
	}
	major, rest, _ := strings.Cut(rest, ".")
	i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if i < 0 {
		i = len(rest)
	}
	a, err1 := strconv.ParseUint(major, 10, 7)
	b, err2 := strconv.ParseUint(rest[:i], 10, 15)
	if err1 != nil || err2 != nil || strings.Trim(rest[i:], "tdmu") != "" {
		return false
	}
	py.major, py.minor, py.flags = int(a), int(b), rest[i:]
	return true
}

// interpreter finds out what the program at found is, as it does itself when it starts
// (CPython's getpath): a pyvenv.cfg beside or above it makes a virtual environment, the
// standard library is searched from the real program's folder upwards.
func (v *view) interpreter(found string) (*interpreter, error) {
	py := &interpreter{found: found}
	n, ok := v.resolve(found)
	if !ok {
		return nil, fmt.Errorf("does not exist")
	}
	if py.exe = n.Path; !utf8.ValidString(py.exe) {
		return nil, fmt.Errorf("leads to a name that is not UTF-8")
	}
	if o := v.of(n).object; o == nil || !o.elf {
		return nil, fmt.Errorf("is not an interpreter but another program (a script that starts one?)")
	}
	start := path.Dir(py.exe)
	if cfg, venv := v.venvOf(found); venv != "" {
		py.venv = venv
		py.systemSite = strings.EqualFold(cfg["include-system-site-packages"], "true")
		home := strings.Trim(path.Clean(cfg["home"]), "/")
		for _, name := range []string{path.Base(found), "python3", "python"} {
			if at, ok := v.resolve(home + "/" + name); ok && v.isFile(at.Path) {
				start, py.exe = path.Dir(at.Path), at.Path
				break
			}
		}
	}
	if !v.findStdlib(py, start) {
		return nil, fmt.Errorf("has no standard library (lib/pythonX.Y/os.py) above /%s", start)
	}
	return py, nil
}

// venvOf looks for a pyvenv.cfg beside the program's name or in the folder above; links of the
// name are not followed, a virtual environment's python is one.
func (v *view) venvOf(found string) (cfg map[string]string, venv string) {
	for _, dir := range []string{path.Dir(path.Dir(found)), path.Dir(found)} {
		if file := dir + "/pyvenv.cfg"; v.isFile(file) {
			return parseVenv(v.read(file).text), dir
		}
	}
	return nil, ""
}

func (v *view) findStdlib(py *interpreter, start string) bool {
	named := py.readName(path.Base(py.exe))
	for prefix := start; ; prefix = path.Dir(prefix) {
		for _, libdir := range []string{"lib", "lib64"} {
			lib := path.Join(prefix, libdir)
			if !named && !v.onlyStdlib(py, lib) {
				continue
			}
			if v.hasLandmark(lib + "/" + py.dir()) {
				py.prefix, py.libdir, py.stdlib = prefix, libdir, lib+"/"+py.dir()
				return true
			}
		}
		if prefix == "." {
			return false
		}
	}
}

func (v *view) hasLandmark(stdlib string) bool {
	return slices.ContainsFunc([]string{"os.py", "os.pyc"}, func(name string) bool {
		_, ok := v.resolve(stdlib + "/" + name)
		return ok
	})
}

// onlyStdlib learns the version of a program without one in its name from the only standard library in lib.
func (v *view) onlyStdlib(py *interpreter, lib string) bool {
	var names []string
	for _, n := range v.list(lib) {
		name := path.Base(n.Path)
		if (&interpreter{}).readName(name) && v.hasLandmark(lib+"/"+name) {
			names = append(names, name)
		}
	}
	return len(names) == 1 && py.readName(names[0])
}
