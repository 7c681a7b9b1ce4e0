package prefect

import (
	"fmt"
	"path"
	"strings"
)

// packages judges EXTRA_PIP_PACKAGES, which the entrypoint of Prefect's images installs at start.
func (j *judge) packages() {
	if j.image.Origin == NoImage || j.image.Origin == Unfilled {
		return
	}
	for _, v := range j.d.Env {
		if v.Name != "EXTRA_PIP_PACKAGES" || strings.TrimSpace(v.Value.Text) == "" {
			continue
		}
		fix := "remove it and bring the packages with --pip"
		if split, err := words(v.Value.Text); err == nil && !v.Value.IsTemplate() {
			var args []string
			for _, w := range split {
				args = append(args, "--pip", w)
			}
			fix = "remove it and write " + strings.TrimPrefix(CommandLine(args), "layerpack ")
		}
		j.warn(v.Value.Line, fmt.Sprintf("%s sets EXTRA_PIP_PACKAGES to %q", j.d.Title(), v.Value.Text),
			"each run installs them again, which needs the network and a user who may write to site-packages; the image can hold them", fix)
	}
}

// imageOf judges what job_variables.image says.
func (j *judge) imageOf() {
	build := j.file.BuildSteps(j.d)
	var layerpack, docker *Step
	for _, s := range build {
		if _, ok := s.Layerpack(); ok {
			layerpack = &s
		}
		if _, ok := s.Docker(); ok {
			docker = &s
		}
	}
	if layerpack != nil && docker != nil {
		j.warn(docker.Line, "build_docker_image stands beside the step that runs layerpack", "Docker is still needed, for an image that layerpack makes", "remove the step, and push_docker_image with it")
	}
	if layerpack != nil && j.image.Origin == ByCommand {
		for _, s := range j.file.PushSteps(j.d) {
			if s.dockerStep("push_docker_image") {
				j.warn(s.Line, "push_docker_image pushes with Docker what layerpack has pushed already", "the step fails where there is no Docker, or finds no such image", "remove the step")
			}
		}
	}
	image := j.d.Image
	switch {
	case image.Text == "" && layerpack != nil:
		line := image.Line
		if line == 0 {
			line = j.d.Line
		}
		j.warn(line, j.d.Title()+" names no image", "its runs get the default image of the work pool, not the one that the step in line "+fmt.Sprint(layerpack.Line)+" makes",
			"write below work_pool: job_variables: "+j.reference(layerpack))
	case j.image.Origin == Unfilled && layerpack != nil:
		j.found = append(j.found, Finding{
			Line: image.Line, What: fmt.Sprintf("%s has the image %q, which no step returns", j.d.Title(), image.Text),
			Why: "Prefect drops it without a word, and runs get the default image of the work pool", Fix: "write " + j.reference(layerpack),
		})
	case j.image.Origin == Unfilled:
		j.warn(image.Line, fmt.Sprintf("%s has the image %q, which no step of its build returns", j.d.Title(), image.Text),
			"Prefect drops it without a word, and runs get the default image of the work pool", "name the id of a step, or the image itself")
	case j.image.Origin == ByName && layerpack != nil:
		j.warn(image.Line, fmt.Sprintf("%s has the image %q, which is not what the step in line %d makes", j.d.Title(), image.Text, layerpack.Line),
			"the step runs, and its image is not used", "write "+j.reference(layerpack)+", or give the deployment a build: [] of its own")
	}
	j.digest()
}

// digest warns of an output that is none.
func (j *judge) digest() {
	for _, p := range j.d.Image.Placeholders() {
		if p.Kind == StepOutput && j.ours() && path.Ext(p.Name) == ".stderr" {
			j.fail(j.d.Image.Line, fmt.Sprintf("%s takes what layerpack says to people for its image", j.d.Title()), "the reference stands on stdout alone", "write "+j.reference(&j.image.Step))
		}
	}
}

// reference is what job_variables have to say for the image of a step.
func (j *judge) reference(s *Step) string {
	if s.ID == "" {
		return `image: "{{ build-image.stdout }}", and id: build-image in the step`
	}
	return fmt.Sprintf("image: %q", "{{ "+s.ID+".stdout }}")
}
