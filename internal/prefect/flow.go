package prefect

import (
	"path"
	"strings"
)

// A Layout says where the image puts the project.
type Layout struct {
	Dir     string   // absolute folder that holds what the folder of prefect.yaml holds; "" with --no-source
	Workdir string   // the working directory of the image's configuration; "" for /
	Placed  []string // further absolute paths that files and sources of the image are put to
}

// holds reports whether the image has something of ours at or below a path, or the path is a folder on the way to it.
func (l Layout) holds(p string) bool {
	for _, dir := range append([]string{l.Dir}, l.Placed...) {
		if dir != "" && (within(p, dir) || within(dir, p)) {
			return true
		}
	}
	return false
}

// within reports whether the absolute path p is dir or below it.
func within(p, dir string) bool {
	dir = path.Clean(dir)
	return p == dir || dir == "/" || strings.HasPrefix(p, dir+"/")
}

// A Flow is what a worker loads for a deployment, as far as the file tells.
type Flow struct {
	Deployment int    // which of File.Deployments
	Entrypoint Value  // as written; absent where the deployment has none
	Path       string // of the file as written, slashes as they are; "" of a module, and of a template
	Module     string // dotted name of a module entrypoint
	Name       string // what is loaded from it: a function, or Class.method
	Dir        string // working directory when it is loaded; "" where only Prefect knows
	File       string // Path in the container, absolute; "" where Dir is not known or Path is ""
	Fetched    bool   // a pull step fetches the code at run time: what the image holds is not used
	Loose      bool   // a pull step runs what may bring or move code: a command, or a function that is not known
	Installs   bool   // a pull step installs requirements before the flow is loaded
	Default    bool   // no pull step is written: Prefect makes one up, differently in each version
}

// Flows says for each deployment what is loaded, and from where.
func (f *File) Flows(l Layout) []Flow {
	out := make([]Flow, len(f.Deployments))
	for i, d := range f.Deployments {
		flow := Flow{Deployment: i, Entrypoint: d.Entrypoint}
		flow.Path, flow.Module, flow.Name = entrypoint(d.Entrypoint)
		w := f.workdir(d, l)
		flow.Dir, flow.Fetched, flow.Default, flow.Loose, flow.Installs = w.dir, w.fetched, w.made, w.loose, w.installs
		if flow.Path != "" {
			flow.File = join(flow.Dir, flow.Path)
		}
		out[i] = flow
	}
	return out
}

// entrypoint splits path.py:name, at the last colon as Prefect does, or package.module.name, which may be
// written package.module:name.
func entrypoint(v Value) (file, module, name string) {
	if v.IsTemplate() || v.Text == "" {
		return "", "", ""
	}
	if i := strings.LastIndexByte(v.Text, ':'); i >= 0 {
		if dotted := v.Text[:i]; i > 0 && !strings.HasSuffix(dotted, ".py") && !strings.ContainsAny(dotted, `/\`) {
			return "", dotted, v.Text[i+1:]
		}
		return strings.ReplaceAll(v.Text[:i], `\`, "/"), "", v.Text[i+1:]
	}
	i := strings.LastIndexByte(v.Text, '.')
	if i < 0 {
		return "", "", v.Text
	}
	return "", v.Text[:i], v.Text[i+1:]
}

// join resolves p against dir, which may be "" for unknown.
func join(dir, p string) string {
	switch {
	case path.IsAbs(p):
		return path.Clean(p)
	case dir == "":
		return ""
	}
	return path.Join(dir, p)
}

// workdir is what the pull steps make of the working directory.
type workdir struct {
	dir           string
	fetched, made bool
	loose         bool // a step may do anything to the folders
	installs      bool
	step          *Step // the last set_working_directory
	at            Value // its directory as written
}

func (f *File) workdir(d Deployment, l Layout) workdir {
	w := workdir{dir: path.Join("/", l.Workdir)}
	steps, written := f.PullSteps(d)
	if !written {
		return workdir{made: true}
	}
	for _, s := range steps {
		switch {
		case s.prefectStep("set_working_directory"):
			w.at, w.step = s.Input("directory"), &s
			switch {
			case w.at.IsTemplate() || w.at.Text == "":
				w.dir = ""
			default:
				w.dir = join(w.dir, w.at.Text)
			}
		case fetches(s):
			w.dir, w.fetched = "", true
		case s.Name() == "pip_install_requirements" && strings.HasPrefix(s.Function, "prefect."):
			w.installs = true
		default:
			w.loose = true
		}
	}
	return w
}

// fetches reports whether a pull step brings code from elsewhere.
func fetches(s Step) bool {
	name := s.Name()
	return strings.HasPrefix(name, "git_clone") || strings.HasPrefix(name, "pull_from_") || name == "pull_with_block" || name == "pull_project_from_s3"
}
