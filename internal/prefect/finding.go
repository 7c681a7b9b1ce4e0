package prefect

import (
	"fmt"
	"strings"
)

// A Finding is something in the file that would fail when a flow runs, or would not do what the
// file seems to say.
type Finding struct {
	Line    int    // of the file, from 1
	What    string // what is wrong, and where
	Why     string // what happens at run time
	Fix     string // what to write
	Warning bool   // it may be meant so; else every run of the deployment fails, or runs in another image
}

// String is the finding as one message.
func (f Finding) String() string {
	return fmt.Sprintf("%s, line %d: %s: %s; %s", input, f.Line, f.What, f.Why, f.Fix)
}

// Findings judges the deployments by the file alone; l says what the image will hold. Whether the
// entrypoint's file exists and defines the flow is not asked here: Flows says where to look for it. A deployment
// whose image is not layerpack's gives warnings only.
func (f *File) Findings(l Layout) []Finding {
	var out []Finding
	seen := map[Finding]int{}
	images := make([]Image, len(f.Deployments))
	for _, image := range f.Images() {
		for _, i := range image.Deployments {
			images[i] = image
		}
	}
	flows := f.Flows(l)
	for i, d := range f.Deployments {
		j := judge{file: f, d: d, layout: l, image: images[i], flow: flows[i]}
		j.entrypoint()
		j.pull()
		j.packages()
		j.imageOf()
		j.script()
		for _, found := range j.found {
			// What the file says once is told once, though it holds for several deployments: as an error if it is one for any.
			same := found
			same.Warning = false
			if k, ok := seen[same]; ok {
				out[k].Warning = out[k].Warning && found.Warning
				continue
			}
			seen[same] = len(out)
			out = append(out, found)
		}
	}
	return out
}

// judge gathers what is wrong with one deployment.
type judge struct {
	file   *File
	d      Deployment
	layout Layout
	image  Image
	flow   Flow
	found  []Finding
}

func (j *judge) ours() bool { return j.image.Origin == ByCommand }

// fail adds what cannot work in our image, and what may well work in another.
func (j *judge) fail(line int, what, why, fix string) {
	j.found = append(j.found, Finding{Line: line, What: what, Why: why, Fix: fix, Warning: !j.ours()})
}

func (j *judge) warn(line int, what, why, fix string) {
	j.found = append(j.found, Finding{Line: line, What: what, Why: why, Fix: fix, Warning: true})
}

// entrypoint judges the text of the entrypoint alone.
func (j *judge) entrypoint() {
	e := j.d.Entrypoint
	name := j.d.Title()
	switch {
	case e.Text == "":
		line := e.Line
		if line == 0 {
			line = j.d.Line
		}
		j.warn(line, name+" has no entrypoint", "prefect deploy asks for one, and fails where nobody can answer", "write entrypoint: PATH.py:FUNCTION")
	case e.IsTemplate():
	case j.flow.Name == "" || j.flow.Path == "" && j.flow.Module == "" || j.flow.Module != "" && j.flow.Name == "py":
		j.fail(e.Line, fmt.Sprintf("%s has the entrypoint %q, which names no flow", name, e.Text),
			"Prefect cannot tell which function of the file to run", fmt.Sprintf("write %s:FUNCTION", strings.TrimSuffix(e.Text, ":")))
	case j.flow.Module != "":
		j.module()
	case foreignPath(j.flow.Path):
		j.fail(e.Line, fmt.Sprintf("%s has the entrypoint %q, a path of the machine that deploys", name, e.Text),
			"the container has no such path", "write it relative to the folder of prefect.yaml")
	case strings.HasPrefix(j.flow.File, "/") && strings.HasPrefix(j.flow.Path, "/"):
		if !j.layout.holds(j.flow.File) {
			j.fail(e.Line, fmt.Sprintf("%s has the entrypoint %q, an absolute path to which the image gets no file", name, e.Text),
				"the flow's file is looked for at that path in the container", "write it relative to the folder of prefect.yaml")
		}
	case strings.HasPrefix(clean(j.flow.Path), "../"):
		j.outside()
	}
}

// module warns of the form that Prefect 2.11 cannot read.
func (j *judge) module() {
	if strings.ContainsRune(j.d.Entrypoint.Text, ':') {
		return // package.module:name is what they can read
	}
	if v := j.file.PrefectVersion.Text; v == "2.10" || v == "2.11" || strings.HasPrefix(v, "2.10.") || strings.HasPrefix(v, "2.11.") {
		j.fail(j.d.Entrypoint.Line, fmt.Sprintf("%s has the entrypoint %q, the name of a module", j.d.Title(), j.d.Entrypoint.Text),
			"Prefect "+v+" reads PATH.py:FUNCTION only", "write the path of the file, a colon and the function")
	}
}

// outside judges an entrypoint that leaves the project's folder.
func (j *judge) outside() {
	if j.flow.File != "" && j.layout.holds(j.flow.File) && !within(j.layout.Dir, j.flow.File) {
		return // a further --source or --file has it
	}
	j.fail(j.d.Entrypoint.Line, fmt.Sprintf("%s has the entrypoint %q, which lies outside the project's folder", j.d.Title(), j.d.Entrypoint.Text),
		"the image holds the folder of prefect.yaml and what is in it", "bring the file's folder with a --source of its own, or move prefect.yaml up")
}

// foreignPath reports a Windows path with a drive or a home folder.
func foreignPath(p string) bool {
	return len(p) > 2 && p[1] == ':' && p[2] == '/' || strings.HasPrefix(p, "~") ||
		strings.HasPrefix(p, "/home/") || strings.HasPrefix(p, "/Users/")
}
