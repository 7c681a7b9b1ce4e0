package cache

import (
	"bytes"
	"fmt"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/pkg/layers"
)

func TestMergeNothingNew(t *testing.T) {
	old := full(t)
	for name, add := range map[string]*Contents{
		"the same":               full(t),
		"nothing":                {Subject: subject},
		"less, in another order": {Subject: subject, Layers: []Entry{old.Layers[1], old.Layers[0]}},
		"facts not known":        {Subject: subject, Layers: []Entry{{Record: old.Layers[0].Record, Recipe: old.Layers[0].Recipe}}},
		"empty values":           {Subject: subject, Wheels: map[string][]byte{hash("x").Hex: nil}},
		"facts of no layer's":    {Subject: subject, Wheels: map[string][]byte{hash("x").Hex: []byte("x")}},
		"twice the same":         {Subject: subject, Layers: []Entry{old.Layers[0], old.Layers[0]}},
	} {
		if got, changed := Merge(old, add); changed || !got.Equal(old) {
			t.Errorf("%s: changed", name)
		}
		// What the registry gave is as good as what was made here.
		if got, changed := Merge(decoded(t, encoded(t, old), subject), add); changed || !got.Equal(old) {
			t.Errorf("%s: changed after decoding", name)
		}
	}
}

func TestMergeNew(t *testing.T) {
	old := full(t)
	fresh := entry(t, "facts", "numpy-2.1.0-cp311-cp311-linux_x86_64.whl")
	got, changed := Merge(old, &Contents{
		Subject: subject, Layers: []Entry{fresh, old.Layers[1]},
		Wheels:  map[string][]byte{hash("numpy-2.1.0-cp311-cp311-linux_x86_64.whl").Hex: []byte("numpy")},
		Profile: Profile{Owned: []byte("other")},
	})
	if !changed || len(got.Layers) != 3 || !sameEntry(got.Layers[0], fresh) || !sameEntry(got.Layers[1], old.Layers[1]) || !sameEntry(got.Layers[2], old.Layers[0]) {
		t.Fatalf("%v %+v", changed, got.Layers)
	}
	if len(got.Wheels) != 2 || string(got.Profile.Owned) != "other" || !bytes.Equal(got.Profile.Head, old.Profile.Head) || len(got.BaseLayers) != 2 || len(got.Documents) != 1 {
		t.Errorf("%+v", got)
	}
	if !old.Equal(full(t)) {
		t.Error("an argument was changed")
	}
	// Another record of the key is the run's.
	rebuilt := fresh
	rebuilt.Record.Digest = hash("built again")
	if again, changed := Merge(got, &Contents{Subject: subject, Layers: []Entry{rebuilt}}); !changed || again.Layers[0].Record.Digest != rebuilt.Record.Digest || len(again.Layers) != 3 {
		t.Errorf("%v %+v", changed, again.Layers)
	}
	decoded(t, encoded(t, got), subject)
}

// The first writer has no old one, and that of another base is as good as none.
func TestMergeFirst(t *testing.T) {
	another := full(t)
	another.Base = hash("another base").String()
	for name, old := range map[string]*Contents{"none": nil, "another base's": another} {
		if got, changed := Merge(old, full(t)); !changed || !got.Equal(full(t)) {
			t.Errorf("%s: %v", name, changed)
		}
		if _, changed := Merge(old, &Contents{Subject: subject}); changed {
			t.Errorf("%s: nothing is to be written", name)
		}
	}
}

// Beyond the most layers the oldest go, and with them the facts of their wheels.
func TestMergeIsBounded(t *testing.T) {
	var all *Contents
	for i := range MaxLayers + 5 {
		file := fmt.Sprintf("p%d-1-py3-none-any.whl", i)
		add := &Contents{Subject: subject, Layers: []Entry{entry(t, "f", file)}, Wheels: map[string][]byte{hash(file).Hex: []byte(file)}}
		var changed bool
		if all, changed = Merge(all, add); !changed {
			t.Fatalf("%d: not changed", i)
		}
	}
	if len(all.Layers) != MaxLayers || len(all.Wheels) != MaxLayers {
		t.Fatalf("%d layers, %d wheels", len(all.Layers), len(all.Wheels))
	}
	for i, e := range all.Layers {
		r, err := e.ParseRecipe()
		if err != nil || r.Wheels[0].File != fmt.Sprintf("p%d-1-py3-none-any.whl", MaxLayers+4-i) {
			t.Fatalf("layer %d: %+v, %v", i, r, err)
		}
	}
	decoded(t, encoded(t, all), subject)
	docs := map[v1.Hash][]byte{}
	for i := range maxDocuments + 1 {
		d := fmt.Append(nil, i)
		docs[digestOf(d)] = d
		all, _ = Merge(all, &Contents{Subject: subject, Documents: map[v1.Hash][]byte{digestOf(d): d}})
	}
	if len(all.Documents) > maxDocuments {
		t.Errorf("%d documents", len(all.Documents))
	}
}

// Two builds that read the same manifest and write one after the other: what is left is whole, and
// holds what the second added.
func TestTwoWriters(t *testing.T) {
	old := full(t)
	one, _ := Merge(old, &Contents{Subject: subject, Layers: []Entry{entry(t, "", "a-1-py3-none-any.whl")}})
	two, _ := Merge(old, &Contents{Subject: subject, Layers: []Entry{entry(t, "", "b-1-py3-none-any.whl")}})
	encoded(t, one)
	left := decoded(t, encoded(t, two), subject)
	if got, changed := Merge(left, &Contents{Subject: subject, Layers: one.Layers[:1]}); !changed || len(got.Layers) != 4 {
		t.Errorf("%v %+v", changed, got.Layers)
	}
}

func TestReusable(t *testing.T) {
	for role, want := range map[layers.Role]bool{
		layers.RoleNative: true, layers.RolePure: true, layers.RoleFiles: false, layers.RoleSource: false, layers.RoleRemovals: false,
	} {
		r := wheels("a-1-py3-none-any.whl")
		if r.Role = role; Reusable(r) != want {
			t.Errorf("%s: %v", role, !want)
		}
	}
	if (Profile{Head: []byte("x"), Tree: []byte("x")}).Has() || !full(t).Profile.Has() {
		t.Error("half a profile is not one")
	}
}
