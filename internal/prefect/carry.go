package prefect

import (
	"fmt"
	"slices"
	"strings"
)

// carry adds to the words of the new step what build_docker_image says and they do not, and notes what changes. It refuses
// what the step would lose.
func (e *editor) carry(d DockerBuild, o InitOptions) (InitOptions, error) {
	line := d.Step.Line
	said, cannot := d.Layerpack()
	if len(cannot) > 0 {
		return o, e.refuse(line, "build_docker_image says what layerpack's step cannot: "+strings.Join(cannot, "; "),
			"change that in the file, name a base image that has what only a Dockerfile can do, and run init again")
	}
	var carried []string
	given := arguments(o.Command)
	tags := values(given, "tag")
	tag := "-t"
	if slices.Contains(o.Command, "--tag") {
		tag = "--tag"
	}
	first, more := d.names()
	switch {
	case len(tags) == 0 && first != "":
		carried = append(carried, tag, first)
	case first != "" && !slices.ContainsFunc(tags, func(t string) bool { return spaceless(t) == spaceless(first) }):
		e.notes = append(e.notes, fmt.Sprintf("the step pushes to %s; %s, which build_docker_image made, stays what it is", tags[0], first))
	}
	for i, t := range more {
		if repo := repository(tags); repo != "" {
			t = repo + ":" + d.Tags[i].Text
		}
		if !slices.ContainsFunc(tags, func(g string) bool { return spaceless(g) == spaceless(t) }) {
			carried = append(carried, tag, t)
		}
	}
	for _, f := range arguments(said) {
		switch {
		case f.name == "platform" && len(values(given, "platform")) == 0:
			carried = append(carried, "--platform", f.value)
		case f.name == "label" && !labelled(given, f.value):
			carried = append(carried, "--label", f.value)
		}
	}
	if len(carried) > 0 {
		e.notes = append(e.notes, "taken over from build_docker_image: "+strings.TrimPrefix(CommandLine(carried), "layerpack "))
	}
	if left := d.Left(); len(left) > 0 {
		e.notes = append(e.notes, "left out, since the image is the same without: "+strings.Join(left, ", "))
	}
	o.Command = slices.Concat(o.Command, carried)
	if err := o.check(); err != nil {
		return o, e.refuse(line, "build_docker_image says what one line of a script cannot: "+err.Error(), "change that in the file")
	}
	return o, nil
}

// labelled reports whether words give a label of that name.
func labelled(given []argument, label string) bool {
	name, _, _ := strings.Cut(label, "=")
	return slices.ContainsFunc(values(given, "label"), func(l string) bool { return strings.HasPrefix(l, name+"=") })
}

// repository is that of the first tag, "" where a template may hold the tag too.
func repository(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	t := tags[0]
	if i := strings.LastIndexByte(t, ':'); i > strings.LastIndexByte(t, '/') {
		return t[:i]
	}
	if (Value{Text: t}).IsTemplate() {
		return ""
	}
	return t
}

// login notes that credentials of push_docker_image went with it.
func (e *editor) login(s Step, o InitOptions) {
	if s.inputs.get("credentials").null() {
		return
	}
	for _, v := range o.Env {
		if v.Name == "LAYERPACK_PASSWORD" {
			return
		}
	}
	e.notes = append(e.notes, "push_docker_image logged in with its credentials: where the machine is not logged in, give the step LAYERPACK_USERNAME and LAYERPACK_PASSWORD with --env")
}

// withoutCarried takes from a step's words what carry may have added behind those that are wanted.
func withoutCarried(args, want []string) []string {
	n := len(want)
	if n > 0 && want[0] == "build" {
		n--
	}
	if len(args) <= n {
		return args
	}
	for _, f := range arguments(args[n:]) {
		if f.name != "tag" && f.name != "platform" && f.name != "label" {
			return args
		}
	}
	return args[:n]
}
