package prefect

import (
	"sort"
	"strings"
)

// An Origin says where the image of a deployment comes from.
type Origin int

// What decides an image.
const (
	NoImage   Origin = iota // job_variables say none: the work pool's own default
	ByCommand               // a step that runs layerpack
	ByDocker                // a build_docker_image step, for which DockerBuild.Layerpack has the words
	ByName                  // a reference that is written out, or with variables: whoever pushes it decides
	Unfilled                // a template that no step fills in: Prefect drops the key, and the run gets the work pool's image
)

// String is the word for JSON and messages.
func (o Origin) String() string {
	switch o {
	case ByCommand:
		return "layerpack"
	case ByDocker:
		return "docker"
	case ByName:
		return "name"
	case Unfilled:
		return "unfilled"
	}
	return "none"
}

// An Image is one image that deployments of the file run in.
type Image struct {
	Origin      Origin
	Deployments []int    // which of File.Deployments, ascending
	Step        Step     // of ByCommand and ByDocker
	Args        []string // layerpack's words for it, templates unexpanded, of ByCommand and ByDocker
	Reference   Value    // the image as the first of these deployments writes it; may be absent
}

// Images groups the deployments by what decides their image: each group is built once. Groups come in
// the order of their first deployment. Two steps with the same words, folder and environment are one,
// wherever they stand.
func (f *File) Images() []Image {
	at := map[string]int{}
	var out []Image
	for i, d := range f.Deployments {
		image := f.image(d)
		key := image.key()
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, image)
		}
		out[k].Deployments = append(out[k].Deployments, i)
	}
	return out
}

func (i Image) key() string {
	parts := []string{string(rune('0' + i.Origin))}
	switch i.Origin {
	case ByCommand, ByDocker:
		parts = append(parts, i.Step.Input("directory").Text, i.Step.Input("dockerfile").Text)
		parts = append(parts, sorted(i.Args)...)
		if c, _ := i.Step.Layerpack(); c.Lines > 1 {
			parts = append(parts, i.Step.Input("script").Text) // what stands around it may matter
		}
		var env []string
		for _, v := range i.Step.Map("env") {
			env = append(env, v.Name+"="+v.Value.Text)
		}
		sort.Strings(env)
		parts = append(parts, env...)
	default:
		parts = append(parts, i.Reference.Text)
	}
	return strings.Join(parts, "\x00")
}

// image finds what decides a deployment's image.
func (f *File) image(d Deployment) Image {
	image := Image{Reference: d.Image, Origin: NoImage}
	steps := f.BuildSteps(d)
	if d.Image.Text == "" {
		// A step that builds is run all the same, only that nothing uses what it made.
		for _, s := range steps {
			if built, ok := byStep(s); ok {
				built.Reference = d.Image
				return built
			}
		}
		return image
	}
	image.Origin = ByName
	for _, p := range d.Image.Placeholders() {
		if p.Kind != StepOutput {
			continue
		}
		s, key, ok := output(append(steps[:len(steps):len(steps)], f.PushSteps(d)...), p.Name)
		switch {
		case !ok || !gives(s, key):
			return Image{Reference: d.Image, Origin: Unfilled}
		case p.Text != d.Image.Text && !(key == "image_name" || key == "tag"):
			continue // text around it: some other image, whose tag a step computes
		}
		if built, ok := byStep(f.source(s, steps)); ok {
			built.Reference = d.Image
			return built
		}
	}
	if built, ok := byTag(steps, d.Image.Text); ok {
		built.Reference = d.Image
		return built
	}
	return image
}

// source follows a push step to the step that built what it pushed.
func (f *File) source(s Step, steps []Step) Step {
	if !s.dockerStep("push_docker_image") {
		return s
	}
	for _, p := range s.Input("image_name").Placeholders() {
		if from, _, ok := output(steps, p.Name); ok && p.Kind == StepOutput {
			return from
		}
	}
	return s
}

func byStep(s Step) (Image, bool) {
	if c, ok := s.Layerpack(); ok {
		return Image{Origin: ByCommand, Step: s, Args: c.Args}, true
	}
	if d, ok := s.Docker(); ok {
		args, _ := d.Layerpack()
		return Image{Origin: ByDocker, Step: s, Args: args}, true
	}
	return Image{}, false
}

// byTag finds the step that pushes the very reference that a deployment writes out.
func byTag(steps []Step, reference string) (Image, bool) {
	for _, s := range steps {
		built, ok := byStep(s)
		if !ok {
			continue
		}
		for _, t := range (Command{Args: built.Args}).Tags() {
			if spaceless(t) == spaceless(reference) {
				return built, true
			}
		}
	}
	return Image{}, false
}

// spaceless makes {{ $TAG }} and {{$TAG}} equal.
func spaceless(s string) string { return strings.Join(strings.Fields(s), "") }

// output finds the step that a template names, by its id or, as Prefect has it, by the output's bare
// name, which the last step that returns it holds.
func output(steps []Step, name string) (s Step, key string, ok bool) {
	id, key, dotted := strings.Cut(name, ".")
	for i := len(steps) - 1; i >= 0; i-- {
		if dotted && steps[i].ID == id {
			return steps[i], key, true
		}
		if !dotted && gives(steps[i], name) {
			return steps[i], name, true
		}
	}
	return Step{}, "", false
}

// gives reports whether a step has such an output; of functions that are not known all are believed.
func gives(s Step, key string) bool {
	switch {
	case s.prefectStep("run_shell_script"):
		return key == "stdout" || key == "stderr"
	case s.dockerStep("build_docker_image"):
		return key == "image" || key == "image_name" || key == "tag" || key == "image_id" || strings.HasPrefix(key, "additional_tags")
	case s.dockerStep("push_docker_image"):
		return key == "image" || key == "image_name" || key == "tag" || strings.HasPrefix(key, "additional_tags")
	case s.Name() == "set_working_directory" || s.Name() == "git_clone":
		return key == "directory"
	}
	return strings.ContainsRune(s.Function, '.') && s.ID != ""
}
