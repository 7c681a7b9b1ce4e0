package prefect

import (
	"path"
	"strings"
)

// A DockerBuild is a prefect_docker build_docker_image step.
type DockerBuild struct {
	ImageName  Value
	Tag        Value
	Tags       []Value // additional_tags
	Dockerfile Value   // "auto", or a path; absent means Dockerfile
	Step       Step
}

// Docker returns what a build_docker_image step says.
func (s Step) Docker() (DockerBuild, bool) {
	if !s.dockerStep("build_docker_image") {
		return DockerBuild{}, false
	}
	return DockerBuild{
		ImageName:  s.Input("image_name"),
		Tag:        s.Input("tag"),
		Tags:       s.List("additional_tags"),
		Dockerfile: s.Input("dockerfile"),
		Step:       s,
	}, true
}

// Auto reports whether Prefect writes the Dockerfile itself, which is the image that layerpack makes.
func (d DockerBuild) Auto() bool { return d.Dockerfile.Text == "auto" }

// dropped are inputs that say how Docker builds, not what is in the image.
var dropped = map[string]bool{
	"id": true, "requires": true, "image_name": true, "tag": true, "additional_tags": true, "dockerfile": true,
	"platform": true, "labels": true, "path": true, "ignore_cache": true, "persist_dockerfile": true, "dockerfile_output_path": true,
	"build_backend": true, "stream_progress_to": true, "nocache": true, "rm": true, "forcerm": true, "pull": true, "quiet": true,
	"decode": true, "timeout": true, "cache_from": true, "container_limits": true, "shmsize": true, "isolation": true, "gzip": true,
	"use_config_proxy": true, "encoding": true, "push": true, "credentials": true,
}

// Layerpack returns layerpack's words for the same image, and what they cannot say: each a text
// for the user. Where nothing is left over, the image is what `dockerfile: auto` makes, on
// the base that --base names or that is inferred.
func (d DockerBuild) Layerpack() (args, cannot []string) {
	ref := d.ImageName.Text
	tag := func(name string) { args = append(args, "-t", name) }
	if d.Tag.Text != "" {
		tag(ref + ":" + d.Tag.Text)
	} else if ref != "" {
		tag(ref)
	}
	for _, t := range d.Tags {
		tag(ref + ":" + t.Text)
	}
	if context := d.Step.Input("path").Text; context != "" && path.Clean(context) != "." {
		args = append(args, "--source", context)
	}
	if platform := d.Step.Input("platform").Text; platform != "" {
		args = append(args, "--platform", platform)
	}
	for _, l := range d.Step.Map("labels") {
		args = append(args, "--label", l.Name+"="+l.Value.Text)
	}
	if !d.Auto() {
		file := d.Dockerfile.Text
		if file == "" {
			file = "Dockerfile"
		}
		cannot = append(cannot, "the Dockerfile "+file+" is not read: say what it does in layerpack's words (--base, --pip, --file, --env)")
	}
	for _, name := range d.Step.Inputs() {
		if !dropped[name] {
			cannot = append(cannot, name+" of the Docker build has no equivalent: nothing is run in the image")
		}
	}
	return args, cannot
}

// CommandLine writes args as one line for run_shell_script, after the word layerpack.
func CommandLine(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = shellWord(a)
	}
	return strings.Join(append([]string{"layerpack"}, quoted...), " ")
}
