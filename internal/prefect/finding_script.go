package prefect

import (
	"fmt"
	"regexp"
	"strings"
)

// script judges how run_shell_script will read the lines of the step that runs layerpack.
func (j *judge) script() {
	for _, s := range j.file.BuildSteps(j.d) {
		j.extra("build", s)
		lines := splitScript(s)
		if c, ok := s.Layerpack(); ok {
			j.joined(s, lines)
			j.printed(s, c)
		} else if !j.opaque(s, lines) {
			continue
		}
		if s.Input("shell").Text == "true" && j.file.writtenBefore(3, 6, 23) {
			j.broken(s.Input("shell").Line, "the step says shell: true, and prefect-version is "+j.file.PrefectVersion.Text,
				"run_shell_script has had it since 3.6.23: before, the step fails", "remove it, and write what needs no shell")
		}
		for _, l := range lines {
			j.line(s, l)
		}
	}
}

// A scriptLine is one command of a script.
type scriptLine struct {
	text  string
	split []string
	err   error // why it cannot be split; split is a guess then
}

// splitScript returns the commands of a script as run_shell_script has them, blank lines left out.
func splitScript(s Step) []scriptLine {
	var out []scriptLine
	if !s.prefectStep("run_shell_script") {
		return nil
	}
	for _, text := range scriptLines(s.Input("script").Text) {
		l := scriptLine{text: text}
		if l.split, l.err = words(text); l.err != nil {
			l.split = strings.Fields(text)
		}
		if len(l.split) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// inShell reports whether a step's lines are run by a shell.
func inShell(s Step) bool { return s.Input("shell").Text == "true" }

// operators are words that only a shell understands.
var operators = map[string]bool{"|": true, "||": true, "&&": true, "&": true, ";": true, ">": true, ">>": true, "<": true, "2>": true, "2>&1": true, "2>/dev/null": true, ">/dev/null": true}

// builtins are commands that are part of a shell, and have no effect on what follows where there is a program of that name.
var builtins = map[string]bool{"cd": true, "export": true, "source": true, ".": true, "set": true, "unset": true, "eval": true, "exec": true, "pushd": true, "popd": true}

// line judges one line that no shell is to run.
func (j *judge) line(s Step, l scriptLine) {
	at := s.Input("script").Line
	if inShell(s) {
		return
	}
	if strings.HasSuffix(l.text, `\`) && strings.HasSuffix(strings.TrimRight(l.text, `\`), " ") {
		j.broken(at, "a line of the script ends in a backslash", "run_shell_script takes each line for a command of its own", "write the command as 'script: >-' over several lines without backslashes")
		return
	}
	if l.err != nil {
		j.broken(at, "a line of the script cannot be split into words: "+l.err.Error(), "run_shell_script takes each line for a command of its own", "write the command as 'script: >-' over several lines, and close every quote")
		return
	}
	if first := l.split[0]; strings.HasPrefix(first, "#") {
		j.broken(at, "the script has a comment", "run_shell_script runs no shell: it looks for a program named "+first+", and prefect deploy fails", "write the comment above the step, where YAML has it")
		return
	} else if builtins[first] {
		j.broken(at, fmt.Sprintf("the script uses %q, which is part of a shell", first), "run_shell_script runs no shell: it looks for a program of that name, and there is none, or one without effect",
			"write directory: or env: of the step; from Prefect 3.6.23 on, shell: true runs a shell")
		return
	}
	for i, w := range l.split {
		if i == 0 && strings.Contains(w, "=") && !strings.HasPrefix(w, "/") {
			j.broken(at, fmt.Sprintf("the script sets %q before the command", w), "run_shell_script runs no shell: it looks for a program of that name", "write it below env: of the step")
		}
		if operators[w] || strings.HasSuffix(w, ";") || strings.HasPrefix(w, "$(") || strings.Contains(w, "`") {
			j.broken(at, fmt.Sprintf("the script uses %q", w), "run_shell_script runs no shell: it is one more argument", "give each command a step or a line of its own; from Prefect 3.6.23 on, shell: true runs a shell")
			return
		}
	}
	j.behind(s, l)
	j.variable(s, l)
}

// behind reports a comment behind layerpack's words.
func (j *judge) behind(s Step, l scriptLine) {
	args, ok := layerpackArgs(l.split)
	for _, a := range arguments(args) {
		if ok && a.name == "" && strings.HasPrefix(a.value, "#") {
			j.broken(s.Input("script").Line, fmt.Sprintf("the script has %q behind the command", a.value), "run_shell_script runs no shell, so that it is no comment but one more argument, which layerpack refuses",
				"write the comment above the step, where YAML has it")
			return
		}
	}
}

// variable reports $NAME, which nobody fills in: in an image's name it can be nothing else, elsewhere it may be meant.
func (j *judge) variable(s Step, l scriptLine) {
	v := shellVariable(l.text)
	if v == "" || s.Input("expand_env_vars").Text == "true" {
		return
	}
	at := s.Input("script").Line
	bare := strings.Trim(v, "${}")
	args, _ := layerpackArgs(l.split)
	for _, a := range arguments(args) {
		if name := shellVariable(a.value); name != "" && (a.name == "base" || a.name == "tag" || a.name == "") {
			bare = strings.Trim(name, "${}")
			j.broken(at, fmt.Sprintf("the script names the variable %s", name), "run_shell_script runs no shell: the text stays as it is", fmt.Sprintf("write {{ $%s }}, or expand_env_vars: true", bare))
			return
		}
	}
	j.warn(at, fmt.Sprintf("the script names the variable %s", v), "run_shell_script runs no shell: the text stays as it is", fmt.Sprintf("leave it if that is meant; else write {{ $%s }}, or expand_env_vars: true", bare))
}

// broken adds what keeps the step itself from working: no image is made.
func (j *judge) broken(line int, what, why, fix string) {
	j.found = append(j.found, Finding{Line: line, What: what, Why: why, Fix: fix})
}

var shellName = regexp.MustCompile(`\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\}?)`)

// shellVariable returns the first $NAME or ${NAME} outside placeholders.
func shellVariable(line string) string {
	return shellName.FindString(placeholder.ReplaceAllString(line, ""))
}
