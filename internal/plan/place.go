package plan

import (
	"fmt"
	"path"
	"strings"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// placed is a path that some layer of the plan writes.
type placed struct {
	entry layers.Entry
	role  layers.Role
}

// placer finds where entries land in the base and what else their layer must hold so that
// nothing of the base changes beside them.
type placer struct {
	base    *rootfs.Tree
	written map[string]placed // of all layers so far, by resolved path
	guarded map[string]string // paths that nothing may replace -> why
	notes   *[]string
	// overwriting names distributions whose wheels may replace files of the base in the scheme's
	// folders, and current is the one that is being placed.
	overwriting map[string]pipwheel.Scheme
	current     string
	// removals is the layer of whiteouts, below all other layers.
	removals *group
}

// group collects the entries of one layer.
type group struct {
	role    layers.Role
	entries map[string]layers.Entry
	layout  map[string]bool
}

func newGroup(role layers.Role) *group {
	return &group{role: role, entries: map[string]layers.Entry{}, layout: map[string]bool{}}
}

// put places e into g: its path resolved through the base's links, with every folder on the
// way as the base has it. Leaving folders out would let a runtime make them anew, with other
// modes; an entry below a link that is itself written would make the linked folder vanish.
func (p *placer) put(g *group, e layers.Entry) error {
	given := e.Path
	resolve := p.base.ResolveParent
	if e.Kind == layers.Dir {
		resolve = p.base.Resolve
	}
	resolved, err := resolve(given)
	if err != nil {
		return &refusal.Error{Input: origin(e), Cause: "/" + given + " cannot be reached in the base", Err: err}
	}
	if resolved == "" {
		return nil // the root itself
	}
	if resolved != given {
		g.layout["/"+path.Dir(given)+" -> /"+path.Dir(resolved)] = true
	}
	e.Path = resolved
	if err := p.parents(g, e, resolved); err != nil {
		return err
	}
	if e.Kind == layers.Dir {
		return p.folder(g, resolved, e)
	}
	return p.leaf(g, e)
}

func (p *placer) parents(g *group, e layers.Entry, resolved string) error {
	for i, c := range resolved {
		if c != '/' {
			continue
		}
		if err := p.folder(g, resolved[:i], e); err != nil {
			return err
		}
	}
	return nil
}

// folder puts a folder into the layer, with the base's mode and owner where the base has it.
func (p *placer) folder(g *group, dir string, e layers.Entry) error {
	if w, ok := p.written[dir]; ok && w.entry.Kind != layers.Dir {
		return refusal.New("/"+e.Path, fmt.Sprintf("/%s is written as a file by %s and needed as a folder by %s", dir, origin(w.entry), origin(e)),
			"leave one of them out")
	}
	if _, ok := g.entries[dir]; ok {
		return nil
	}
	d := layers.Entry{Path: dir, Kind: layers.Dir, Mode: 0o755, Origin: e.Origin}
	if n, ok := p.base.Lookup(dir); ok {
		if n.Kind != layers.Dir {
			return refusal.New("/"+e.Path, fmt.Sprintf("/%s is no folder in the base, and %s needs it to be one", dir, origin(e)), "choose another destination")
		}
		d.Mode, d.UID, d.GID = n.Mode, n.UID, n.GID
	}
	if d.Mode != 0o755 || d.UID != 0 || d.GID != 0 {
		g.layout[fmt.Sprintf("/%s %04o %d:%d", dir, d.Mode, d.UID, d.GID)] = true
	}
	g.entries[dir] = d
	if _, ok := p.written[dir]; !ok {
		p.written[dir] = placed{d, g.role}
	}
	return nil
}

// leaf puts a file or a link into the layer.
func (p *placer) leaf(g *group, e layers.Entry) error {
	if w, ok := p.written[e.Path]; ok {
		if !same(w.entry, e) {
			return refusal.New("/"+e.Path, fmt.Sprintf("it comes from both %s and %s, with different bytes", origin(w.entry), origin(e)), "leave one of them out")
		}
		if _, here := g.entries[e.Path]; here {
			return nil
		}
	}
	if why, ok := p.guarded[e.Path]; ok {
		return refusal.New(origin(e), fmt.Sprintf("it would replace /%s, %s", e.Path, why), "choose another destination or leave it out")
	}
	if n, ok := p.base.Lookup(e.Path); ok {
		if err := p.replace(g, e, n); err != nil {
			return err
		}
		// Bytecode of the base's file would be run instead, had both the same size and time.
		for _, pyc := range bytecode(p.base, e.Path) {
			if err := p.remove(pyc); err != nil {
				return err
			}
		}
	}
	g.entries[e.Path] = e
	p.written[e.Path] = placed{e, g.role}
	return nil
}

// replace decides whether e may take the place of what the base has.
func (p *placer) replace(g *group, e layers.Entry, n rootfs.Node) error {
	if n.Kind == layers.Dir {
		return refusal.New(origin(e), fmt.Sprintf("/%s is a folder in the base", e.Path), "choose another destination")
	}
	if at, err := p.base.Resolve(e.Path); n.Kind == layers.Symlink && err == nil {
		if led, ok := p.base.Lookup(at); ok && led.Kind == layers.Dir {
			// All that is reached through it would be gone.
			return refusal.New(origin(e), fmt.Sprintf("/%s is a link to a folder in the base", e.Path), "choose another destination")
		}
	}
	switch g.role {
	case layers.RoleFiles:
		*p.notes = append(*p.notes, fmt.Sprintf("%s replaces /%s of the base", origin(e), e.Path))
	case layers.RoleSource:
		*p.notes = append(*p.notes, fmt.Sprintf("warning: %s replaces /%s of the base", origin(e), e.Path))
	default:
		if s, ok := p.overwriting[p.current]; ok && (below(e.Path, s.Purelib) || below(e.Path, s.Platlib) || below(e.Path, s.Scripts)) {
			return nil
		}
		return refusal.New(origin(e), fmt.Sprintf("it would replace /%s of the base, which belongs to something else", e.Path),
			"leave the wheel out, or use a base without that file")
	}
	return nil
}

// same reports whether two entries are the same file. What has no SHA-256 is not known to be.
func same(a, b layers.Entry) bool {
	if a.Kind != b.Kind || a.Mode != b.Mode {
		return false
	}
	if a.Kind == layers.File {
		return a.SHA256 != nil && b.SHA256 != nil && *a.SHA256 == *b.SHA256
	}
	return a.Target == b.Target
}

func origin(e layers.Entry) string {
	if e.Origin != "" {
		return e.Origin
	}
	return "/" + e.Path
}

// entrypointPaths finds the files that start the base's container: every word of its
// Entrypoint that names a file of the base, directly or along PATH.
func entrypointPaths(base *rootfs.Tree, entrypoint []string, pathEnv string) map[string]string {
	const why = "which starts the base's container (its Entrypoint)"
	found := map[string]string{}
	add := func(p string) bool {
		resolved, err := base.Resolve(p)
		if err != nil {
			return false
		}
		if n, ok := base.Lookup(resolved); !ok || n.Kind != layers.File {
			return false
		}
		// Every link on the way to the file starts the container as much as the file does.
		for at, err := base.ResolveParent(p); err == nil; at, err = base.ResolveParent(p) {
			found[at] = why
			n, ok := base.Lookup(at)
			if !ok || n.Kind != layers.Symlink {
				break
			}
			if p = n.Target; !path.IsAbs(p) {
				p = path.Dir(at) + "/" + n.Target
			}
		}
		return true
	}
	for _, word := range entrypoint {
		if strings.Contains(word, "/") {
			add(word)
			continue
		}
		if word == "" || word[0] == '-' {
			continue
		}
		for dir := range strings.SplitSeq(pathEnv, ":") {
			if path.IsAbs(dir) && add(path.Join(dir, word)) {
				break
			}
		}
	}
	return found
}
