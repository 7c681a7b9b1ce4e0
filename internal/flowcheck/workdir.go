package flowcheck

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// maxWorkdir is the size in bytes from which on copying the working directory for every run is worth a word.
const maxWorkdir = 200 << 20

// between reports whether the installed Prefect is at least low and, where high is given, below it.
func (i *inspector) between(low, high string) bool {
	v, err := version.Parse(i.prefect)
	if err != nil {
		return false
	}
	l, err := version.Parse(low)
	if err != nil || v.Compare(l) < 0 {
		return false
	}
	if high == "" {
		return true
	}
	h, err := version.Parse(high)
	return err == nil && v.Compare(h) < 0
}

// workdirSize warns of a working directory that Prefect 3.7 and later copy for each run of a deployment without
// pull steps.
func (i *inspector) workdirSize(entries []Entrypoint) {
	copied := len(entries) == 0 || slices.ContainsFunc(entries, func(e Entrypoint) bool { return !e.Steps })
	if !copied || !i.between("3.7", "") {
		return
	}
	dir, err := i.Tree.Resolve(i.workdir())
	if err != nil {
		return
	}
	f := check.Finding{
		Rule: WorkdirSize, Warning: true, Subject: "working directory " + i.workdir(),
		Fix: "set a tight one, with nothing but the project in it: --workdir /opt/prefect/NAME",
	}
	sites := []string{}
	if i.Python != nil {
		sites = i.installedDirs()
	}
	switch holds := holding(dir, sites); {
	case dir == "":
		f.Cause = "Prefect " + i.prefect + " copies it before each run of a flow without pull steps: the whole image, the copy itself included, so that the run fails"
	case holds != "":
		f.Cause = fmt.Sprintf("Prefect %s copies it before each run of a flow without pull steps, and it holds %s", i.prefect, holds)
	default:
		if i.has(dir, ".prefectignore") {
			return // it may leave out what is large
		}
		size := i.size(dir)
		if size <= maxWorkdir {
			return
		}
		f.Cause = fmt.Sprintf("Prefect %s copies it before each run of a flow without pull steps: %d MiB", i.prefect, size>>20)
		f.Fix = "leave what is large out of it, or list it in a .prefectignore there"
	}
	i.add(f)
}

// holding returns the first of the folders that lies in dir.
func holding(dir string, folders []string) string {
	for _, f := range folders {
		if strings.HasPrefix(strings.TrimPrefix(f, "/")+"/", dir+"/") {
			return f
		}
	}
	return ""
}

// size is what the files of a folder have together, in bytes.
func (i *inspector) size(dir string) int64 {
	var total int64
	for todo := []string{dir}; len(todo) > 0; {
		d := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, n := range i.Tree.Children(d) {
			switch n.Kind {
			case layers.Dir:
				todo = append(todo, n.Path)
			case layers.File:
				total += n.Size
			}
		}
	}
	return total
}

// reinstall warns of the pyproject.toml trap (PrefectHQ/prefect#22080): with uv on PATH, Prefect 3.7.0 to 3.7.2
// install the project that lists Prefect anew for each run.
func (i *inspector) reinstall() {
	if !i.between("3.7.0", "3.7.3") || !i.onPath(i.Env["PATH"], "uv") {
		return
	}
	for d := i.workdir(); ; d = path.Dir(d) {
		if n, ok := i.node(path.Join(d, "pyproject.toml")); ok {
			p := i.pyproject(n.Path)
			if p != nil && slices.ContainsFunc(p.requires, func(r string) bool { return nameOf(r) == "prefect" }) {
				i.add(check.Finding{
					Rule: ProjectReinstall, Warning: true, Subject: "/" + n.Path,
					Cause: "Prefect " + i.prefect + " finds it beside uv and installs all that it lists anew before each run, which needs a network",
					Fix:   "take Prefect 3.7.3 or later, or leave the file out of the source: --exclude pyproject.toml",
				})
			}
			return
		}
		if d == "/" {
			return
		}
	}
}
