package flowcheck

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/check"
	"github.com/layerpack/layerpack/internal/pysource"
)

// Findings returns what would fail when the flows run in the image, errors first, then by subject.
func Findings(img Image, p Project) []check.Finding {
	if img.Tree == nil {
		return nil
	}
	i := newInspector(img, p.Sources)
	fetched := func(e Entrypoint) bool { return e.Fetched }
	entries, found := slices.DeleteFunc(slices.Clone(p.Entrypoints), fetched), false
	if len(entries) == 0 && p.Discover {
		entries, found = i.discover(slices.ContainsFunc(p.Entrypoints, fetched)), true
	}
	r := &report{inspector: i, hits: map[string]*hit{}, lenient: found}
	for k := range entries {
		r.entrypoint(&entries[k])
	}
	r.tell(found && r.failed < len(entries))
	if len(entries) > 0 || i.major > 0 && len(i.own) > 0 {
		i.image(entries)
		i.project(p)
	}
	return settle(i.findings)
}

// discover lists the files of the project that define a flow, or would if Python could compile them. Tests and examples count
// where there are no others, and then they are not what the image is for; nor is anything where runs fetch their code.
func (i *inspector) discover(fetched bool) []Entrypoint {
	var out, aside []Entrypoint
	for _, p := range slices.Sorted(maps.Keys(i.own)) {
		if !strings.HasSuffix(p, ".prefect") && !i.definesFlow(i.source(p)) {
			continue
		}
		if e := (Entrypoint{File: "/" + p, Assumed: fetched, Origin: "a flow of the source"}); i.aside(p) {
			e.Assumed = true
			aside = append(aside, e)
		} else {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return aside
	}
	return out
}

// aside reports whether a file is a test, or an example of a documentation, by the names that are usual for them in a source.
func (i *inspector) aside(p string) bool {
	for _, root := range i.roots {
		p = strings.TrimPrefix(p, root+"/")
	}
	parts := strings.Split(p, "/")
	name := parts[len(parts)-1]
	if strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py") || name == "conftest.py" {
		return true
	}
	return slices.ContainsFunc(parts[:len(parts)-1], func(dir string) bool {
		switch dir {
		case "test", "tests", "doc", "docs", "example", "examples", "benchmarks":
			return true
		}
		return false
	})
}

func (i *inspector) definesFlow(s *source) bool {
	switch {
	case s == nil:
		return false
	case s.syntax != nil:
		text := string(s.text)
		return strings.Contains(text, "prefect") && (strings.Contains(text, "flow(") || strings.Contains(text, "@flow") || strings.Contains(text, "Flow("))
	}
	return slices.ContainsFunc(s.file.Names, func(n pysource.Name) bool { return i.isFlow(s, n) })
}

func (i *inspector) isFlow(s *source, n pysource.Name) bool {
	role, _ := s.file.Prefect(n)
	return role == pysource.Flow && n.When != pysource.Never && n.When != pysource.Lazy
}

// report collects what is found for all entrypoints, so that one cause is one finding.
type report struct {
	*inspector
	hits    map[string]*hit
	lenient bool // the entrypoints are discovered
	failed  int  // how many entrypoints cannot be loaded
	loaded  map[string]*loaded
}

// hit is a problem with the entrypoints that it keeps from being loaded.
type hit struct {
	problem
	warning bool
	entries []string
}

// meet notes problems of an entrypoint; lazy ones are met only when a function is called.
func (r *report) meet(e *Entrypoint, problems []problem, lazy bool) {
	failed := false
	for _, p := range problems {
		if p.changes && r.altered && (p.rule == ModuleElsewhere || p.rule == MissingName) {
			continue
		}
		warning := lazy || p.unsure || p.changes && r.altered || e.Assumed
		failed = failed || !warning
		key := fmt.Sprint(p.at, "\x00", p.line, "\x00", p.rule, "\x00", p.cause)
		h := r.hits[key]
		if h == nil {
			h = &hit{problem: p, warning: true}
			if lazy {
				h.cause += ", when the function that does is called"
			}
			r.hits[key] = h
		}
		h.warning = h.warning && warning
		if name := e.title(); !lazy && !slices.Contains(h.entries, name) {
			h.entries = append(h.entries, name)
		}
	}
	if failed {
		r.failed++
	}
}

// tell makes findings of the hits.
func (r *report) tell(soften bool) {
	for _, key := range slices.Sorted(maps.Keys(r.hits)) {
		h := r.hits[key]
		f := check.Finding{Rule: h.rule, Warning: h.warning || soften, Subject: "/" + h.at, Cause: h.cause, Fix: h.fix}
		if h.line > 0 {
			f.Subject = fmt.Sprintf("/%s:%d", h.at, h.line)
		}
		if len(h.entries) > 0 {
			f.Cause += ", so that " + h.entries[0]
			if more := len(h.entries) - 1; more > 0 {
				f.Cause += fmt.Sprintf(" and %d more", more)
			}
			f.Cause += " cannot be loaded"
			if f.Warning && !soften {
				f.Cause = strings.TrimSuffix(f.Cause, "cannot be loaded") + "may not be loaded"
			}
		}
		r.add(f)
	}
}

// title is how messages call an entrypoint.
func (e *Entrypoint) title() string {
	name := e.File
	if name == "" {
		name = e.Module
	}
	if e.Name != "" {
		name += ":" + e.Name
	}
	if e.Origin != "" {
		name += " (" + e.Origin + ")"
	}
	return name
}
