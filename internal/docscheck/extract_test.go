package docscheck

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// commands returns the words after layerpack of every command line in a block.
func commands(b block) ([][]string, error) {
	switch b.lang {
	case "sh", "bash":
		return ours(b.text)
	case "console":
		var all [][]string
		for line := range strings.SplitSeq(b.text, "\n") {
			if line, ok := strings.CutPrefix(line, "$ "); ok {
				found, err := ours(line)
				if err != nil {
					return nil, err
				}
				all = append(all, found...)
			}
		}
		return all, nil
	case "yaml":
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(b.text), &root); err != nil {
			return nil, err
		}
		return inYAML(&root)
	}
	return nil, nil
}

// ours keeps the commands that run layerpack.
func ours(text string) ([][]string, error) {
	all, err := script(text)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, words := range all {
		for len(words) > 0 && assignment.MatchString(words[0]) {
			words = words[1:]
		}
		if len(words) > 0 && path.Base(words[0]) == "layerpack" {
			out = append(out, words[1:])
		}
	}
	return out, nil
}

var assignment = regexp.MustCompile(`^[A-Za-z_]\w*=`)

// inYAML looks at every text as a script, and at containers whose image is layerpack's.
func inYAML(n *yaml.Node) ([][]string, error) {
	var out [][]string
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "layerpack ") {
		return ours(n.Value)
	}
	if args, ok := container(n); ok {
		out = append(out, args)
	}
	for _, child := range n.Content {
		found, err := inYAML(child)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", child.Line, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// substitution is what Tekton puts in parentheses; no shell sees it.
var substitution = regexp.MustCompile(`\$\([^()]*\)`)

func container(n *yaml.Node) ([]string, bool) {
	if n.Kind != yaml.MappingNode {
		return nil, false
	}
	var image string
	var args []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case "image":
			image = n.Content[i+1].Value
		case "args":
			for _, a := range n.Content[i+1].Content {
				args = append(args, substitution.ReplaceAllString(template.ReplaceAllString(a.Value, filled), filled))
			}
		}
	}
	return args, strings.Contains(image, "/layerpack:") && args != nil
}

// spans returns the command lines that stand in the text between backquotes. One with an ellipsis is no whole one; a verb alone is
// a name, which has to exist.
func spans(p page) ([][]string, error) {
	var out [][]string
	for _, m := range span.FindAllStringSubmatch(p.text, -1) {
		if !strings.HasPrefix(m[1], "layerpack ") || strings.Contains(m[1], "…") {
			continue
		}
		found, err := ours(m[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m[1], err)
		}
		for _, args := range found {
			if len(args) == 1 {
				args = append(args, "--help")
			}
			out = append(out, args)
		}
	}
	return out, nil
}

var span = regexp.MustCompile("`([^`\n]+)`")

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		lang, text string
		want       [][]string
	}{
		{"sh", "A=b ./bin/layerpack --x 'y z'\nother layerpack\n", [][]string{{"--x", "y z"}}},
		{"console", "$ layerpack a\nlayerpack b\n", [][]string{{"a"}}},
		{"yaml", "build:\n  - f:\n      script: >-\n        layerpack --base {{ $B }}\n        -t c\n", [][]string{{"--base", "filled", "-t", "c"}}},
		{"yaml", "- X=$(layerpack a)\n- layerpack: b\n", [][]string{{"a"}}},
		{"yaml", "containers:\n  - image: r.example/t/layerpack:1\n    args: [--base=$(params.X), -q]\n", [][]string{{"--base=filled", "-q"}}},
		{"python", "layerpack --nonsense", nil},
	} {
		got, err := commands(block{lang: c.lang, text: c.text})
		if err != nil || !slices.EqualFunc(got, c.want, slices.Equal[[]string]) {
			t.Errorf("%s %q: %q, %v, want %q", c.lang, c.text, got, err, c.want)
		}
	}
	if got, err := commands(block{lang: "yaml", text: "a: {"}); err == nil {
		t.Errorf("YAML that cannot be read: %q", got)
	}
	got, err := spans(page{text: "say `layerpack plan -q`, `layerpack lock`, `layerpack …` or `layerpack.oci`"})
	if want := [][]string{{"plan", "-q"}, {"lock", "--help"}}; err != nil || !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("spans: %q, %v", got, err)
	}
}
