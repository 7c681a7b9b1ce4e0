package assemble

import (
	"testing"

	"github.com/layerpack/layerpack/internal/plan"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/pkg/layers"
)

// TestSharedBlobs: a layer that several images have is one blob, built where all layers are, and told of by all; the others
// are told of by their own image.
func TestSharedBlobs(t *testing.T) {
	j := jobOf(three)
	j.run.shared = &shared{store: store.New("", t.TempDir())}
	j.inputs = &inputs{}
	keys := [][]layers.Key{{"amd", "pure", "source"}, {"arm", "pure", "source"}, {"s390x", "source"}}
	for i, p := range j.images {
		p.base = &base{}
		p.plan = &plan.Plan{Images: make([]plan.Image, 1)}
		for _, k := range keys[i] {
			p.plan.Images[0].Layers = append(p.plan.Images[0].Layers, plan.Layer{Key: k})
		}
	}
	all := j.blobs()
	want := map[layers.Key]int{"amd": 1, "arm": 1, "s390x": 1, "pure": 2, "source": 3}
	if len(all.list) != len(want) {
		t.Errorf("%d blobs, want %d", len(all.list), len(want))
	}
	for _, b := range all.list {
		if key := b.layer.Key; b.images != want[key] || (b.run == j.run) != (b.images > 1) {
			t.Errorf("%s: of %d images, want %d; told of by %q", key, b.images, want[key], b.run.platform)
		}
	}
	for i, p := range j.images {
		if p.blobs.workshop != all.workshop {
			t.Error("an image has builders of its own")
		}
		for n, b := range p.blobs.list {
			if b.layer.Key != keys[i][n] {
				t.Errorf("layer %d of image %d is %s, want %s", n, i, b.layer.Key, keys[i][n])
			}
		}
	}
	if j.images[0].blobs.list[2] != j.images[2].blobs.list[1] {
		t.Error("a layer that two images have is two blobs")
	}
}
