package prefect

import "go.yaml.in/yaml/v3"

// indents is how a file indents its steps, counted in spaces.
type indents struct {
	dash   int // before the dash of a list of the root
	inputs int // from the dash to the inputs of a step
}

// indentation looks at the lists that are there; a file without any is written as Prefect writes its own.
func indentation(text []byte) indents {
	found := indents{dash: 0, inputs: 4}
	root, err := parse(text)
	if err != nil || root == nil {
		return found
	}
	for _, key := range []string{"deployments", "pull", "push", "build"} {
		_, list := own(root, key)
		if list == nil || list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
			continue
		}
		found.dash = list.Column - root.Column
		step := list.Content[0]
		if key == "deployments" || step.Kind != yaml.MappingNode || len(step.Content) < 2 {
			continue
		}
		inputs := step.Content[1]
		if inputs.Kind == yaml.MappingNode && inputs.Style&yaml.FlowStyle == 0 && inputs.Column > list.Column+2 {
			found.inputs = inputs.Column - list.Column
		}
	}
	return found
}
