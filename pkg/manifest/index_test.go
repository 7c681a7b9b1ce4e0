package manifest

import (
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// twoImages are images that differ.
func twoImages(t *testing.T) (a, b *Image) {
	t.Helper()
	_, a, _ = assembled(t, types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer)
	base, other, _ := assembled(t, types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer)
	config, err := EditConfig(base.Config, Edits{User: "1000"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fromBase := func(d v1.Descriptor, _ v1.Hash) v1.Layer { // its own bytes
		l, err := other.LayerByDigest(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if b, err = Assemble(base, fromBase, config, nil, nil); err != nil {
		t.Fatal(err)
	}
	return a, b
}

var (
	onAMD = v1.Platform{OS: "linux", Architecture: "amd64"}
	onARM = v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8", OSVersion: "1.2", OSFeatures: []string{"a", "b"}}
)

// TestIndexIsValid: what go-containerregistry reads of an index is what it was made of, and complete.
func TestIndexIsValid(t *testing.T) {
	a, b := twoImages(t)
	x, err := NewIndex([]ForPlatform{{a, onAMD}, {b, onARM}}, map[string]string{"k": "<v>"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := x.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if m.SchemaVersion != 2 || m.MediaType != types.OCIImageIndex || len(m.Manifests) != 2 || m.Annotations["k"] != "<v>" {
		t.Errorf("%+v", m)
	}
	for i, want := range []ForPlatform{{a, onAMD}, {b, onARM}} {
		digest, _ := want.Image.Digest()
		size, _ := want.Image.Size()
		d := m.Manifests[i]
		if d.Digest != digest || d.Size != size || d.MediaType != types.OCIManifestSchema1 || !d.Platform.Equals(want.Platform) {
			t.Errorf("%d: %+v", i, d)
		}
		if err := validate.Image(want.Image); err != nil {
			t.Error(err)
		}
		if img, err := x.Image(digest); err != nil || img != v1.Image(want.Image) || x.Images()[i] != want.Image {
			t.Errorf("%d: %v, %v", i, img, err)
		}
	}
	if _, err := x.Image(hash("f")); err == nil {
		t.Error("an image that is not there was found")
	}
	if _, err := x.ImageIndex(hash("f")); err == nil {
		t.Error("an index that is not there was found")
	}
}

// TestIndexOrder: the order in which images are given does not show, and what no runtime could choose from is refused.
func TestIndexOrder(t *testing.T) {
	a, b := twoImages(t)
	all := []ForPlatform{
		{b, v1.Platform{OS: "linux", Architecture: "arm64"}},
		{a, v1.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
		{b, v1.Platform{OS: "linux", Architecture: "arm", Variant: "v6"}},
		{a, v1.Platform{OS: "linux", Architecture: "amd64", OSVersion: "2"}},
		{b, v1.Platform{OS: "linux", Architecture: "amd64", OSVersion: "1"}},
	}
	var want v1.Hash
	for range len(all) {
		all = append(all[1:], all[0])
		given := slices.Clone(all)
		x, err := NewIndex(all, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := x.Digest()
		if want == (v1.Hash{}) {
			want = got
		}
		if got != want || !slices.EqualFunc(given, all, func(x, y ForPlatform) bool { return x.Image == y.Image }) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if _, err := NewIndex(nil, nil); err == nil {
		t.Error("an empty index was made")
	}
	if _, err := NewIndex([]ForPlatform{{a, onARM}, {a, onAMD}, {b, onARM}}, nil); err == nil {
		t.Error("an index with two images for one platform was made")
	}
}
