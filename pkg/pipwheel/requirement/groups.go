package requirement

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// maxMembers bounds what groups and extras that include each other can make of a few lines.
const maxMembers = 10_000

// Dependencies returns what the project itself needs, with extras of it. An extra that names the
// project again (name[other]) stands for those others.
func (p *Project) Dependencies(extras ...string) ([]Requirement, error) {
	if p.Name == "" {
		return nil, refusal.New(p.file, "it has no [project] table with dependencies", "name a dependency group with --group, or a requirements file with -r")
	}
	if p.Dynamic || p.DynamicExtras && len(extras) > 0 {
		return nil, refusal.New(p.file, "the project's dependencies are dynamic: only a build tells them",
			"lock them (uv lock, or pip lock on a machine like the image) and give the lock with -r")
	}
	out := slices.Clone(p.own)
	done := map[string]bool{}
	for _, extra := range extras {
		var err error
		if out, err = p.extra(out, distname.Normalize(extra), "", nil, done); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// extra appends an extra's requirements, each under the condition that leads to it. An extra within itself adds
// nothing: what it has is there already, under a condition that holds more often.
func (p *Project) extra(out []Requirement, extra, condition string, within []string, done map[string]bool) ([]Requirement, error) {
	list, ok := p.extras[extra]
	if !ok {
		return nil, refusal.New(p.file, fmt.Sprintf("it has no extra %q", extra), known("extras", p.extras))
	}
	if slices.Contains(within, extra) || done[extra+"\n"+condition] {
		return out, nil
	}
	if done[extra+"\n"+condition] = true; len(done) > maxMembers {
		return nil, refusal.Newf(p.file, "its extras include each other more than %d times", maxMembers)
	}
	for _, r := range list {
		m, err := both(condition, r.Marker)
		if err != nil {
			return nil, &refusal.Error{Input: r.Origin.String(), Cause: "the marker of " + r.Text, Err: err}
		}
		if r.Marker = m; r.URL != "" || r.Key() != distname.Normalize(p.Name) {
			out = append(out, r)
			continue
		}
		for _, other := range r.ExtraKeys() {
			if out, err = p.extra(out, other, m.String(), append(slices.Clip(within), extra), done); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// both is the condition that two conditions hold.
func both(condition string, m marker.Marker) (marker.Marker, error) {
	switch {
	case condition == "" || m.String() == condition:
		return m, nil
	case m.IsZero():
		return marker.Parse(condition)
	}
	return marker.Parse("(" + condition + ") and (" + m.String() + ")")
}

// Groups returns the requirements of dependency groups, in their order, with those that they include (PEP 735).
func (p *Project) Groups(names ...string) ([]Requirement, error) {
	var out []Requirement
	for _, name := range names {
		var err error
		if out, err = p.group(out, distname.Normalize(name), nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *Project) group(out []Requirement, name string, within []string) ([]Requirement, error) {
	table := "[dependency-groups] " + name
	where := Origin{File: p.file, Table: table}.String()
	members, ok := p.groups[name]
	switch {
	case !ok && len(within) == 0:
		return nil, refusal.New(p.file, fmt.Sprintf("it has no dependency group %q", name), known("dependency groups", p.groups))
	case !ok:
		return nil, refusal.Newf(p.file, "the dependency group %s includes %s, which is not there", within[len(within)-1], name)
	case slices.Contains(within, name):
		return nil, refusal.Newf(where, "it includes itself: %s, %s", strings.Join(within, ", "), name)
	case len(out) > maxMembers || len(within) > 100:
		return nil, refusal.Newf(where, "groups include each other too often")
	}
	within = append(within, name)
	for _, member := range members {
		switch m := member.(type) {
		case string:
			r, err := p.one(table, m)
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		case map[string]any:
			other, ok := m["include-group"].(string)
			if !ok || len(m) != 1 {
				return nil, refusal.New(where, `a table in a dependency group is { include-group = "name" } and nothing else`, "")
			}
			var err error
			if out, err = p.group(out, distname.Normalize(other), within); err != nil {
				return nil, err
			}
		default:
			return nil, refusal.Newf(where, "%v is neither a requirement nor an include-group table", m)
		}
	}
	return out, nil
}

// known lists what there is.
func known[V any](what string, of map[string]V) string {
	if len(of) == 0 {
		return "it has no " + what
	}
	return "it has the " + what + " " + strings.Join(slices.Sorted(maps.Keys(of)), ", ")
}
