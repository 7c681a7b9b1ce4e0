package spec

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

func (b *Build) config(f Flags) error {
	var err error
	e := &b.Edits
	if b.given.env, err = ParseEnv("--env", f.Env); err != nil {
		return err
	}
	if e.Labels, err = pairs("--label", f.Labels); err != nil {
		return err
	}
	if b.Annotations, err = pairs("--annotation", f.Annotations); err != nil {
		return err
	}
	if err := b.pythonPath(f.PythonPath); err != nil {
		return err
	}
	if len(b.Sources) > 0 {
		e.WorkingDir = b.Sources[0].Dst
	}
	if f.WorkDir != "" {
		if why := badPath(f.WorkDir); why != "" {
			return usage("--workdir %s: %s", f.WorkDir, why)
		}
		e.WorkingDir = path.Clean(f.WorkDir)
	}
	if f.User != "" && !validUser.MatchString(f.User) {
		return usage("--user %s: write USER or USER:GROUP, names or numbers", f.User)
	}
	e.User = f.User
	if e.Entrypoint, err = words("--entrypoint", f.Entrypoint); err != nil {
		return err
	}
	if e.Cmd, err = words("--cmd", f.Cmd); err != nil {
		return err
	}
	if e.Created, err = ParseEpoch(f.SourceDateEpoch); err != nil {
		return err
	}
	return b.AddEnv(nil)
}

// pythonPath collects what goes in front of PYTHONPATH: what was asked for, then the source, then
// the folder that wheels are installed into.
func (b *Build) pythonPath(dirs []string) error {
	g := &b.given
	g.flag = len(dirs) > 0 || b.Install.Target != ""
	for _, d := range dirs {
		why := badPath(d)
		if strings.Contains(d, ":") {
			why = "write one folder for each --pythonpath"
		}
		if why != "" {
			return usage("--pythonpath %s: %s", d, why)
		}
		g.pythonPath = appendOnce(g.pythonPath, path.Clean(d))
	}
	if len(b.Sources) > 0 {
		g.pythonPath = appendOnce(g.pythonPath, b.Sources[0].Dst)
	}
	if b.Install.Target != "" {
		g.pythonPath = appendOnce(g.pythonPath, b.Install.Target)
	}
	return nil
}

var validUser = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
