package lockfile

import (
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// walk is one way through the graph of an uv.lock, for one environment.
type walk struct {
	lock   *UV
	env    marker.Environment
	active []string // what was chosen, spelled as in the markers of conflicting extras and groups
	queue  []node
	seen   map[node]bool
	order  []*uvPackage        // as they were found
	asked  map[*uvPackage]bool // by a root itself
}

// node is a package, or one of its extras.
type node struct {
	pkg   *uvPackage
	extra string
}

// Conflicting extras and groups (uv's "conflicts") stand in markers as extras whose names hold the length of the
// package's name, so that no two can be confused.
func activeExtra(pkg, extra string) string {
	return fmt.Sprintf("extra-%d-%s-%s", len(pkg), pkg, extra)
}

func activeGroup(pkg, group string) string {
	return fmt.Sprintf("group-%d-%s-%s", len(pkg), pkg, group)
}
func activeProject(pkg string) string { return fmt.Sprintf("project-%d-%s", len(pkg), pkg) }

// start activates what was chosen and queues the roots with their groups.
func (w *walk) start(roots []*uvPackage, extras, groups []string, onlyGroups bool) error {
	for _, p := range roots {
		if !onlyGroups {
			w.activate(activeProject(p.Name))
			for _, extra := range extras {
				if _, ok := p.Optional[extra]; ok {
					w.activate(activeExtra(p.Name, extra))
				}
			}
		}
		for _, group := range groups {
			if _, ok := p.Groups[group]; ok {
				w.activate(activeGroup(p.Name, group))
			}
		}
	}
	for _, p := range roots {
		if !onlyGroups {
			w.push(p, "")
			for _, extra := range extras {
				w.push(p, extra)
			}
		}
	}
	for _, p := range roots {
		for _, group := range groups {
			if err := w.follow(p.Groups[group], true); err != nil {
				return err
			}
		}
	}
	return w.manifest(groups, onlyGroups)
}

// activate adds a name that markers ask for; others have no effect.
func (w *walk) activate(name string) {
	if w.lock.conflicting[name] && !slices.Contains(w.active, name) {
		w.active = append(w.active, name)
	}
}

// manifest queues the requirements of a script, and of groups of a workspace without a project.
func (w *walk) manifest(groups []string, onlyGroups bool) error {
	m := &w.lock.wire.Manifest
	var all []uvRequirement
	if !onlyGroups {
		all = append(all, m.Requirements...)
	}
	for _, group := range groups {
		all = append(all, m.Groups[group]...)
	}
	for _, r := range all {
		if ok, err := w.holds(r.Marker, nil); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		p, err := w.here(r.Name)
		if err != nil {
			return err
		}
		w.asked[p] = true
		w.push(p, "")
		for _, extra := range r.Extras {
			w.push(p, extra)
		}
	}
	return nil
}

// here is the package of a name in the fork of the lock that this environment belongs to.
func (w *walk) here(name string) (*uvPackage, error) {
	var found *uvPackage
	for _, p := range w.lock.byName[name] {
		in := len(p.Forks) == 0
		for _, fork := range p.Forks {
			ok, err := w.holds(fork, nil)
			if err != nil {
				return nil, err
			}
			in = in || ok
		}
		if !in {
			continue
		}
		if found != nil {
			return nil, refusal.Newf(w.lock.file, "it does not say which of its packages %s is meant", name)
		}
		found = p
	}
	if found == nil {
		return nil, refusal.Newf(w.lock.file, "it has no package %s for this environment", name)
	}
	return found, nil
}

// run empties the queue.
func (w *walk) run(roots []*uvPackage) error {
	for len(w.queue) > 0 {
		n := w.queue[0]
		w.queue = w.queue[1:]
		edges := n.pkg.Dependencies
		if n.extra != "" {
			edges = n.pkg.Optional[n.extra]
		}
		if err := w.follow(edges, slices.Contains(roots, n.pkg)); err != nil {
			return err
		}
	}
	return nil
}

// follow queues what the edges lead to whose markers hold. An edge that asks for conflicting extras activates them.
func (w *walk) follow(edges []uvDependency, fromRoot bool) error {
	for i := range edges {
		d := &edges[i]
		var more []string
		for _, extra := range d.Extras {
			if name := activeExtra(d.Name, extra); w.lock.conflicting[name] {
				more = append(more, name)
			}
		}
		ok, err := w.holds(d.Marker, more)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		for _, name := range more {
			w.activate(name)
		}
		p, err := w.lock.find(d)
		if err != nil {
			return err
		}
		w.asked[p] = w.asked[p] || fromRoot
		w.push(p, "")
		for _, extra := range d.Extras {
			w.push(p, extra)
		}
	}
	return nil
}

func (w *walk) push(p *uvPackage, extra string) {
	n := node{p, extra}
	if w.seen[n] {
		return
	}
	if w.seen[n] = true; extra == "" {
		w.order = append(w.order, p)
	}
	w.queue = append(w.queue, n)
}

func (w *walk) holds(text string, more []string) (bool, error) {
	if text == "" {
		return true, nil
	}
	active := append(slices.Clip(w.active), more...)
	ok, err := w.lock.markers[text].Evaluate(w.env, active...)
	if err != nil {
		return false, &refusal.Error{Input: w.lock.file, Cause: "a marker has no value", Err: err}
	}
	return ok, nil
}
