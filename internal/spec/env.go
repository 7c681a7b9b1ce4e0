package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/manifest"
)

const pythonPath = "PYTHONPATH"

// ParseEnv reads NAME=VALUE words; origin says where they stand, for messages. Values are
// literal, and no message repeats them: they may be secrets.
func ParseEnv(origin string, list []string) ([]manifest.KV, error) {
	var out []manifest.KV
	for i, s := range list {
		k, v, ok := strings.Cut(s, "=")
		switch {
		case !ok:
			return nil, usage("%s %s: write NAME=VALUE", origin, s)
		case k == "":
			return nil, usage("%s: number %d has no name before its =; write NAME=VALUE", origin, i+1)
		case strings.ContainsFunc(k, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) || !utf8.ValidString(k):
			return nil, usage("%s %q: not a name that a variable can have", origin, k)
		case strings.ContainsRune(v, 0) || !utf8.ValidString(v):
			return nil, usage("%s %s: the value has a NUL byte or is not UTF-8, and an image can hold neither", origin, k)
		}
		out = append(out, manifest.KV{Key: k, Value: v})
	}
	return out, nil
}

// reserved begins the names of what layerpack itself writes into an image.
const reserved = "dev.layerpack."

// pairs reads the NAME=VALUE words of labels and annotations.
func pairs(flag string, list []string) ([]manifest.KV, error) {
	var out []manifest.KV
	for _, s := range list {
		k, v, ok := strings.Cut(s, "=")
		switch {
		case !ok || k == "":
			return nil, usage("%s %s: write NAME=VALUE", flag, s)
		case !utf8.ValidString(s):
			return nil, usage("%s %q: not UTF-8", flag, s)
		case strings.HasPrefix(k, reserved):
			return nil, usage("%s %s: names beginning %s are layerpack's own", flag, k, reserved)
		}
		out = append(out, manifest.KV{Key: k, Value: v})
	}
	return out, nil
}

// AddEnv completes the edits with variables read from files, in front of those of the command
// line, so that the latter win, and checks what only both together can tell. Called again, it
// starts anew.
func (b *Build) AddEnv(fromFiles []manifest.KV) error {
	b.Edits.Env = slices.Concat(fromFiles, b.given.env)
	b.Edits.PythonPath = slices.Clone(b.given.pythonPath)
	if !slices.ContainsFunc(b.Edits.Env, func(kv manifest.KV) bool { return kv.Key == pythonPath }) {
		return nil
	}
	if b.given.flag {
		return usage("PYTHONPATH is set by --env and by --pythonpath or --target; use --pythonpath alone, once for each folder")
	}
	// The user wrote the whole value: it is taken literally.
	b.Edits.PythonPath = nil
	return nil
}

var reference = regexp.MustCompile(`\$(\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)`)

// Warnings returns what is accepted and probably not what the user means: a $NAME in a value
// of the command line. Files of variables are literal wherever they are read.
func (b *Build) Warnings() []string {
	var out []string
	for _, kv := range b.given.env {
		ref := reference.FindString(kv.Value)
		switch {
		case ref == "":
		case kv.Key == pythonPath:
			out = append(out, fmt.Sprintf("--env %s=…: values are literal, %s is not expanded; write --pythonpath DIR to put a folder in front of the base's value", kv.Key, ref))
		default:
			out = append(out, fmt.Sprintf("--env %s=…: values are literal, %s is not expanded; write the value out, or let your shell expand it (double quotes instead of single)", kv.Key, ref))
		}
	}
	return out
}
