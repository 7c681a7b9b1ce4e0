// Package prefect knows what Prefect means: its project files and its conventions.
package prefect

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// ProjectName returns the name that a prefect.yaml gives its project, or "" where it gives none.
func ProjectName(prefectYAML []byte) (string, error) {
	var p struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(prefectYAML, &p); err != nil {
		return "", fmt.Errorf("not YAML that Prefect could read: %w", err)
	}
	return p.Name, nil
}
