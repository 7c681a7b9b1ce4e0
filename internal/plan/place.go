package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// placed is a path that some layer of the plan writes.
type placed struct {
	entry *layers.Entry
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
	// conflicts lets what is put later win over what was put before.
	conflicts bool
	// recorded gives the SHA-256 of the base's files, by path, as far as RECORDs tell.
	recorded func() (map[string]string, error)
	// removals is the layer of whiteouts, below all other layers.
	removals *group
}

// group collects the entries of one layer.
type group struct {
	role    layers.Role
	entries map[string]*layers.Entry
	layout  map[string]bool
	// The folder of the file that was put last, as it was given and resolved: most files follow another of the same folder.
	given, resolved string
}

// newGroup makes a group with room for that many entries.
func newGroup(role layers.Role, room int) *group {
	return &group{role: role, entries: make(map[string]*layers.Entry, room), layout: map[string]bool{}}
}

// expect makes room for the files of wheels, where nothing has been placed before.
func (p *placer) expect(files map[string]*installedFiles) {
	n := 0
	for _, f := range files {
		n += len(f.entries)
	}
	if len(p.written) == 0 {
		p.written = make(map[string]placed, n+n/8) // and their folders
	}
}

// put places e into g: its path resolved through the base's links, with every folder on the
// way as the base has it. Leaving folders out would let a runtime make them anew, with other
// modes; an entry below a link that is itself written would make the linked folder vanish.
func (p *placer) put(g *group, e layers.Entry) error {
	given := e.Path
	dir := path.Dir(given)
	if e.Kind != layers.Dir && dir == g.given {
		e.Path = g.resolved + given[len(dir):]
		return p.leaf(g, e)
	}
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
	if dir != "." {
		g.given, g.resolved = dir, path.Dir(resolved)
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
		return refusal.New("/"+e.Path, fmt.Sprintf("/%s is written as a file by %s and needed as a folder by %s", dir, origin(*w.entry), origin(e)),
			"leave one of them out")
	}
	if _, ok := g.entries[dir]; ok {
		return nil
	}
	d := &layers.Entry{Path: dir, Kind: layers.Dir, Mode: 0o755, Origin: e.Origin}
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
		ok, differs, err := same(*w.entry, e)
		switch {
		case err != nil:
			return err
		case !ok && (!p.conflicts || w.entry.Kind == layers.Dir):
			fix := "leave one of them out"
			if w.entry.Kind != layers.Dir {
				fix += ", or say --allow-conflicts, by which the later one wins"
			}
			return refusal.New("/"+e.Path, fmt.Sprintf("it comes from both %s and %s, %s", origin(*w.entry), origin(e), differs), fix)
		case !ok:
			// Files and sources lie above wheels, and what is put later lies above what was put before.
			*p.notes = append(*p.notes, fmt.Sprintf("/%s: of %s, not of %s (--allow-conflicts)", e.Path, origin(e), origin(*w.entry)))
		}
		if _, here := g.entries[e.Path]; here && ok {
			return nil
		}
	}
	if why, ok := p.guarded[e.Path]; ok {
		return refusal.New(origin(e), fmt.Sprintf("it would replace /%s, %s", e.Path, why), "choose another destination or leave it out")
	}
	if n, ok := p.base.Lookup(e.Path); ok {
		unchanged, err := p.asInBase(e, n)
		if err != nil {
			return err
		}
		if unchanged {
			g.entries[e.Path] = &e
			p.written[e.Path] = placed{&e, g.role}
			return nil
		}
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
	g.entries[e.Path] = &e
	p.written[e.Path] = placed{&e, g.role}
	return nil
}

// asInBase reports whether the base has the very file: an empty one, or one whose digest the
// RECORD of its distribution gives.
func (p *placer) asInBase(e layers.Entry, n rootfs.Node) (bool, error) {
	if e.Kind != layers.File || n.Kind != layers.File || e.Size != n.Size || (e.Mode^n.Mode)&0o111 != 0 {
		return false, nil
	}
	if e.Size == 0 {
		return true, nil
	}
	e, err := pipwheel.Complete(e)
	if err != nil || e.SHA256 == nil || p.recorded == nil {
		return false, err
	}
	sums, err := p.recorded()
	return err == nil && sums[e.Path] == hex.EncodeToString(e.SHA256[:]), err
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
	if n.Kind == layers.Symlink && !p.leads(e.Path) {
		return nil // a link to nothing, as bin/pip is when the distribution behind it has been removed
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

// leads reports whether a link of the base leads to something.
func (p *placer) leads(link string) bool {
	at, err := p.base.Resolve(link)
	if err != nil {
		return false
	}
	_, ok := p.base.Lookup(at)
	return ok || at == ""
}

// same reports whether two entries are the same file, and what differs where they are not.
func same(a, b layers.Entry) (ok bool, differs string, err error) {
	switch {
	case a.Kind == layers.Dir || b.Kind == layers.Dir:
		return false, "one as a folder, the other not", nil
	case a.Kind != b.Kind:
		return false, "one as a link, the other not", nil
	case a.Kind == layers.Symlink && a.Target != b.Target:
		return false, "with different targets", nil
	case a.Kind == layers.File:
		if ok, err = sameBytes(a, b); err != nil || !ok {
			return false, "with different bytes", err
		}
	}
	if a.Mode != b.Mode {
		return false, "only one of them executable", nil
	}
	return true, "", nil
}

// sameBytes compares two files, reading them where RECORD does not tell.
func sameBytes(a, b layers.Entry) (bool, error) {
	if a.Size != b.Size || a.Size == 0 {
		return a.Size == b.Size, nil
	}
	x, err := sumOf(a)
	if err != nil {
		return false, err
	}
	y, err := sumOf(b)
	return x == y, err
}

func sumOf(e layers.Entry) (sum [sha256.Size]byte, err error) {
	if e, err = pipwheel.Complete(e); err != nil {
		return sum, err
	}
	if e.SHA256 != nil {
		return *e.SHA256, nil
	}
	r, err := e.Open()
	if err != nil {
		return sum, fmt.Errorf("reading %s: %w", origin(e), err)
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return sum, fmt.Errorf("reading %s: %w", origin(e), err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
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
