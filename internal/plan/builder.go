package plan

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

type builder struct {
	in     Inputs
	place  placer
	notes  []string
	groups []namedGroup
	// removed names the distributions of the base that are replaced.
	removed []string
	// installed and replaced are what checks must know: the wheels that go in, the distributions
	// of the base that go.
	installed []Wheel
	replaced  []pipwheel.Distribution
}

type namedGroup struct {
	*group
	title  string
	wheels []layers.WheelInput
	target json.RawMessage
}

func newBuilder(in Inputs) *builder {
	b := &builder{in: in}
	entrypoint, pathEnv := startOf(in.Image.Config)
	b.place = placer{
		base: in.Profile.Tree, written: map[string]placed{}, notes: &b.notes,
		removals: newGroup(layers.RoleRemovals, 0), overwriting: map[string]pipwheel.Scheme{},
		conflicts: in.Build.Install.AllowConflicts,
		recorded: sync.OnceValues(func() (map[string]string, error) {
			owned, err := in.Owned()
			sums := map[string]string{}
			for _, files := range owned {
				for _, f := range files {
					sums[f.Path] = f.SHA256
				}
			}
			return sums, err
		}),
		guarded: entrypointPaths(in.Profile.Tree, entrypoint, pathEnv),
	}
	return b
}

// startOf reads from an image's configuration what starts its container. A configuration
// that cannot be read has been refused before.
func startOf(config []byte) (entrypoint []string, pathEnv string) {
	var c struct {
		Config struct {
			Entrypoint words
			Env        []string
		} `json:"config"`
	}
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, ""
	}
	for _, e := range c.Config.Env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			pathEnv = v
		}
	}
	return c.Config.Entrypoint, pathEnv
}

// words is a command: a list, or, as old versions of Docker wrote it, one word.
type words []string

// UnmarshalJSON reads either form.
func (w *words) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(w))
}

// trees puts all folders and files of a role into one layer.
func (b *builder) trees(role layers.Role, trees []Tree) error {
	if len(trees) == 0 {
		return nil
	}
	g := newGroup(role, 0)
	var titles []string
	for _, t := range trees {
		dst, err := b.destination(t)
		if err != nil {
			return err
		}
		titles = append(titles, dst)
		if t.Dir {
			if err := b.place.put(g, layers.Entry{Path: strings.TrimPrefix(dst, "/"), Kind: layers.Dir, Mode: 0o755, Origin: t.Mapping.Given}); err != nil {
				return err
			}
		}
		for _, e := range t.Entries {
			e.Path = strings.TrimPrefix(path.Join(dst, e.Path), "/")
			if err := layers.CheckName(e.Path); err != nil {
				return err
			}
			if err := b.place.put(g, e); err != nil {
				return err
			}
		}
	}
	if len(g.entries) > 0 {
		b.groups = append(b.groups, namedGroup{group: g, title: strings.Join(titles, ", ")})
	}
	return nil
}

// destination is where a tree goes: DST, or inside it where a file goes to a folder, written
// with a final slash or there in the base, as cp and COPY have it.
func (b *builder) destination(t Tree) (string, error) {
	dst := t.Mapping.Dst
	if t.Dir {
		return dst, nil
	}
	into := t.Mapping.Into
	if !into {
		at, err := b.place.base.Resolve(dst)
		if err != nil && !errors.Is(err, rootfs.ErrNotDir) {
			return "", &refusal.Error{Input: t.Mapping.Given, Cause: dst + " cannot be reached in the base", Err: err}
		}
		n, ok := b.place.base.Lookup(at)
		into = err == nil && (at == "" || ok && n.Kind == layers.Dir)
	}
	if into {
		return path.Join(dst, baseName(t.Mapping)), nil
	}
	return dst, nil
}

func baseName(m spec.Mapping) string {
	return m.Src[strings.LastIndexByte(m.Src, '/')+1:]
}

// finish turns the groups into layers with recipes and keys, in the order of their roles.
func (b *builder) finish() ([]Layer, error) {
	groups := b.groups
	if len(b.place.removals.entries) > 0 {
		title := "bytecode of replaced files"
		if len(b.removed) > 0 {
			title = "without " + strings.Join(b.removed, ", ")
		}
		groups = append([]namedGroup{{group: b.place.removals, title: title}}, groups...)
	}
	out := make([]Layer, 0, len(groups))
	first := priorities{paths: b.in.Prioritize}
	sorted := sortAll(groups)
	for i, g := range groups {
		l := Layer{Title: g.title, Recipe: layers.Recipe{
			Format: layers.RecipeFormat, Encoder: b.in.Build.Compression.Encoder(), Role: g.role,
			Target: g.target, Wheels: g.wheels,
		}}
		l.entries = sorted[i]
		for line := range g.layout {
			l.Recipe.Layout = append(l.Recipe.Layout, line)
		}
		slices.Sort(l.Recipe.Layout)
		if g.wheels == nil {
			inputs, err := fileInputs(l.entries)
			if err != nil {
				return nil, err
			}
			l.Recipe.Files = inputs
			l.Recipe.Layout = nil // every path and mode is among the files
		}
		l.Recipe.Prioritize = first.of(l.entries)
		b.undivided(l)
		var err error
		if l.Key, err = l.Recipe.Key(); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, first.missing()
}

// sortAll lists the entries of each group in the order of their paths; the groups side by side.
func sortAll(groups []namedGroup) [][]layers.Entry {
	out := make([][]layers.Entry, len(groups))
	var done sync.WaitGroup
	for i, g := range groups {
		done.Go(func() {
			out[i] = make([]layers.Entry, 0, len(g.entries))
			for _, e := range g.entries {
				out[i] = append(out[i], *e)
			}
			slices.SortFunc(out[i], func(a, b layers.Entry) int { return strings.Compare(a.Path, b.Path) })
		})
	}
	done.Wait()
	return out
}

func fileInputs(entries []layers.Entry) ([]layers.FileInput, error) {
	out := make([]layers.FileInput, 0, len(entries))
	for _, e := range entries {
		f := layers.FileInput{Path: e.Path, Mode: fmt.Sprintf("%04o", e.Mode)}
		if e.UID != 0 || e.GID != 0 {
			f.Owner = fmt.Sprintf("%d:%d", e.UID, e.GID)
		}
		switch e.Kind {
		case layers.Symlink:
			f.Link = e.Target
		case layers.Whiteout:
			f.Removed = true
		case layers.File:
			if e.SHA256 == nil {
				return nil, fmt.Errorf("planning %s: its bytes have not been hashed", origin(e))
			}
			f.SHA256 = hex.EncodeToString(e.SHA256[:])
		}
		out = append(out, f)
	}
	return out, nil
}
