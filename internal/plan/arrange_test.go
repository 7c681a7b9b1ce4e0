package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
)

func named(name, version, platform string) Wheel {
	return Wheel{Wheel: &pipwheel.Wheel{File: tag.Filename{Name: name, Version: version, Tags: []tag.Tag{{Python: "py3", ABI: "none", Platform: platform}}}}}
}

// set is a number of wheels of each kind, without the one called skip.
func set(native, pure int, skip string) []Wheel {
	var out []Wheel
	add := func(name, platform string) {
		if name != skip {
			out = append(out, named(name, "1.0", platform))
		}
	}
	for i := range native {
		add(fmt.Sprintf("native%d", i), "linux_x86_64")
	}
	for i := range pure {
		add(fmt.Sprintf("pure%d", i), "any")
	}
	return out
}

// layout says which wheels share a layer.
func layout(parts []part) []string {
	var out []string
	for _, p := range parts {
		var names []string
		for _, w := range p.wheels {
			names = append(names, w.Name())
		}
		out = append(out, string(p.role)+": "+strings.Join(names, " "))
	}
	return out
}

func TestArrange(t *testing.T) {
	parts := arrange(set(3, 40, ""), 10)
	for i, p := range parts {
		switch {
		case i < 3 && (p.role != layers.RoleNative || len(p.wheels) != 1):
			t.Errorf("layer %d: %s", i, layout(parts)[i])
		case i >= 3 && p.role != layers.RolePure:
			t.Errorf("layer %d: %s", i, layout(parts)[i])
		}
	}
	if n := len(parts) - 3; n != pureBuckets {
		t.Errorf("40 pure wheels in %d layers, want %d", n, pureBuckets)
	}

	// The order in which wheels come does not matter.
	shuffled := set(3, 40, "")
	slices.Reverse(shuffled)
	if got, want := layout(arrange(shuffled, 10)), layout(parts); !slices.Equal(got, want) {
		t.Errorf("in another order: %q, want %q", got, want)
	}
}

// TestArrangeBudget: there are never more layers than slots, however many wheels there are.
func TestArrangeBudget(t *testing.T) {
	for _, test := range []struct{ native, slots, most int }{{100, 100, 100}, {101, 100, 100}, {300, 60, 60}, {5, 0, 1}, {5, -20, 1}} {
		parts := arrange(set(test.native, 0, ""), test.slots)
		wheels := 0
		for _, p := range parts {
			wheels += len(p.wheels)
		}
		if len(parts) > test.most || wheels != test.native {
			t.Errorf("%d wheels in %d slots: %d wheels in %d layers", test.native, test.slots, wheels, len(parts))
		}
	}
}

// TestArrangeIsStable: a wheel that comes, goes or changes its version alters the one layer it is in.
func TestArrangeIsStable(t *testing.T) {
	for _, slots := range []int{100, 20} { // each its own layer, and shared ones
		all := layout(arrange(set(50, 50, ""), slots))
		for _, gone := range []string{"native7", "pure7"} {
			without := layout(arrange(set(50, 50, gone), slots))
			changed := 0
			for _, l := range all {
				if !slices.Contains(without, l) {
					changed++
				}
			}
			if changed != 1 {
				t.Errorf("%d slots, without %s: %d layers differ, want 1", slots, gone, changed)
			}
		}
		newer := set(50, 50, "")
		for i := range newer {
			newer[i].File.Version = "2.0"
		}
		if got := layout(arrange(newer, slots)); !slices.Equal(got, all) {
			t.Errorf("%d slots: versions decide on layers", slots)
		}
	}
}
