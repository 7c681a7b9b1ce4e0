package plan

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// part is the wheels of one layer.
type part struct {
	role   layers.Role
	wheels []Wheel
	// files are those that the layer holds of its only wheel, where that is divided; nil is all.
	files []layers.Entry
	piece *layers.Part
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
			parts = append(parts, part{role: layers.RoleNative, wheels: []Wheel{w}})
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
