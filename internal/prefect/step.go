package prefect

import "strings"

// A Section is one of build, push and pull: steps in the order in which they run.
type Section struct {
	Line    int  // of the key; 0 where it is not written
	Written bool // the key stands there, be it with null
	Empty   bool // written as [], which from Prefect 3.8.0 on means 'no steps', while null means Prefect's default
	Steps   []Step
}

// A Step is a function that Prefect calls with named inputs.
type Step struct {
	Function string // as written: prefect.deployments.steps.run_shell_script
	ID       string // by which templates name its outputs; may be empty
	Line     int
	Extra    []string // further keys beside the function, which Prefect refuses: mostly inputs that are not indented enough

	inputs node
}

// Name is the last part of the function's dotted name.
func (s Step) Name() string {
	return s.Function[strings.LastIndexByte(s.Function, '.')+1:]
}

// prefectStep reports whether the step is Prefect's own function of that name. It has been
// reachable under several paths: prefect.projects.steps, prefect.deployments.steps.pull and so on.
func (s Step) prefectStep(name string) bool {
	return s.Name() == name && strings.HasPrefix(s.Function, "prefect.")
}

func (s Step) dockerStep(name string) bool {
	return s.Name() == name && strings.HasPrefix(s.Function, "prefect_docker.")
}

// Input returns an input that is a scalar; any other kind gives the zero Value.
func (s Step) Input(name string) Value { return s.inputs.get(name).value() }

// Inputs returns the names of all inputs, id and requires included, in the order of the file.
func (s Step) Inputs() []string {
	var names []string
	for _, p := range s.inputs.pairs() {
		names = append(names, p.key.value().Text)
	}
	return names
}

// List returns an input that is a list of scalars, or a scalar as a list of one.
func (s Step) List(name string) []Value {
	in := s.inputs.get(name)
	if v := in.value(); v.Line != 0 {
		return []Value{v}
	}
	var out []Value
	for _, item := range in.items() {
		if v := item.value(); v.Line != 0 {
			out = append(out, v)
		}
	}
	return out
}

// Map returns an input that is a mapping of names to scalars, such as env or labels.
func (s Step) Map(name string) []Variable { return variables(s.inputs.get(name)) }

// A Variable is one entry of a mapping: an environment variable, a label.
type Variable struct {
	Name  string
	Value Value
}

// variables reads {NAME: value} and the list of {name: NAME, value: value} that some job templates ask for.
func variables(n node) []Variable {
	var out []Variable
	for _, p := range n.pairs() {
		out = append(out, Variable{p.key.value().Text, p.value.value()})
	}
	for _, item := range n.items() {
		if name := item.get("name").value(); name.Line != 0 {
			out = append(out, Variable{name.Text, item.get("value").value()})
		}
	}
	return out
}

// section reads one of the three lists of steps. A single step without the dash is what Prefect 3 takes too.
func section(parent node, key string) (Section, error) {
	at := parent.get(key)
	if at.at == nil {
		return Section{}, nil
	}
	s := Section{Line: at.line(), Written: true}
	for _, p := range parent.pairs() {
		if p.key.value().Text == key {
			s.Line = p.key.line()
		}
	}
	items := at.items()
	switch {
	case at.null():
		return s, nil
	case items == nil && len(at.pairs()) > 0:
		items = []node{at}
	case items == nil && at.value().Line != 0:
		return Section{}, errAt(at.line(), key+" is text, not a list of steps", "write one step after '- ' below it, or null")
	}
	s.Empty = at.items() != nil && len(items) == 0
	for _, item := range items {
		if item.null() {
			continue // Prefect passes over it
		}
		pairs := item.pairs()
		if len(pairs) == 0 {
			return Section{}, errAt(item.line(), "a step of "+key+" is no mapping of a function to its inputs",
				"write '- prefect.deployments.steps.run_shell_script:' and its inputs below, indented further")
		}
		// Prefect takes the last key for the function, but fails when there are more than one.
		step := Step{Function: pairs[0].key.value().Text, Line: item.line(), inputs: pairs[0].value}
		for _, p := range pairs[1:] {
			step.Extra = append(step.Extra, p.key.value().Text)
		}
		step.ID = step.Input("id").Text
		s.Steps = append(s.Steps, step)
	}
	return s, nil
}
