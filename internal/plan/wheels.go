package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
	target := b.in.Profile.Python
	if target == nil {
		return refusal.New(b.in.Build.Base.Given, "the base has no Python that wheels could be installed for: "+b.in.Profile.PythonNote,
			"use a base with Python, or leave --wheels out")
	}
	todo, replaced := b.missing(all)
	if err := b.removals(replaced); err != nil {
		return err
	}
	recipeTarget, err := targetInput(target)
	if err != nil {
		return err
	}
	slots := maxLayers - reserve - b.in.Base.Layers - pureBuckets
	for _, part := range arrange(todo, slots) {
		g := namedGroup{group: newGroup(part.role), target: recipeTarget}
		var titles []string
		for _, w := range part.wheels {
			b.notes = append(b.notes, w.Notes()...)
			entries, err := w.Install(*target, true)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if err := b.place.put(g.group, e); err != nil {
					return err
				}
			}
			g.wheels = append(g.wheels, layers.WheelInput{File: w.Basename, SHA256: hex.EncodeToString(w.SHA256[:]), Requested: true})
			titles = append(titles, w.Name()+" "+w.Version())
		}
		g.title = strings.Join(titles, ", ")
		b.groups = append(b.groups, g)
	}
	return nil
}

// missing leaves out what the base has in the same version, and says which distributions of the
// base have another: they are replaced.
func (b *builder) missing(all []Wheel) (todo []Wheel, replaced []pipwheel.Distribution) {
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
			b.notes = append(b.notes, fmt.Sprintf("%s %s of the base is replaced by %s", d.Name, d.Version, w.Version()))
		}
		replaced = append(replaced, old...)
		todo = append(todo, w)
	}
	return todo, replaced
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

// part is the wheels of one layer.
type part struct {
	role   layers.Role
	wheels []Wheel
}

// arrange decides which wheels share a layer, by names alone: each native wheel has its own
// while there are slots, else they are spread over the slots by a hash of the name; pure
// wheels are spread over a fixed number of layers. Native layers come first, for they change
// least and are largest.
func arrange(wheels []Wheel, slots int) []part {
	slices.SortFunc(wheels, func(a, b Wheel) int { return strings.Compare(a.Name(), b.Name()) })
	var native, pure []Wheel
	for _, w := range wheels {
		if isPure(w) {
			pure = append(pure, w)
		} else {
			native = append(native, w)
		}
	}
	var parts []part
	if len(native) <= slots {
		for _, w := range native {
			parts = append(parts, part{layers.RoleNative, []Wheel{w}})
		}
	} else {
		parts = spread(layers.RoleNative, native, max(slots, 1))
	}
	return append(parts, spread(layers.RolePure, pure, pureBuckets)...)
}

func spread(role layers.Role, wheels []Wheel, n int) []part {
	buckets := make([]part, n)
	for _, w := range wheels {
		sum := sha256.Sum256([]byte(w.Name()))
		i := binary.BigEndian.Uint64(sum[:]) % uint64(n)
		buckets[i].role = role
		buckets[i].wheels = append(buckets[i].wheels, w)
	}
	return slices.DeleteFunc(buckets, func(p part) bool { return len(p.wheels) == 0 })
}

// isPure reports whether a wheel installs the same files on every platform.
func isPure(w Wheel) bool {
	for _, t := range w.File.Tags {
		if t.Platform != "any" {
			return false
		}
	}
	return true
}
