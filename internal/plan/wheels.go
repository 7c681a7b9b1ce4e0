package plan

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	// maxLayers is the most that runtimes stack (overlayfs, containerd); reserve is kept for
	// what others put on top.
	maxLayers = 127
	reserve   = 16
	// pureBuckets is the number of layers that pure wheels are spread over, by name, so that
	// one changed wheel leaves the other layers alone.
	pureBuckets = 8
)

// wheels plans the wheels' layers.
func (b *builder) wheels(all []Wheel) error {
	target, err := b.installTarget()
	if err != nil {
		return err
	}
	r := newRemover(b.in.Profile.Tree, b.in.Profile.Python)
	todo, replaced := b.missing(all, r)
	if err := b.removals(r, replaced); err != nil {
		return err
	}
	b.installed, b.replaced = todo, replaced
	files, err := b.files(todo, target)
	if err != nil {
		return err
	}
	recipeTarget, err := targetInput(target)
	if err != nil {
		return err
	}
	b.place.expect(files)
	budget := maxLayers - reserve - b.in.Base.Layers
	parts := arrange(todo, budget-pureBuckets)
	if limit := b.in.Build.MaxLayerSize; limit > 0 {
		d := divider{format: cmp.Or(b.in.Build.Compression, layers.Gzip), installed: files, weighed: map[string]*weights{}}
		var kept int64
		if parts, kept, err = d.within(parts, limit, budget); err != nil {
			return err
		}
		b.notes = append(b.notes, d.notes(parts, limit, kept)...)
	}
	for _, part := range parts {
		if err := b.wheelLayer(part, files, recipeTarget); err != nil {
			return err
		}
	}
	return nil
}

// wheelLayer plans one layer of wheels.
func (b *builder) wheelLayer(p part, files map[string]*installedFiles, target json.RawMessage) error {
	n := 0
	for _, w := range p.wheels {
		n += len(files[w.Basename].entries)
	}
	g := namedGroup{group: newGroup(p.role, n), target: target}
	var titles []string
	for _, w := range p.wheels {
		f := files[w.Basename]
		entries, title := f.entries, w.Name()+" "+w.Version()
		if p.piece != nil {
			entries, title = p.files, fmt.Sprintf("%s, part %d of %d", title, p.piece.Index, p.piece.Of)
		}
		b.place.current = w.Name()
		for _, e := range entries {
			if err := b.place.put(g.group, e); err != nil {
				return err
			}
		}
		g.wheels = append(g.wheels, layers.WheelInput{
			File: w.Basename, SHA256: hex.EncodeToString(w.SHA256[:]), Requested: !w.Transitive, DirectURL: w.DirectURL,
			LeftOut: f.lost, Part: p.piece,
		})
		titles = append(titles, title)
	}
	g.title = strings.Join(titles, ", ")
	b.groups = append(b.groups, g)
	return nil
}

// installTarget is the base's interpreter, with another scheme where --target names a folder.
func (b *builder) installTarget() (*pipwheel.Target, error) {
	python := b.in.Profile.Python
	if python == nil {
		return nil, refusal.New(b.in.Build.Base.Given, "the base has no Python that wheels could be installed for: "+b.in.Profile.PythonNote,
			"use a base with Python, or leave --wheels out")
	}
	if dir := b.in.Build.Install.Target; dir != "" {
		t := *python
		t.Scheme = pipwheel.Scheme{
			Purelib: dir, Platlib: dir, Scripts: path.Join(dir, "bin"), Headers: path.Join(dir, "include"), Data: dir,
			Stdlib: python.Scheme.Stdlib,
		}
		return &t, nil
	}
	if python.ExternallyManaged != "" && !b.in.Build.Install.BreakSystemPackages {
		return nil, refusal.New(b.in.Build.Base.Given, "its Python is managed by its distribution (PEP 668), which says:\n"+managedText(python.ExternallyManaged),
			"use --target DIR, a base with a Python of its own, or --break-system-packages")
	}
	return python, nil
}

