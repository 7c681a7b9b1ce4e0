package cache

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// Match finds the recipe that want takes the place of: of the same role, and for wheels the one with
// which it shares most distributions. Of equals the first is taken, so previous has the newest first. It returns
// nil where nothing of the kind was built.
func Match(previous []layers.Recipe, want *layers.Recipe) *layers.Recipe {
	var best *layers.Recipe
	most, fewest := 0, 0
	for i := range previous {
		p := &previous[i]
		if p.Role != want.Role {
			continue
		}
		if len(want.Wheels) == 0 && len(p.Wheels) == 0 {
			return p // an image has one layer of such a role
		}
		same := shared(p.Wheels, want.Wheels)
		if same > most || same > 0 && same == most && len(p.Wheels) < fewest {
			best, most, fewest = p, same, len(p.Wheels)
		}
	}
	return best
}

// shared counts the distributions that two layers both have.
func shared(a, b []layers.WheelInput) int {
	names := map[string]bool{}
	for _, w := range a {
		names[wheelOf(w).name] = true
	}
	n := 0
	for _, w := range b {
		name := wheelOf(w).name
		if names[name] {
			n++
		}
		delete(names, name)
	}
	return n
}

// wheel is a wheel as its file name has it (binary distribution format, "File name convention").
type wheel struct{ name, version string }

func wheelOf(w layers.WheelInput) wheel {
	parts := strings.SplitN(strings.TrimSuffix(w.File, ".whl"), "-", 3)
	if len(parts) < 2 {
		return wheel{name: w.File}
	}
	return wheel{distname.Normalize(parts[0]), parts[1]}
}

func (w wheel) String() string { return show(strings.TrimSpace(w.name + " " + w.version)) }
