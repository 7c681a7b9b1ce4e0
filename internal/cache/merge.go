package cache

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Merge returns what a cache manifest has to tell after a run: old, which may be nil, is what it tells
// now, add what the run knows, with all reusable layers of its image. changed says whether that differs, and
// the manifest has to be written.
//
// A run that brings nothing new changes nothing, not even the order. Otherwise its layers come first, so that
// the oldest unused are dropped beyond [MaxLayers], with the facts of wheels that no layer holds any more. Where both know
// something the run's is taken; what only old knows is kept. Two builds that write at the same time
// may lose what one of them added: a miss later, nothing more. Neither argument is changed.
func Merge(old, add *Contents) (merged *Contents, changed bool) {
	if old == nil || old.Subject != add.Subject {
		old = &Contents{Subject: add.Subject}
	}
	merged = &Contents{
		Subject: add.Subject, BaseLayers: add.BaseLayers, Layers: mergeLayers(old.Layers, add.Layers),
		Profile: Profile{
			Head:  either(add.Profile.Head, old.Profile.Head),
			Tree:  either(add.Profile.Tree, old.Profile.Tree),
			Owned: either(add.Profile.Owned, old.Profile.Owned),
		},
		Wheels: union(old.Wheels, add.Wheels), Documents: union(old.Documents, add.Documents),
	}
	if len(merged.BaseLayers) == 0 {
		merged.BaseLayers = old.BaseLayers
	}
	if len(merged.Documents) > maxDocuments {
		merged.Documents = maps.Clone(add.Documents)
	}
	if merged.Equal(old) {
		return merged, false
	}
	merged.dropWheels()
	return merged, !merged.Equal(old)
}

// mergeLayers puts the layers of a run before the others, or returns old if none is new.
func mergeLayers(old, add []Entry) []Entry {
	before := map[layers.Key]Entry{}
	for _, e := range old {
		before[e.Record.Key] = e
	}
	seen := map[layers.Key]bool{}
	var out []Entry
	changed := false
	for _, e := range add {
		if seen[e.Record.Key] {
			continue
		}
		seen[e.Record.Key] = true
		was, ok := before[e.Record.Key]
		e.Facts = either(e.Facts, was.Facts)
		changed = changed || !ok || !sameEntry(was, e)
		out = append(out, e)
	}
	if !changed {
		return old
	}
	for _, e := range old {
		if !seen[e.Record.Key] {
			out = append(out, e)
		}
	}
	return out[:min(len(out), MaxLayers)]
}

// dropWheels forgets wheels that are in none of the layers.
func (c *Contents) dropWheels() {
	used := map[string]bool{}
	for _, e := range c.Layers {
		var r struct {
			Wheels []struct {
				SHA256 string `json:"sha256"`
			} `json:"wheels"`
		}
		if err := json.Unmarshal(e.Recipe, &r); err != nil {
			continue // it holds no wheel that anybody could ask for
		}
		for _, w := range r.Wheels {
			used[w.SHA256] = true
		}
	}
	maps.DeleteFunc(c.Wheels, func(sum string, _ []byte) bool { return !used[sum] })
}

func either(a, b []byte) []byte {
	if len(a) > 0 {
		return a
	}
	return b
}

// union is old with what add has; empty values say nothing.
func union[K comparable](old, add map[K][]byte) map[K][]byte {
	out := make(map[K][]byte, len(old)+len(add))
	for _, m := range []map[K][]byte{old, add} {
		for k, v := range m {
			if len(v) > 0 {
				out[k] = v
			}
		}
	}
	return out
}

// Reusable reports whether a layer belongs into a cache manifest: those of wheels do, whose names
// and hashes say everything and which many images share.
func Reusable(r *layers.Recipe) bool {
	return slices.Contains([]layers.Role{layers.RoleNative, layers.RolePure}, r.Role) && len(r.Wheels) > 0
}

// Has reports whether the contents know the whole profile.
func (p Profile) Has() bool {
	return len(p.Head) > 0 && len(p.Tree) > 0 && len(p.Owned) > 0
}
