package prefect

import (
	"path"
	"strings"
)

// A Command is layerpack's own line in a run_shell_script step.
type Command struct {
	Args  []string // what follows layerpack, split as Prefect splits it; templates unbroken
	Line  int      // of the script
	Lines int      // how many commands the whole script has; the stdout of all is joined
}

// Tags returns what the command names with -t and --tag.
func (c Command) Tags() []string {
	return values(arguments(c.Args), "tag")
}

// Layerpack returns the command of a run_shell_script step that runs layerpack to build an image: the
// verb is left out, build, or anything that begins with a dash.
func (s Step) Layerpack() (Command, bool) {
	if !s.prefectStep("run_shell_script") {
		return Command{}, false
	}
	script := s.Input("script")
	found, lines := Command{}, 0
	ok := false
	for _, line := range scriptLines(script.Text) {
		split, err := words(line)
		if err != nil {
			split = strings.Fields(line) // what is wrong with it is a finding; that it is layerpack's line is plain
		}
		if len(split) == 0 {
			continue
		}
		lines++
		if args, is := layerpackArgs(split); is && !ok {
			found, ok = Command{Args: args, Line: script.Line}, true
		}
	}
	found.Lines = lines
	return found, ok
}

// before is what may stand before the command's own name.
var before = map[string]bool{"env": true, "exec": true, "command": true, "time": true, "nice": true, "sudo": true}

// afterName returns what follows layerpack's name, where that is the command of a line.
func afterName(split []string) ([]string, bool) {
	for i, w := range split {
		name := strings.TrimSuffix(path.Base(strings.ReplaceAll(w, `\`, "/")), ".exe")
		if name == "layerpack" {
			return split[i+1:], true
		}
		assignment, _, is := strings.Cut(w, "=")
		if !before[w] && (!is || strings.ContainsAny(assignment, "/ {")) {
			return nil, false
		}
	}
	return nil, false
}

// layerpackArgs returns the words of a line that builds an image.
func layerpackArgs(split []string) ([]string, bool) {
	args, ok := afterName(split)
	if !ok {
		return nil, false
	}
	if len(args) > 0 && args[0] == "build" {
		return args[1:], true
	}
	return args, len(args) == 0 || strings.HasPrefix(args[0], "-") || args[0] == `\` // a mistaken continuation
}

// scriptLines splits as Python's str.splitlines: each line is a command of its own.
func scriptLines(script string) []string {
	return strings.FieldsFunc(script, func(r rune) bool {
		switch r {
		case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			return true
		}
		return false
	})
}
