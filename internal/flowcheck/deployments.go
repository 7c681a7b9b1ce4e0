package flowcheck

import (
	"fmt"
	"path"
	"slices"

	"github.com/layerpack/layerpack/internal/prefect"
)

// Entrypoints returns what the deployments of a prefect.yaml load from the image. only names the deployments that run
// in it (prefect.Image has them); nil means all. What a pull step fetches at run time, and entrypoints that only
// Prefect can fill in, are left out; where the working directory is not written, that of the project is assumed.
func Entrypoints(f *prefect.File, l prefect.Layout, only []int) []Entrypoint {
	var out []Entrypoint
	for _, flow := range f.Flows(l) {
		if only != nil && !slices.Contains(only, flow.Deployment) || flow.Fetched || flow.Path == "" && flow.Module == "" {
			continue
		}
		d := f.Deployments[flow.Deployment]
		e := Entrypoint{File: flow.File, Module: flow.Module, Name: flow.Name, Dir: flow.Dir}
		e.Origin = fmt.Sprintf("%s, prefect.yaml:%d", d.Title(), d.Line)
		steps, _ := f.PullSteps(d)
		e.Steps = len(steps) > 0
		if e.Dir == "" {
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