// managedText is the message in an EXTERNALLY-MANAGED file: its Error key, with the lines that continue it.
func managedText(file string) string {
	var out []string
	in := false
	for line := range strings.SplitSeq(file, "\n") {
		key, value, ok := strings.Cut(line, "=")
		switch {
		case ok && strings.TrimSpace(key) == "Error" && !in:
			in = true
			out = append(out, strings.TrimSpace(value))
		case in && line != "" && line[0] != ' ' && line[0] != '\t':
			in = false
		case in:
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// missing leaves out what the base has in the same version, and says which distributions of the
// base have another: they are replaced. A --target stands beside the base: everything goes in.
func (b *builder) missing(all []Wheel, r *remover) (todo []Wheel, replaced []pipwheel.Distribution) {
	if b.in.Build.Install.Target != "" {
		return all, nil
	}
	have := map[string][]pipwheel.Distribution{}
	for _, d := range b.in.Profile.Distributions {
		name := distname.Normalize(d.Name)
		have[name] = append(have[name], d)
	}
	for _, w := range all {
		old := have[w.Name()]
		if len(old) > 0 && pipwheel.SameVersion(old[0].Version, w.Version()) {
			b.notes = append(b.notes, fmt.Sprintf("%s %s: the base has it, skipped", old[0].Name, old[0].Version))
			continue
		}
		for _, d := range old {
			if !r.installed(d) {
				b.notes = append(b.notes, fmt.Sprintf("%s %s of the base, in /%s, stays behind %s", d.Name, d.Version, path.Dir(d.Path), w.Version()))
				continue
			}
			b.notes = append(b.notes, fmt.Sprintf("%s %s of the base is replaced by %s", d.Name, d.Version, w.Version()))
			replaced = append(replaced, d)
		}
		todo = append(todo, w)
	}
	return todo, replaced
}

// installedFiles is what one wheel brings.
type installedFiles struct {
	entries []layers.Entry
	lost    []string // paths that another wheel's file has, with its SHA-256
}

// files plans every wheel's files and settles what two wheels both bring: the same bytes are no
// conflict, others are refused, unless the later wheel of the command line may win.
func (b *builder) files(wheels []Wheel, target *pipwheel.Target) (map[string]*installedFiles, error) {
	inOrder := slices.Clone(wheels)
	slices.SortStableFunc(inOrder, func(x, y Wheel) int { return x.Order - y.Order })
	out := map[string]*installedFiles{}
	type brought struct{ wheel, path string }
	owner := map[string]brought{} // by the path that it resolves to
	for _, w := range inOrder {
		b.notes = append(b.notes, w.Notes()...)
	}
	installed, err := install(inOrder, target)
	if err != nil {
		return nil, err
	}
	for i, w := range inOrder {
		entries := installed[i]
		out[w.Basename] = &installedFiles{entries: entries}
		if !b.in.Build.Install.AllowConflicts {
			continue // the placer refuses, with the places resolved
		}
		for _, e := range entries {
			at, err := b.place.base.ResolveParent(e.Path)
			if err != nil {
				continue // the placer says why
			}
			if before, ok := owner[at]; ok {
				lost, err := out[before.wheel].lose(before.path, e)
				if err != nil {
					return nil, err
				}
				if lost {
					b.notes = append(b.notes, fmt.Sprintf("/%s: of %s, not of %s (--allow-conflicts)", at, w.Basename, before.wheel))
				}
			}
			owner[at] = brought{w.Basename, e.Path}
		}
	}
	return out, nil
}

// install plans the wheels side by side. Of several that cannot be installed the first is told.
func install(wheels []Wheel, target *pipwheel.Target) ([][]layers.Entry, error) {
	out, errs := make([][]layers.Entry, len(wheels)), make([]error, len(wheels))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, w := range wheels {
		g.Go(func() error {
			how := pipwheel.How{Requested: !w.Transitive, DirectURL: w.DirectURL, SHA256: hex.EncodeToString(w.SHA256[:])}
			out[i], errs[i] = w.Install(*target, how)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs, in the order of the wheels
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lose drops the file at path, which e takes the place of, unless both are the same.
func (f *installedFiles) lose(path string, e layers.Entry) (bool, error) {
	i := slices.IndexFunc(f.entries, func(mine layers.Entry) bool { return mine.Path == path })
	if i < 0 {
		return false, nil
	}
	if ok, _, err := same(f.entries[i], e); ok || err != nil {
		return false, err
	}
	winner, err := sumOf(e)
	if err != nil {
		return false, err
	}
	f.lost = append(f.lost, path+" "+hex.EncodeToString(winner[:]))
	f.entries = slices.Delete(f.entries, i, i+1)
	return true, nil
}

// targetInput is what of the interpreter can change a byte of an installed wheel.
func targetInput(t *pipwheel.Target) (json.RawMessage, error) {
	v := strings.SplitN(t.Version, ".", 3)
	b, err := json.Marshal(struct {
		Executable string          `json:"executable"`
		Python     string          `json:"python"`
		Scheme     pipwheel.Scheme `json:"scheme"`
	}{t.Executable, strings.Join(v[:min(2, len(v))], "."), t.Scheme})
	if err != nil {
		return nil, fmt.Errorf("planning wheels: %w", err)
	}
	return b, nil
}
