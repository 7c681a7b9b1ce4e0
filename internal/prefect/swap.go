package prefect

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// foreign refuses a step that makes another image than layerpack would.
func (e *editor) foreign(f *File, s Step) error {
	d, ok := s.Docker()
	if !ok {
		return nil
	}
	args, cannot := d.Layerpack()
	fix := fmt.Sprintf("remove it (lines %s)", e.lines(s.Line))
	for _, p := range f.Push.Steps {
		if p.dockerStep("push_docker_image") {
			fix += fmt.Sprintf(", and push_docker_image (lines %s)", e.lines(p.Line))
		}
	}
	fix += "; then run init again. In layerpack's words it is: " + CommandLine(args)
	if len(cannot) > 0 {
		fix += "\n" + strings.Join(cannot, "\n")
	}
	return e.refuse(s.Line, "build_docker_image makes an image already", fix)
}

// swap puts the step in the place of the file's build_docker_image and takes push_docker_image away. The
// deployments that ran in the image of the old step are asked for too. It returns the options with the words that the old step
// adds to them.
func (e *editor) swap(f *File, o InitOptions) (InitOptions, error) {
	gone := map[string]bool{}
	for _, s := range f.Build.Steps {
		d, ok := s.Docker()
		if !ok {
			continue
		}
		if len(gone) > 0 {
			return o, e.refuse(s.Line, "a second step builds an image with Docker", "remove one of the two, or give each deployment a build of its own")
		}
		if len(o.Command) == 0 {
			return o, e.refuse(s.Line, "nothing is given to write in the place of build_docker_image", "say what layerpack is to run")
		}
		gone[s.ID] = true
		var err error
		if o, err = e.carry(d, o); err != nil {
			return o, err
		}
		if err := e.replaceItem("build", s, stepLines(o, e.indent.inputs)); err != nil {
			return o, err
		}
	}
	if len(gone) == 0 {
		return o, nil
	}
	for {
		now, err := Read(e.text)
		if err != nil {
			return o, err
		}
		s, ok := dockerPush(now.Push)
		if !ok {
			break
		}
		e.login(s, o)
		gone[s.ID] = true
		if err := e.replaceItem("push", s, nil); err != nil {
			return o, err
		}
	}
	for _, image := range f.Images() {
		if image.Origin != ByDocker || !gone[image.Step.ID] {
			continue
		}
		for _, i := range image.Deployments {
			d := f.Deployments[i]
			e.asked[i] = e.asked[i] || d.Image.Text != "" && !d.Build.Written
		}
	}
	return o, e.orphans(gone, o)
}

func dockerPush(s Section) (Step, bool) {
	for _, step := range s.Steps {
		if step.dockerStep("push_docker_image") {
			return step, true
		}
	}
	return Step{}, false
}

// replaceItem puts lines in the place of a step of a list of the root; without lines the step goes.
func (e *editor) replaceItem(key string, s Step, lines []string) error {
	root, err := e.root()
	if err != nil {
		return err
	}
	_, list := own(root, key)
	if list == nil || list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 {
		return e.refuse(s.Line, key+" is no list of steps on lines of their own", "write each step after '- '")
	}
	for k, item := range list.Content {
		if item.Line != s.Line {
			continue
		}
		starts := e.starts()
		from, to := starts[s.Line-1], starts[e.last(s.Line)]
		c := change{at: pathTo(root, list), drop: k + 1}
		if lines != nil {
			want, err := snippet(lines)
			if err != nil {
				return err
			}
			c = change{at: append(pathTo(root, list), k), with: want.Content[0]}
		}
		if e.try(e.with(from, to, e.block(from, list.Column-1, lines)), c) {
			return nil
		}
	}
	return e.unsafe(s.Line, "another step in the place of "+s.Name())
}

// orphans refuses what still names an output of a step that is gone.
func (e *editor) orphans(gone map[string]bool, o InitOptions) error {
	root, err := e.root()
	if err != nil {
		return err
	}
	now, err := Read(e.text)
	if err != nil {
		return err
	}
	will := map[int]bool{}
	for i, d := range now.Deployments {
		will[d.Image.Line] = e.asked[i]
	}
	return scalars(root, func(at *yaml.Node) error {
		if will[at.Line] {
			return nil // the image, which is written next
		}
		for _, p := range (Value{Text: at.Value}).Placeholders() {
			id, key, _ := strings.Cut(p.Name, ".")
			if p.Kind == StepOutput && gone[id] && id != "" && !(id == o.id() && key == "stdout") {
				return e.refuse(at.Line, fmt.Sprintf("%s names an output of a step that goes", p.Text), "write what it stands for, or remove it; layerpack's step has stdout alone, the whole reference")
			}
		}
		return nil
	})
}

// scalars calls f with every scalar, aliases not followed.
func scalars(at *yaml.Node, f func(*yaml.Node) error) error {
	if at.Kind == yaml.ScalarNode {
		return f(at)
	}
	for _, c := range at.Content {
		if err := scalars(c, f); err != nil {
			return err
		}
	}
	return nil
}
