package flowcheck

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/prefect"
)

// Entrypoints returns what the deployments of a prefect.yaml load from the image. only names the deployments that run
// in it (prefect.Image has them); nil means all. Entrypoints that only Prefect can fill in are left out; where the working
// directory is not written, that of the project is assumed.
func Entrypoints(f *prefect.File, l prefect.Layout, only []int) []Entrypoint {
	var out []Entrypoint
	ours := map[int]bool{}
	for _, image := range f.Images() {
		for _, k := range image.Deployments {
			ours[k] = image.Origin == prefect.ByCommand || image.Origin == prefect.ByDocker
		}
	}
	for _, flow := range f.Flows(l) {
		if only != nil && !slices.Contains(only, flow.Deployment) || !flow.Fetched && flow.Path == "" && flow.Module == "" {
			continue
		}
		d := f.Deployments[flow.Deployment]
		e := Entrypoint{File: flow.File, Module: flow.Module, Name: flow.Name, Dir: flow.Dir, Fetched: flow.Fetched}
		e.Origin = fmt.Sprintf("%s, prefect.yaml:%d", d.Title(), d.Line)
		steps, _ := f.PullSteps(d)
		e.Steps = len(steps) > 0
		e.Assumed, e.Installs = flow.Loose, flow.Installs
		// A deployment whose image others name, and whose folder is not the project's, may well not run in this one.
		if e.Dir != "" && !ours[flow.Deployment] && !slices.ContainsFunc(append([]string{l.Dir}, l.Placed...), func(p string) bool { return p != "" && below(e.Dir, path.Clean(p)) }) {
			e.Assumed = true
		}
		for _, folder := range d.Mounts {
			e.Assumed = e.Assumed || below(e.File, folder) || below(e.Dir, folder)
		}
		if e.Dir == "" && !e.Fetched {
			if l.Dir == "" {
				continue
			}
			e.Dir, e.Assumed = path.Clean(l.Dir), true
			if flow.Path != "" {
				e.File = absolute(e.Dir, flow.Path)
			}
		}
		for _, v := range d.Env {
			if v.Value.IsTemplate() {
				e.Unfilled = append(e.Unfilled, v.Name)
				continue
			}
			if e.Env == nil {
				e.Env = map[string]string{}
			}
			e.Env[v.Name] = v.Value.Text
		}
		out = append(out, e)
	}
	return out
}

// below reports whether a path is a folder or lies in it.
func below(p, folder string) bool {
	return p == folder || strings.HasPrefix(p, strings.TrimSuffix(folder, "/")+"/")
}
