package spec

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/manifest"
)

func (b *Build) config(f Flags) error {
	var err error
	e := &b.Edits
	if e.Env, err = ParseEnv("--env", f.Env); err != nil {
		return err
	}
	if e.Labels, err = pairs("--label", f.Labels); err != nil {
		return err
	}
	if b.Annotations, err = pairs("--annotation", f.Annotations); err != nil {
		return err
	}
	b.pythonPathGiven = len(f.PythonPath) > 0
	for _, d := range f.PythonPath {
		if !path.IsAbs(d) || strings.Contains(d, ":") {
			return usage("--pythonpath %s: write an absolute path of the image, one for each --pythonpath", d)
		}
		e.PythonPath = appendOnce(e.PythonPath, path.Clean(d))
	}
	if len(b.Sources) > 0 {
		e.WorkingDir = b.Sources[0].Dst
		e.PythonPath = appendOnce(e.PythonPath, b.Sources[0].Dst)
	}
	if f.WorkDir != "" {
		if !path.IsAbs(f.WorkDir) {
			return usage("--workdir %s: write an absolute path of the image", f.WorkDir)
		}
		e.WorkingDir = path.Clean(f.WorkDir)
	}
	if f.User != "" && !validUser.MatchString(f.User) {
		return usage("--user %s: write USER or USER:GROUP, names or numbers", f.User)
	}
	e.User = f.User
	if e.Entrypoint, err = words("--entrypoint", f.Entrypoint); err != nil {
		return err
	}
	if e.Cmd, err = words("--cmd", f.Cmd); err != nil {
		return err
	}
	e.Created, err = ParseEpoch(f.SourceDateEpoch)
	return err
}

var (
	validUser   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)
	reference   = regexp.MustCompile(`\$(\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)`)
	pythonPaths = "PYTHONPATH"
)

// ParseEnv reads NAME=VALUE words; origin says where they stand, for messages. Values are literal.
func ParseEnv(origin string, list []string) ([]manifest.KV, error) {
	out, err := pairs(origin, list)
	for _, kv := range out {
		if strings.ContainsAny(kv.Key, " \t\n\x00") || strings.ContainsRune(kv.Value, 0) {
			return nil, usage("%s %q: not a variable that an environment can hold", origin, kv.Key)
		}
	}
	return out, err
}

func pairs(flag string, list []string) ([]manifest.KV, error) {
	var out []manifest.KV
	for _, s := range list {
		k, v, ok := strings.Cut(s, "=")
		if !ok || k == "" {
			return nil, usage("%s %s: write NAME=VALUE", flag, s)
		}
		out = append(out, manifest.KV{Key: k, Value: v})
	}
	return out, nil
}

// words reads a command: each time the flag is given is one word, unless a single value is
// a JSON list, as in a Dockerfile's exec form. One empty value means no command.
func words(flag string, given *[]string) (*[]string, error) {
	if given == nil {
		return nil, nil //nolint:nilnil // not given is a normal answer
	}
	list := *given
	if len(list) == 1 && list[0] == "" {
		return &[]string{}, nil
	}
	if len(list) == 1 && strings.HasPrefix(strings.TrimSpace(list[0]), "[") {
		var out []string
		if err := json.Unmarshal([]byte(list[0]), &out); err != nil {
			return nil, usage("%s %s: not a JSON list of strings: %w", flag, list[0], err)
		}
		return &out, nil
	}
	return &list, nil
}

// AddEnv puts variables read from files in front of those of the command line, so that the
// latter win, and checks what only both together can tell.
func (b *Build) AddEnv(fromFiles []manifest.KV) error {
	b.Edits.Env = append(slices.Clone(fromFiles), b.Edits.Env...)
	for _, kv := range b.Edits.Env {
		if kv.Key != pythonPaths {
			continue
		}
		if b.pythonPathGiven {
			return usage("PYTHONPATH is set by --env and by --pythonpath; use --pythonpath alone, once for each folder")
		}
		// The user wrote the whole value: it is taken literally.
		b.Edits.PythonPath = nil
	}
	return nil
}

// Warnings returns what is accepted and probably not what the user means.
func (b *Build) Warnings() []string {
	var out []string
	for _, kv := range b.Edits.Env {
		ref := reference.FindString(kv.Value)
		switch {
		case ref == "":
		case kv.Key == pythonPaths:
			out = append(out, fmt.Sprintf("--env %s=%s: values are literal, %s is not expanded; write --pythonpath DIR to put a folder in front of the base's value", kv.Key, kv.Value, ref))
		default:
			out = append(out, fmt.Sprintf("--env %s=%s: values are literal, %s is not expanded; write the value out, or let your shell expand it (double quotes instead of single)", kv.Key, kv.Value, ref))
		}
	}
	return out
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
