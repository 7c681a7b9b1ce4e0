package lockfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// roots are where the walk begins: the chosen members; else the project beside the lock; else, for a script, none, its
// requirements being in the manifest; else all members, as uv does in a workspace without a project of its own.
func (u *UV) roots(c Choice) ([]*uvPackage, error) {
	names := c.Members
	if len(names) == 0 {
		for i := range u.wire.Packages {
			if p := &u.wire.Packages[i]; p.Source.local() == "." {
				return []*uvPackage{p}, nil
			}
		}
		if len(u.wire.Manifest.Requirements) > 0 {
			return nil, nil
		}
		names = u.wire.Manifest.Members
	}
	var out []*uvPackage
	for _, name := range names {
		found := u.byName[distname.Normalize(name)]
		i := slices.IndexFunc(found, func(p *uvPackage) bool { return p.Source.local() != "" })
		if i < 0 {
			return nil, refusal.New(u.file, fmt.Sprintf("it has no workspace member %q", name), have("members", u.members()))
		}
		out = append(out, found[i])
	}
	if len(out) == 0 && len(u.wire.Packages) > 0 {
		return nil, refusal.New(u.file, "it does not say which project it is the lock of", "make it again with: uv lock")
	}
	return out, nil
}

func (u *UV) members() []string {
	if len(u.wire.Manifest.Members) > 0 {
		return u.wire.Manifest.Members
	}
	var out []string
	for i := range u.wire.Packages {
		if p := &u.wire.Packages[i]; p.Source.local() != "" {
			out = append(out, p.Name)
		}
	}
	return out
}

// wanted checks that some root knows each chosen extra and group.
func (u *UV) wanted(roots []*uvPackage, c Choice) (extras, groups []string, err error) {
	knownExtras, knownGroups := map[string]bool{}, map[string]bool{}
	for _, p := range roots {
		for name := range p.Optional {
			knownExtras[name] = true
		}
		for _, name := range p.Metadata.Extras {
			knownExtras[name] = true
		}
		for name := range p.Groups {
			knownGroups[name] = true
		}
		for name := range p.Metadata.Groups {
			knownGroups[name] = true
		}
	}
	for name := range u.wire.Manifest.Groups {
		knownGroups[name] = true
	}
	if extras, err = u.known("extra", c.Extras, knownExtras); err != nil {
		return nil, nil, err
	}
	groups, err = u.known("dependency group", c.Groups, knownGroups)
	return extras, groups, err
}

func (u *UV) known(what string, names []string, known map[string]bool) ([]string, error) {
	var out []string
	for _, name := range names {
		name = distname.Normalize(name)
		if !known[name] {
			fix := "it has no " + what + "s"
			if len(known) > 0 {
				fix = "it has the " + what + "s " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
			}
			return nil, refusal.New(u.file, fmt.Sprintf("it knows no %s %q", what, name), fix)
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}
