package requirement

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Project is what a pyproject.toml says about dependencies (pyproject.toml specification; PEP 735).
type Project struct {
	// Name is empty if there is no [project] table.
	Name           string
	RequiresPython version.Set
	// Dynamic says that a build decides on the dependencies ([project] dynamic).
	Dynamic, DynamicExtras bool

	file   string
	own    []Requirement
	extras map[string][]Requirement // by normalised name
	groups map[string][]any         // by normalised name: as they stand in the file
}

// document is the part of pyproject.toml that is read.
type document struct {
	Project *struct {
		Name           string
		RequiresPython string `toml:"requires-python"`
		Dynamic        []string
		Dependencies   []string
		Optional       map[string][]string `toml:"optional-dependencies"`
	}
	Groups map[string][]any `toml:"dependency-groups"`
}

// ParseProject reads a pyproject.toml; file is its name in messages. What is wrong with it is a [*refusal.Error].
//
// Dependency groups are only understood when one is asked for, as PEP 735 has it.
func ParseProject(file string, data []byte) (*Project, error) {
	var d document
	if err := toml.Unmarshal(data, &d); err != nil {
		return nil, &refusal.Error{Input: file, Cause: "not a pyproject.toml", Err: tomlError(err)}
	}
	p := &Project{file: file, extras: map[string][]Requirement{}, groups: map[string][]any{}}
	names := map[string]string{}
	for name, group := range d.Groups {
		key := distname.Normalize(name)
		if names[key] != "" {
			return nil, refusal.Newf(file, "the dependency groups %s and %s have the same name (PEP 735)", min(name, names[key]), max(name, names[key]))
		}
		names[key], p.groups[key] = name, group
	}
	if d.Project == nil {
		return p, nil
	}
	p.Name = d.Project.Name
	p.Dynamic = slices.Contains(d.Project.Dynamic, "dependencies")
	p.DynamicExtras = slices.Contains(d.Project.Dynamic, "optional-dependencies")
	var err error
	if p.RequiresPython, err = version.ParseSet(d.Project.RequiresPython); err != nil {
		return nil, &refusal.Error{Input: file, Cause: "[project] requires-python", Err: err}
	}
	if p.own, err = p.list("[project] dependencies", d.Project.Dependencies); err != nil {
		return nil, err
	}
	for name, list := range d.Project.Optional {
		key := distname.Normalize(name)
		if _, twice := p.extras[key]; twice {
			return nil, refusal.Newf(file, "two extras have the normalised name %s", key)
		}
		if p.extras[key], err = p.list("[project] optional-dependencies "+key, list); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Project) list(table string, texts []string) ([]Requirement, error) {
	var out []Requirement
	for _, text := range texts {
		r, err := p.one(table, text)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// one reads a requirement of PEP 508: no paths, no options.
func (p *Project) one(table, text string) (Requirement, error) {
	r := Requirement{Text: redact(text), Origin: Origin{File: p.file, Table: table}}
	req, err := marker.ParseRequirement(text)
	if err == nil {
		r.Requirement = req
		if req.URL != "" {
			err = r.direct(req.URL)
		}
	}
	if err != nil {
		return r, refuse(r.Origin, text, err, false)
	}
	return r, nil
}

// tomlError adds the position, which go-toml keeps apart.
func tomlError(err error) error {
	var d *toml.DecodeError
	if errors.As(err, &d) {
		row, column := d.Position()
		return fmt.Errorf("line %d, column %d: %w", row, column, err)
	}
	return err
}
