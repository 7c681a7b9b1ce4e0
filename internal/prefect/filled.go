package prefect

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Filled is a step's command as Prefect runs it: with what its placeholders stand for.
type Filled struct {
	Args []string          // layerpack's words
	Env  map[string]string // what the step adds to the environment
}

// Fill fills in the command of a run_shell_script step that runs layerpack, in Prefect's order: placeholders in the text, then
// $NAME where the step says expand_env_vars, then the split into words. env looks up variables. A variable of the step that only
// Prefect's server can fill in is taken from env, where it has one of the same name. What is left is returned; a script of
// several commands is an error, since what stands around layerpack's may matter to it.
func (s Step) Fill(env func(name string) (string, bool)) (Filled, []Placeholder, error) {
	out := Filled{Env: map[string]string{}}
	var left []Placeholder
	for _, v := range s.Map("env") {
		text, missing := Expand(v.Value.Text, env)
		if own, _ := env(v.Name); own != "" && len(missing) > 0 {
			text, missing = own, nil
		}
		out.Env[v.Name], left = text, append(left, missing...)
	}
	script, missing := Expand(s.Input("script").Text, env)
	if left = append(left, missing...); len(left) > 0 {
		return out, left, nil
	}
	if inShell(s) {
		return out, nil, errors.New("its script is run by a shell")
	}
	commands := 0
	for _, line := range scriptLines(script) {
		if s.Input("expand_env_vars").Text == "true" {
			line = substitute(line, func(name string) (string, bool) {
				if value, ok := out.Env[name]; ok {
					return value, true
				}
				return env(name)
			})
		}
		split, err := words(line)
		if err != nil {
			return out, nil, fmt.Errorf("the script cannot be split into words: %w", err)
		}
		if len(split) == 0 {
			continue
		}
		commands++
		if args, ok := layerpackArgs(split); ok {
			out.Args = args
		}
	}
	if commands > 1 {
		return out, nil, fmt.Errorf("its script has %d commands, of which layerpack is one", commands)
	}
	return out, nil, nil
}

var dollar = regexp.MustCompile(`(?i)\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\})`)

// substitute is Python's string.Template.safe_substitute.
func substitute(text string, env func(name string) (string, bool)) string {
	return dollar.ReplaceAllStringFunc(text, func(match string) string {
		if match == "$$" {
			return "$"
		}
		if value, ok := env(strings.Trim(match, "${}")); ok {
			return value
		}
		return match
	})
}
