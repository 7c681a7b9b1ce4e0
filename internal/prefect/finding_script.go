package prefect

import (
	"fmt"
	"strings"
)

// script judges how run_shell_script will read the line that runs layerpack.
func (j *judge) script() {
	for _, s := range j.file.BuildSteps(j.d) {
		j.extra("build", s)
		c, ok := s.Layerpack()
		if !ok {
			continue
		}
		script := s.Input("script")
		shell := s.Input("shell").Text == "true"
		if c.Lines > 1 && strings.Contains(j.d.Image.Text, ".stdout") {
			j.warn(script.Line, fmt.Sprintf("the script that runs layerpack has %d commands", c.Lines),
				"stdout of all of them together becomes the image's reference", "give layerpack a step of its own")
		}
		for _, line := range scriptLines(script.Text) {
			j.line(script.Line, line, shell, s.Input("expand_env_vars").Text == "true")
		}
	}
}

// operators are words that only a shell understands.
var operators = map[string]bool{"|": true, "||": true, "&&": true, "&": true, ";": true, ">": true, ">>": true, "<": true, "2>": true, "2>&1": true, "2>/dev/null": true, ">/dev/null": true}

func (j *judge) line(at int, line string, shell, expand bool) {
	if shell {
		return
	}
	if strings.HasSuffix(line, `\`) && strings.HasSuffix(strings.TrimRight(line, `\`), " ") {
		j.broken(at, "a line of the script ends in a backslash", "run_shell_script takes each line for a command of its own", "write the command as 'script: >-' over several lines without backslashes")
		return
	}
	split, err := words(line)
	if err != nil {
		j.broken(at, "a line of the script cannot be split into words: "+err.Error(), "run_shell_script takes each line for a command of its own", "write the command as 'script: >-' over several lines, and close every quote")
		return
	}
	for i, w := range split {
		if i == 0 && strings.Contains(w, "=") && !strings.HasPrefix(w, "/") {
			j.broken(at, fmt.Sprintf("the script sets %q before the command", w), "run_shell_script runs no shell: it looks for a program of that name", "write it below env: of the step")
		}
		if operators[w] || strings.HasSuffix(w, ";") || strings.HasPrefix(w, "$(") || strings.Contains(w, "`") {
			j.broken(at, fmt.Sprintf("the script uses %q", w), "run_shell_script runs no shell: it is one more argument", "give each command a step or a line of its own; from Prefect 3.6.23 on, shell: true runs a shell")
			return
		}
	}
	if v := shellVariable(line); v != "" && !expand {
		j.broken(at, fmt.Sprintf("the script names the variable %s", v), "run_shell_script runs no shell: the text stays as it is", fmt.Sprintf("write {{ $%s }}, or expand_env_vars: true", strings.Trim(v, "${}")))
	}
}

// broken adds what keeps the step itself from working: no image is made.
func (j *judge) broken(line int, what, why, fix string) {
	j.found = append(j.found, Finding{Line: line, What: what, Why: why, Fix: fix})
}

// shellVariable returns the first $NAME or ${NAME} outside placeholders.
func shellVariable(line string) string {
	rest := placeholder.ReplaceAllString(line, "")
	for i := 0; i+1 < len(rest); i++ {
		if rest[i] != '$' {
			continue
		}
		end := i + 1
		if rest[end] == '{' {
			end++
		}
		start := end
		for end < len(rest) && (rest[end] == '_' || rest[end] >= 'A' && rest[end] <= 'Z' || rest[end] >= 'a' && rest[end] <= 'z' || end > start && rest[end] >= '0' && rest[end] <= '9') {
			end++
		}
		if end > start {
			if end < len(rest) && rest[end] == '}' {
				end++
			}
			return rest[i:end]
		}
	}
	return ""
}
