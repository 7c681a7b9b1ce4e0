package prefect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// input is how messages call the file.
const input = "prefect.yaml"

// A File is what a prefect.yaml says, for Prefect 2.11 to 3.x.
type File struct {
	Name           Value
	PrefectVersion Value // of the Prefect that wrote the file: a hint, nothing reads it
	Build          Section
	Push           Section
	Pull           Section
	Deployments    []Deployment
}

// A Deployment is one entry of deployments.
type Deployment struct {
	Name         Value
	Entrypoint   Value
	WorkPool     Value      // the name of the work pool
	Image        Value      // work_pool.job_variables.image
	Env          []Variable // work_pool.job_variables.env
	JobVariables []Variable // all of job_variables; what is no scalar has the zero Value
	Mounts       []string   // folders of the container that job_variables.volumes lays something over
	Line         int

	Build, Push, Pull Section // the deployment's own, which replace those of the file
}

// Title is how messages call the deployment.
func (d Deployment) Title() string {
	if d.Name.Text != "" {
		return fmt.Sprintf("deployment %q", d.Name.Text)
	}
	return fmt.Sprintf("the deployment in line %d", d.Line)
}

// Read reads a prefect.yaml as Prefect does: anchors and merge keys are followed, templates stay
// text. It refuses what Prefect could not read, with the line; keys that it does not know are
// passed over, as in Prefect.
func Read(text []byte) (*File, error) {
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	f := &File{}
	if root == nil {
		return f, nil
	}
	if err := readable(text, root); err != nil {
		return nil, err
	}
	top := node{root}
	if root.Kind != yaml.MappingNode {
		return nil, errAt(root.Line, "it is no mapping of keys to values", "begin with name: NAME and deployments:")
	}
	f.Name, f.PrefectVersion = top.get("name").value(), top.get("prefect-version").value()
	if f.Build, f.Push, f.Pull, err = sections(top); err != nil {
		return nil, err
	}
	list := top.get("deployments")
	if !list.null() && list.items() == nil {
		return nil, errAt(list.line(), "deployments is no list", "begin each deployment with '- name: NAME'")
	}
	for _, item := range list.items() {
		if item.null() {
			continue
		}
		if at := item.follow(); at == nil || at.Kind != yaml.MappingNode {
			return nil, errAt(item.line(), "a deployment is no mapping of keys to values", "begin it with '- name: NAME'")
		}
		d, err := deployment(item)
		if err != nil {
			return nil, err
		}
		f.Deployments = append(f.Deployments, d)
	}
	return f, nil
}

func deployment(n node) (Deployment, error) {
	pool := n.get("work_pool")
	job := pool.get("job_variables")
	d := Deployment{
		Name:         n.get("name").value(),
		Entrypoint:   n.get("entrypoint").value(),
		WorkPool:     pool.get("name").value(),
		Image:        job.get("image").value(),
		Env:          variables(job.get("env")),
		JobVariables: variables(job),
		Mounts:       mounts(job.get("volumes")),
		Line:         n.line(),
	}
	if image := job.get("image"); !image.null() && d.Image.Line == 0 {
		return d, errAt(image.line(), "the image is no text", `write a template in quotes: image: "{{ build-image.stdout }}"`)
	}
	if at := n.get("entrypoint"); !at.null() && d.Entrypoint.Line == 0 {
		return d, errAt(at.line(), "the entrypoint is no text", "write entrypoint: PATH.py:FUNCTION")
	}
	var err error
	d.Build, d.Push, d.Pull, err = sections(n)
	return d, err
}

// mounts reads volumes as Docker has them: a list of HOST:FOLDER[:MODE], or a mapping of hosts to {bind: FOLDER}.
func mounts(n node) []string {
	var out []string
	for _, item := range n.items() {
		parts := strings.Split(item.value().Text, ":")
		for _, folder := range parts[1:] {
			if path.IsAbs(folder) {
				out = append(out, path.Clean(folder))
			}
		}
	}
	for _, p := range n.pairs() {
		if folder := p.value.get("bind").value().Text; path.IsAbs(folder) {
			out = append(out, path.Clean(folder))
		}
	}
	return out
}

func sections(n node) (build, push, pull Section, err error) {
	if build, err = section(n, "build"); err != nil {
		return
	}
	if push, err = section(n, "push"); err != nil {
		return
	}
	pull, err = section(n, "pull")
	return
}

// parse returns the root of the only document, nil of an empty one.
func parse(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, unreadable(err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, errAt(second.Line, "a second document begins here, and Prefect reads files of one", "remove the line with --- or what follows it")
	case !errors.Is(err, io.EOF):
		return nil, unreadable(err)
	}
	if len(document.Content) == 0 || (node{document.Content[0]}).null() {
		return nil, nil
	}
	return document.Content[0], nil
}

func unreadable(err error) error {
	return &refusal.Error{Input: input, Cause: "not YAML that Prefect could read", Err: err, Fix: "a template in braces needs quotes around it"}
}

// errAt refuses the file because of what stands in a line.
func errAt(line int, cause, fix string) error {
	return refusal.New(fmt.Sprintf("%s, line %d", input, line), cause, fix)
}
