package baseimage

import (
	"path"
	"strings"
)

// activated is the conda environment that /root/.bashrc activates, when the interpreter is a conda
// installation's and the environment is another folder than its own.
func (v *view) activated(py *interpreter) (env string, ok bool) {
	if py.venv != "" || !v.isDir(py.prefix+"/conda-meta") {
		return "", false
	}
	name := parseActivated(v.read("root/.bashrc").text)
	root := py.prefix
	if above := path.Dir(path.Dir(root)); path.Base(path.Dir(root)) == "envs" && v.isDir(above+"/conda-meta") {
		root = above
	}
	switch {
	case name == "":
		return "", false
	case name == "base":
		env = root
	case strings.HasPrefix(name, "/"):
		env = strings.Trim(path.Clean(name), "/")
	case strings.Contains(name, "/"):
		return "", false
	default:
		env = root + "/envs/" + name
	}
	return env, env != py.prefix
}

// condaVersion is the version of an environment's python package: conda-meta/python-3.11.9-h955ad1f_0.json.
func (v *view) condaVersion(prefix string) string {
	for _, n := range v.list(prefix + "/conda-meta") {
		rest, ok := strings.CutPrefix(path.Base(n.Path), "python-")
		if version, _, more := strings.Cut(rest, "-"); ok && more && upstream(version) == version {
			return version
		}
	}
	return ""
}
