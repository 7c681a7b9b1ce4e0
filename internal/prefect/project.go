// Package prefect knows what Prefect means: its project files and its conventions.
//
// A prefect.yaml is read as Prefect 2.11 to 3.x reads it, anchors, merge keys and templates included, without
// Python, network or environment: what only Prefect can fill in stays a template. Nothing is expanded,
// so that a small file costs little whatever it refers to. Init changes nothing but what it
// inserts, and proves it by reading the document before and after.
//
// Most callers want [Read], and of its [File] Findings, Images and Flows; `layerpack init` wants [Init].
package prefect

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// ProjectName returns the name that a prefect.yaml gives its project, or "" where it gives none.
//
// It reads no more of the file than it needs: of two names the last counts, as Prefect's own
// reader has it, and the rest may hold whatever YAML allows.
func ProjectName(prefectYAML []byte) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(prefectYAML, &document); err != nil {
		return "", fmt.Errorf("not YAML that Prefect could read: %w", err)
	}
	if len(document.Content) == 0 {
		return "", nil // an empty file
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return "", nil
	}
	if root.Kind != yaml.MappingNode {
		return "", errors.New("not what Prefect could read: it is no mapping of keys to values")
	}
	name := ""
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if key.Value != "name" || key.Kind != yaml.ScalarNode {
			continue
		}
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		switch {
		case value.Kind != yaml.ScalarNode:
			return "", fmt.Errorf("line %d: the name is no text; write name: NAME, in quotes where it has braces", key.Line)
		case value.Tag == "!!null":
			name = ""
		default:
			name = value.Value
		}
	}
	return name, nil
}
