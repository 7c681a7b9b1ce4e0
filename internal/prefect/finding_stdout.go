package prefect

import (
	"fmt"
	"regexp"
	"strings"
)

// isImage reports whether the deployment takes what a step prints for its image.
func (j *judge) isImage(s Step) bool {
	build := j.file.BuildSteps(j.d)
	steps := append(build[:len(build):len(build)], j.file.PushSteps(j.d)...)
	for _, p := range j.d.Image.Placeholders() {
		if p.Kind != StepOutput {
			continue
		}
		if from, key, ok := output(steps, p.Name); ok && key == "stdout" && from.Line == s.Line && from.ID == s.ID {
			return true
		}
	}
	return false
}

// joined judges the lines beside layerpack's own: run_shell_script joins the stdout of all.
func (j *judge) joined(s Step, lines []scriptLine) {
	if !j.isImage(s) {
		return
	}
	at := s.Input("script").Line
	const fix = "give layerpack a step of its own"
	commands, mine := 0, 0
	for _, l := range lines {
		if strings.HasPrefix(l.split[0], "#") {
			continue
		}
		commands++
		if _, ok := layerpackArgs(l.split); ok {
			mine++
			continue
		}
		if prints(l.split) && !(inShell(s) && strings.ContainsAny(l.text, "<>|&;")) {
			j.broken(at, fmt.Sprintf("the script that runs layerpack prints something else too, with %s", l.split[0]), "stdout of all lines together becomes the image's reference, which then is none", fix)
			return
		}
	}
	switch {
	case mine > 1:
		j.broken(at, fmt.Sprintf("the script runs layerpack %d times", mine), "stdout of all lines together becomes the image's reference, which then is none", "give each image a step of its own")
	case commands > 1:
		j.warn(at, fmt.Sprintf("the script that runs layerpack has %d commands", commands), "stdout of all of them together becomes the image's reference", fix)
	}
}

// prints reports whether a command is sure to write to stdout.
func prints(split []string) bool {
	switch split[0] {
	case "pwd", "date", "hostname", "whoami", "uname":
		return true
	case "echo", "printf":
		for _, w := range split[1:] {
			if strings.TrimSpace(w) != "" && !strings.HasPrefix(w, "-") {
				return true // blank lines at both ends are taken away
			}
		}
	}
	return false
}

// printed judges what layerpack's words make it print.
func (j *judge) printed(s Step, c Command) {
	at := s.Input("script").Line
	given := arguments(c.Args)
	set := map[string]bool{}
	unknown := false
	for _, a := range given {
		set[a.name] = set[a.name] || !noValue[a.name] || a.on()
		// A word that is filled in later may be any flag.
		unknown = unknown || a.name == "" && (strings.Contains(a.value, "$") || a.value == `\` || (Value{Text: a.value}).IsTemplate())
	}
	image := j.isImage(s)
	switch {
	case set["help"]:
	case set["dry-run"] && !image:
		j.warn(at, "the step says --dry-run", "nothing is built or pushed", "remove it")
	case !image:
	case set["dry-run"]:
		j.broken(at, "the step says --dry-run", "nothing is pushed: no run finds the image", "remove it")
	case set["json"]:
		j.broken(at, "the step says --json", "the whole document becomes the image's name, with which no run begins", "remove it; --metadata-file keeps the document")
	case !set["tag"] && !unknown:
		j.broken(at, "the step has no -t", "it pushes nothing, and what it prints is the name of a folder on the machine that deploys", "name a repository with -t")
	}
}

// mention finds layerpack's name where a shell would find a command.
var mention = regexp.MustCompile(`(?:^|[\s/;&|"'(])layerpack(?:\.exe)?(?:$|[\s"';&|)])`)

// opaque judges a step that runs layerpack in a way that is not understood here, and whose output is the image: it reports
// whether the lines are to be judged too.
func (j *judge) opaque(s Step, lines []scriptLine) bool {
	if !j.isImage(s) {
		return false
	}
	at := s.Input("script").Line
	for _, l := range lines {
		if args, ok := afterName(l.split); ok && len(args) > 0 {
			if !strings.Contains(args[0], "$") && !(Value{Text: args[0]}).IsTemplate() {
				j.broken(at, "the step runs layerpack "+args[0]+", which makes no image", "what it prints becomes the image's name, and no run finds an image of that name", "write layerpack without "+args[0])
			}
			return true
		}
	}
	for _, l := range lines {
		if !mention.MatchString(l.text) {
			continue
		}
		if builtins[l.split[0]] && !inShell(s) {
			return true // which is an error of its own
		}
		j.warn(at, "the step runs layerpack within another command", "the words that it is given are not judged here, and layerpack --deployments does not know them", "let the line begin with layerpack; directory: and env: of the step say what a shell is for")
		return true
	}
	return false
}
