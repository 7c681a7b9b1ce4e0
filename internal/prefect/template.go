package prefect

import (
	"regexp"
	"strings"
)

// A Value is a scalar of the file as it is written: text, or a template that Prefect fills in.
type Value struct {
	Text string
	Line int // of the file, from 1; 0 where the file says nothing
}

// IsTemplate reports whether Prefect replaces a part of the value when it deploys.
func (v Value) IsTemplate() bool { return placeholder.MatchString(v.Text) }

// PlaceholderKind says where Prefect takes the value of a placeholder from.
type PlaceholderKind int

// The four kinds, as Prefect's own templating tells them apart by the name's first characters.
const (
	StepOutput    PlaceholderKind = iota // {{ build-image.stdout }}: what an earlier step returned, or --variable
	BlockField                           // {{ prefect.blocks.secret.NAME }}: needs the Prefect API
	PrefectVar                           // {{ prefect.variables.NAME }}: needs the Prefect API
	EnvironmentOf                        // {{ $NAME }}: the environment of `prefect deploy`
)

// A Placeholder is one {{ name }} of a value.
type Placeholder struct {
	Text string // with its braces
	Name string // without braces, and without the $ of an environment variable
	Kind PlaceholderKind
}

// placeholder is what Prefect 2 and 3 replace; other braces stay as they are.
var placeholder = regexp.MustCompile(`\{\{[\s\v\x1c-\x1f\x{85}\p{Z}]*([\p{L}\p{N}_.\-\[\]$]+)[\s\v\x1c-\x1f\x{85}\p{Z}]*\}\}`)

// Placeholders returns what Prefect would replace, in the order of the text.
func (v Value) Placeholders() []Placeholder {
	var out []Placeholder
	for _, m := range placeholder.FindAllStringSubmatch(v.Text, -1) {
		out = append(out, newPlaceholder(m[0], m[1]))
	}
	return out
}

func newPlaceholder(text, name string) Placeholder {
	p := Placeholder{Text: text, Name: name}
	switch {
	case strings.HasPrefix(name, "prefect.blocks."):
		p.Kind = BlockField
	case strings.HasPrefix(name, "prefect.variables."):
		p.Kind = PrefectVar
	case strings.HasPrefix(name, "$"):
		p.Name, p.Kind = strings.TrimLeft(name, "$"), EnvironmentOf
	}
	return p
}

// Expand fills in environment variables, which env looks up, and returns the placeholders that are
// left: those that only Prefect can fill in, and variables that are not set. Prefect leaves
// nothing in the place of the latter; Expand leaves them as they are, for the caller to name.
func Expand(text string, env func(name string) (string, bool)) (string, []Placeholder) {
	var left []Placeholder
	out := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		p := newPlaceholder(match, placeholder.FindStringSubmatch(match)[1])
		if p.Kind == EnvironmentOf && env != nil {
			if value, ok := env(p.Name); ok {
				return value
			}
		}
		left = append(left, p)
		return match
	})
	return out, left
}
