package flowcheck

import (
	"fmt"
	"path"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// pyproject is what is asked of a pyproject.toml (PEP 621).
type pyproject struct {
	python   string // requires-python
	requires []string
}

// pyproject reads a file of the image; nil where it is not known or no TOML.
func (i *inspector) pyproject(p string) *pyproject {
	text, ok := i.text(p)
	if !ok {
		return nil
	}
	var doc struct {
		Project struct {
			Python   string   `toml:"requires-python"`
			Requires []string `toml:"dependencies"`
		} `toml:"project"`
	}
	if toml.Unmarshal(text, &doc) != nil {
		return nil
	}
	return &pyproject{doc.Project.Python, doc.Project.Requires}
}

// nameOf is the normalised name at the beginning of a requirement (PEP 508).
func nameOf(requirement string) string {
	name, _ := splitRequirement(requirement)
	return distname.Normalize(name)
}

// splitRequirement returns the name and the specifiers of a requirement; of one with a URL or a marker no specifiers.
func splitRequirement(r string) (name, specifiers string) {
	r = strings.TrimSpace(r)
	k := strings.IndexFunc(r, func(c rune) bool {
		return !strings.ContainsRune("._-", c) && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
	})
	if k < 0 {
		return r, ""
	}
	name, rest := r[:k], strings.TrimSpace(r[k:])
	if strings.HasPrefix(rest, "[") {
		_, rest, _ = strings.Cut(rest, "]")
		rest = strings.TrimSpace(rest)
	}
	if strings.ContainsAny(rest, ";@") {
		return name, ""
	}
	return name, strings.Trim(rest, "() ")
}

// project compares what the project says of itself with the image.
func (i *inspector) project(p Project) {
	if major := leading(p.Prefect); major > 0 && i.major > 0 && major != i.major {
		i.add(check.Finding{
			Rule: PrefectVersion, Warning: true, Subject: "prefect.yaml",
			Cause: fmt.Sprintf("it was written by Prefect %s, and the image has %s", p.Prefect, i.prefect),
			Fix:   "take a base of the same version, or correct prefect-version",
		})
	}
	for _, dir := range p.Sources {
		if n, ok := i.node(path.Join(dir, "pyproject.toml")); ok && i.own[n.Path] {
			if doc := i.pyproject(n.Path); doc != nil {
				i.required("/"+n.Path, doc)
			}
		}
		if n, ok := i.node(path.Join(dir, ".python-version")); ok && i.own[n.Path] {
			i.pinned(n.Path)
		}
	}
}

// required judges requires-python and the project's own requirement of Prefect.
func (i *inspector) required(file string, doc *pyproject) {
	if i.Python != nil && doc.python != "" && i.outside(doc.python, i.Python.Version) {
		i.add(check.Finding{
			Rule: PythonVersion, Warning: true, Subject: file,
			Cause: fmt.Sprintf("requires-python is %q, and the image has Python %s", doc.python, i.Python.Version),
			Fix:   "take a base with such a Python",
		})
	}
	for _, r := range doc.requires {
		if _, specifiers := splitRequirement(r); nameOf(r) == "prefect" && i.prefect != "" && specifiers != "" && i.outside(specifiers, i.prefect) {
			i.add(check.Finding{
				Rule: PrefectVersion, Warning: true, Subject: file,
				Cause: fmt.Sprintf("it requires %s, and the image has Prefect %s", r, i.prefect),
				Fix:   "take a base of such a version",
			})
		}
	}
}

// outside reports whether a version is known not to satisfy specifiers. Of a Python whose last part is not known, any that it may
// have counts.
func (i *inspector) outside(specifiers, have string) bool {
	set, err := version.ParseSet(specifiers)
	if err != nil {
		return false
	}
	candidates := []string{have}
	if strings.Count(have, ".") == 1 {
		candidates = append(candidates, have+".99")
	}
	for _, c := range candidates {
		v, err := version.Parse(c)
		if err != nil || set.Match(v, true) {
			return false
		}
	}
	return true
}

// pinned compares the .python-version that pyenv and uv read.
func (i *inspector) pinned(file string) {
	text, ok := i.text(file)
	if !ok || i.Python == nil {
		return
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	first = strings.TrimPrefix(strings.TrimSpace(first), "cpython-")
	if v, err := version.Parse(first); err != nil || strings.Count(first, ".") == 0 || minor(v.String()) == minor(i.Python.Version) {
		return
	}
	i.add(check.Finding{
		Rule: PythonVersion, Warning: true, Subject: "/" + file,
		Cause: fmt.Sprintf("the project is made for Python %s, and the image has %s", first, i.Python.Version),
		Fix:   "take a base with that Python",
	})
}
