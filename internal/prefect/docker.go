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

// Inputs that say how Docker builds, not what is in the image.
var harmless = map[string]bool{
	"ignore_cache": true, "persist_dockerfile": true, "dockerfile_output_path": true, "build_backend": true, "stream_progress_to": true,
	"nocache": true, "cache": true, "rm": true, "forcerm": true, "pull": true, "push": true, "credentials": true, "quiet": true, "progress": true, "decode": true,
	"timeout": true, "cache_from": true, "cache_to": true, "container_limits": true, "shmsize": true, "isolation": true, "gzip": true,
	"encoding": true, "use_config_proxy": true, "squash": true, "network_mode": true, "network": true, "extra_hosts": true, "builder": true, "load": true,
}

// Inputs that a Dockerfile's own lines ask for. The one that Prefect writes asks for none.
var forDockerfile = map[string]bool{"buildargs": true, "build_args": true, "secrets": true, "ssh": true}

// Inputs that become words.
var said = map[string]bool{
	"id": true, "requires": true, "image_name": true, "tag": true, "additional_tags": true, "dockerfile": true,
	"platform": true, "platforms": true, "labels": true, "path": true,
}

// names returns the image as the step calls it, and the further names of additional_tags.
func (d DockerBuild) names() (first string, more []string) {
	ref := d.ImageName.Text
	first = ref
	if d.Tag.Text != "" {
		first += ":" + d.Tag.Text
	}
	for _, t := range d.Tags {
		more = append(more, ref+":"+t.Text)
	}
	return first, more
}

// Layerpack returns layerpack's words for the same image, and what they cannot say: each a text
// for the user. Where nothing is left over, the image is what `dockerfile: auto` makes, on
// the base that --base names or that is inferred.
func (d DockerBuild) Layerpack() (args, cannot []string) {
	first, more := d.names()
	if first != "" {
		args = append(args, "-t", first)
	}
	for _, t := range more {
		args = append(args, "-t", t)
	}
	for _, v := range append(d.Step.List("platform"), d.Step.List("platforms")...) {
		if v.Text != "" {
			args = append(args, "--platform", platform(v.Text))
		}
	}
	for _, l := range d.Step.Map("labels") {
		args = append(args, "--label", l.Name+"="+l.Value.Text)
	}
	return args, d.cannot()
}

// platform writes a platform with its system, which Docker adds by itself.
func platform(text string) string {
	if (Value{Text: text}).IsTemplate() || strings.ContainsAny(text, "/,") {
		return text
	}
	switch text {
	case "x86_64":
		text = "amd64"
	case "aarch64":
		text = "arm64"
	}
	return "linux/" + text
}

func (d DockerBuild) cannot() []string {
	var out []string
	context := path.Clean("./" + d.Step.Input("path").Text)
	if path.IsAbs(d.Step.Input("path").Text) {
		context = d.Step.Input("path").Text
	}
	switch file := d.Dockerfile.Text; {
	case !d.Auto():
		if file == "" {
			file = "Dockerfile"
		}
		if !path.IsAbs(file) {
			file = path.Join(context, file)
		}
		out = append(out, "the Dockerfile "+file+" is not read: say what it does in layerpack's words (--base, --pip, --file, --env), and write dockerfile: auto in its place")
	case context != ".":
		out = append(out, "path: "+d.Step.Input("path").Text+" does not go with dockerfile: auto: Prefect writes the Dockerfile into the folder that it runs in, and Docker looks for it in the other; "+
			"remove path, or say --source "+context+":/opt/prefect/NAME")
	}
	if at := d.Step.inputs.get("labels"); !at.null() && at.pairs() == nil {
		out = append(out, "labels is no mapping of names to values, and Prefect fails on it: write NAME: VALUE below it")
	}
	for _, name := range d.Step.Inputs() {
		switch {
		case said[name] || harmless[name] || d.Step.inputs.get(name).null() || d.Auto() && forDockerfile[name]:
		case forDockerfile[name]:
			out = append(out, name+" is for lines of the Dockerfile: nothing is run in the image")
		case name == "target":
			out = append(out, "target names a stage of a Dockerfile, and layerpack has none")
		default:
			out = append(out, name+" of the Docker build is not known here: remove it where the image does not need it")
		}
	}
	return out
}

// Left returns what the step says and layerpack need not: the image is the same without. Each is the name of an input.
func (d DockerBuild) Left() []string {
	var out []string
	for _, name := range d.Step.Inputs() {
		if !d.Step.inputs.get(name).null() && (harmless[name] || d.Auto() && forDockerfile[name]) {
			out = append(out, name)
		}
	}
	return out
}

// CommandLine writes args as one line for run_shell_script, after the word layerpack.
func CommandLine(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = shellWord(a)
	}
	return strings.Join(append([]string{"layerpack"}, quoted...), " ")
}
