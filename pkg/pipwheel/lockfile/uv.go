package lockfile

import (
	"fmt"

	"github.com/pelletier/go-toml/v2"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// UV is the content of an uv.lock (version 1): the graph of everything that a workspace can need anywhere.
type UV struct {
	file    string
	wire    uvWire
	python  version.Set
	byName  map[string][]*uvPackage
	markers map[string]marker.Marker // by text
	// conflicting are the names that markers have for what the project declares incompatible.
	conflicting map[string]bool
}

// uvWire is uv.lock as TOML has it. Revisions add keys that older readers may ignore.
type uvWire struct {
	Version        *int64         `toml:"version"`
	RequiresPython string         `toml:"requires-python"`
	Supported      []string       `toml:"supported-markers"`
	Conflicts      [][]uvConflict `toml:"conflicts"`
	Manifest       uvManifest     `toml:"manifest"`
	Packages       []uvPackage    `toml:"package"`
}

type uvConflict struct {
	Package string `toml:"package"`
	Extra   string `toml:"extra"`
	Group   string `toml:"group"`
}

// active is how markers name an item, and what a user calls it.
func (c *uvConflict) active() (name, shown string) {
	switch {
	case c.Extra != "":
		return activeExtra(c.Package, c.Extra), "extra " + c.Extra + " of " + c.Package
	case c.Group != "":
		return activeGroup(c.Package, c.Group), "group " + c.Group + " of " + c.Package
	}
	return activeProject(c.Package), c.Package
}

// uvManifest is what the lock was made from, where a package of its own does not say it.
type uvManifest struct {
	Members      []string                   `toml:"members"`
	Requirements []uvRequirement            `toml:"requirements"`
	Groups       map[string][]uvRequirement `toml:"dependency-groups"`
}

type uvRequirement struct {
	Name   string   `toml:"name"`
	Extras []string `toml:"extras"`
	Marker string   `toml:"marker"`
}

type uvPackage struct {
	Name         string                    `toml:"name"`
	Version      string                    `toml:"version"`
	Source       uvSource                  `toml:"source"`
	Forks        []string                  `toml:"resolution-markers"`
	Dependencies []uvDependency            `toml:"dependencies"`
	Optional     map[string][]uvDependency `toml:"optional-dependencies"`
	Groups       map[string][]uvDependency `toml:"dev-dependencies"`
	Sdist        map[string]any            `toml:"sdist"`
	Wheels       []uvFile                  `toml:"wheels"`
	Metadata     struct {
		Extras []string       `toml:"provides-extras"`
		Groups map[string]any `toml:"requires-dev"`
	} `toml:"metadata"`
}

// uvSource says where a package is from; one field is set, beside Subdirectory.
type uvSource struct {
	Registry  string `toml:"registry"`
	Git       string `toml:"git"`
	URL       string `toml:"url"`
	Path      string `toml:"path"`
	Directory string `toml:"directory"`
	Editable  string `toml:"editable"`
	Virtual   string `toml:"virtual"`
}

// uvDependency is an edge of the graph; version and source are left out where the name says enough.
type uvDependency struct {
	Name    string    `toml:"name"`
	Version string    `toml:"version"`
	Source  *uvSource `toml:"source"`
	Extras  []string  `toml:"extra"`
	Marker  string    `toml:"marker"`
}

type uvFile struct {
	URL      string `toml:"url"`
	Path     string `toml:"path"`
	Filename string `toml:"filename"`
	Hash     string `toml:"hash"`
	Size     int64  `toml:"size"`
}

// ParseUV reads an uv.lock; file is its name, for messages and relative paths. The error is a [*refusal.Error].
func ParseUV(file string, data []byte) (*UV, error) {
	u := &UV{file: file, byName: map[string][]*uvPackage{}, markers: map[string]marker.Marker{}, conflicting: map[string]bool{}}
	if err := toml.Unmarshal(data, &u.wire); err != nil {
		return nil, &refusal.Error{Input: file, Cause: "not an uv.lock", Err: tomlError(err)}
	}
	switch v := u.wire.Version; {
	case v == nil:
		return nil, refusal.New(file, "not an uv.lock: it has no version", "")
	case *v != 1:
		return nil, refusal.New(file, fmt.Sprintf("its format has version %d, and only 1 is understood", *v),
			"write a pylock.toml with: uv export --format pylock.toml -o pylock.toml")
	}
	var err error
	if u.python, err = version.ParseSet(u.wire.RequiresPython); err != nil {
		return nil, &refusal.Error{Input: file, Cause: "requires-python", Err: err}
	}
	if err := u.index(); err != nil {
		return nil, &refusal.Error{Input: file, Cause: "not a valid uv.lock", Err: err}
	}
	return u, nil
}

// index finds packages by name and reads every marker once.
func (u *UV) index() error {
	for _, set := range u.wire.Conflicts {
		for i := range set {
			name, _ := set[i].active()
			u.conflicting[name] = true
		}
	}
	texts := append([]string{}, u.wire.Supported...)
	edges := func(list []uvDependency) {
		for i := range list {
			texts = append(texts, list[i].Marker)
		}
	}
	for i := range u.wire.Packages {
		p := &u.wire.Packages[i]
		if !distname.Valid(p.Name) || distname.Normalize(p.Name) != p.Name {
			return fmt.Errorf("the package name %q is not normalised", p.Name)
		}
		u.byName[p.Name] = append(u.byName[p.Name], p)
		texts = append(texts, p.Forks...)
		edges(p.Dependencies)
		for _, list := range p.Optional {
			edges(list)
		}
		for _, list := range p.Groups {
			edges(list)
		}
	}
	for _, list := range u.wire.Manifest.Groups {
		for _, r := range list {
			texts = append(texts, r.Marker)
		}
	}
	for _, r := range u.wire.Manifest.Requirements {
		texts = append(texts, r.Marker)
	}
	for _, text := range texts {
		if _, known := u.markers[text]; known || text == "" {
			continue
		}
		m, err := marker.Parse(text)
		if err != nil {
			return err
		}
		u.markers[text] = m
	}
	return nil
}

// find returns the package that an edge leads to.
func (u *UV) find(d *uvDependency) (*uvPackage, error) {
	var found *uvPackage
	for _, p := range u.byName[d.Name] {
		if d.Version != "" && p.Version != d.Version || d.Source != nil && p.Source != *d.Source {
			continue
		}
		if found != nil {
			return nil, refusal.Newf(u.file, "it does not say which of its packages %s is meant", d.Name)
		}
		found = p
	}
	if found == nil {
		return nil, refusal.New(u.file, fmt.Sprintf("it has no package %s %s, which another depends on", d.Name, d.Version), "make the lock again with: uv lock")
	}
	return found, nil
}

// local says what a package is that lies in a folder, empty if it does not.
func (s *uvSource) local() string {
	switch {
	case s.Virtual != "":
		return s.Virtual
	case s.Editable != "":
		return s.Editable
	}
	return s.Directory
}
