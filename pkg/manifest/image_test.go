package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func remoteLayer(d v1.Descriptor, diffID v1.Hash) v1.Layer {
	return &RemoteLayer{Desc: d, Diff: diffID, Open: func() (io.ReadCloser, error) { return nil, errors.New("not here") }}
}

// assembled puts one layer on a base of three, whose media types are of the given kind.
func assembled(t *testing.T, manifestType, configType types.MediaType, layerType types.MediaType) (*Base, *Image, v1.Layer) {
	t.Helper()
	source, err := random.Image(1000, 3, random.WithSource(constant{}))
	if err != nil {
		t.Fatal(err)
	}
	source = mutate.ConfigMediaType(mutate.MediaType(source, manifestType), configType)
	raw, err := source.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.ReplaceAll(raw, []byte(types.DockerLayer), []byte(layerType))
	config, err := source.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	base, err := ParseBase(hash("e"), raw, config)
	if err != nil {
		t.Fatal(err)
	}
	added, err := random.Layer(500, types.OCILayer, random.WithSource(constant{}))
	if err != nil {
		t.Fatal(err)
	}
	diffID, err := added.DiffID()
	if err != nil {
		t.Fatal(err)
	}
	edited, err := EditConfig(base.Config, Edits{WorkingDir: "/w"}, []NewLayer{{DiffID: diffID, CreatedBy: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	fromBase := func(d v1.Descriptor, diffID v1.Hash) v1.Layer {
		l, err := source.LayerByDigest(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		return &RemoteLayer{Desc: d, Diff: diffID, Open: l.Compressed}
	}
	img, err := Assemble(base, fromBase, edited, []v1.Layer{added}, map[string]string{"z": "<1>", "a": "2"})
	if err != nil {
		t.Fatal(err)
	}
	return base, img, added
}

// constant is a source of randomness without any, so that failures repeat themselves.
type constant struct{}

func (constant) Int63() int64 { return 1 << 40 }
func (constant) Seed(int64)   {}

func TestAssembledImageIsValid(t *testing.T) {
	for _, c := range []struct{ manifest, config, layer types.MediaType }{
		{types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer},
		{types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer},
		{types.OCIManifestSchema1, types.DockerConfigJSON, types.DockerLayer},
	} {
		base, img, added := assembled(t, c.manifest, c.config, c.layer)
		if err := validate.Image(img); err != nil {
			t.Errorf("%s: %v", c.manifest, err)
		}
		m, err := img.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if m.MediaType != types.OCIManifestSchema1 || m.Config.MediaType != types.OCIConfigJSON || len(m.Layers) != 4 {
			t.Errorf("%s: manifest %+v", c.manifest, m)
		}
		for i, l := range m.Layers {
			if l.MediaType != types.OCILayer {
				t.Errorf("%s: layer %d is a %s", c.manifest, i, l.MediaType)
			}
			if i < 3 && (l.Digest != base.Manifest.Layers[i].Digest || l.Size != base.Manifest.Layers[i].Size) {
				t.Errorf("%s: layer %d is another blob", c.manifest, i)
			}
		}
		want, err := added.Digest()
		if err != nil || m.Layers[3].Digest != want {
			t.Errorf("the added layer is %s, want %s, %v", m.Layers[3].Digest, want, err)
		}
	}
}

// The manifest's bytes depend on nothing but what is in it, and stand in the digest.
func TestManifestBytes(t *testing.T) {
	_, one, _ := assembled(t, types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer)
	_, two, _ := assembled(t, types.OCIManifestSchema1, types.OCIConfigJSON, types.OCILayer)
	raw1, err1 := one.RawManifest()
	raw2, err2 := two.RawManifest()
	if err1 != nil || err2 != nil || !bytes.Equal(raw1, raw2) {
		t.Errorf("a Docker and an OCI base of the same blobs differ:\n%s\n%s", raw1, raw2)
	}
	if !strings.Contains(string(raw1), `"annotations":{"a":"2","z":"<1>"}`) || !json.Valid(raw1) {
		t.Errorf("manifest %s", raw1)
	}
	digest, err := one.Digest()
	size, err2 := one.Size()
	if err != nil || err2 != nil || digest != sha256Of(raw1) || size != int64(len(raw1)) {
		t.Errorf("digest %s, size %d", digest, size)
	}
}

func TestForeignURLsAreNotKept(t *testing.T) {
	raw := strings.Replace(manifestText(string(types.DockerConfigJSON), string(types.DockerLayer)), `"size":7`, `"size":7,"urls":["https://x/"]`, 1)
	base, err := ParseBase(hash("e"), []byte(raw), []byte(configText(1)))
	if err != nil {
		t.Fatal(err)
	}
	img, err := Assemble(base, remoteLayer, []byte(`{}`), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := img.RawManifest()
	if err != nil || strings.Contains(string(got), "https://x/") || base.Manifest.Layers[0].URLs == nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestNoLayersAtAll(t *testing.T) {
	base, err := ParseBase(hash("e"), []byte(manifestText(string(types.OCIConfigJSON))), []byte(configText(0)))
	if err != nil {
		t.Fatal(err)
	}
	img, err := Assemble(base, remoteLayer, []byte(`{}`), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := img.RawManifest()
	if err != nil || !strings.Contains(string(raw), `"layers":[]`) || strings.Contains(string(raw), "annotations") {
		t.Errorf("%s, %v", raw, err)
	}
}

func TestLookups(t *testing.T) {
	base, img, added := assembled(t, types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer)
	name, err := img.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.LayerByDigest(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := config.Compressed()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	want, err2 := img.RawConfigFile()
	if err != nil || err2 != nil || !bytes.Equal(got, want) {
		t.Errorf("the configuration as a layer: %v, %v", err, err2)
	}
	diffID, err := added.DiffID()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range append([]v1.Hash{diffID}, base.DiffIDs...) {
		if l, err := img.LayerByDiffID(id); err != nil || l == nil {
			t.Errorf("DiffID %s: %v", id, err)
		}
	}
	if _, err := img.LayerByDiffID(hash("9")); err == nil || err.Error() != "the image has no layer with DiffID "+hash("9").String() {
		t.Errorf("unknown DiffID: %v", err)
	}
	if _, err := img.LayerByDigest(hash("9")); err == nil || err.Error() != "the image has no layer "+hash("9").String() {
		t.Errorf("unknown digest: %v", err)
	}
}

func TestRemoteLayerIsOpenedOnDemandAlone(t *testing.T) {
	l := remoteLayer(v1.Descriptor{Digest: hash("1"), Size: 3, MediaType: types.OCILayer}, hash("2"))
	digest, err1 := l.Digest()
	diffID, err2 := l.DiffID()
	size, err3 := l.Size()
	if err := errors.Join(err1, err2, err3); err != nil || digest != hash("1") || diffID != hash("2") || size != 3 {
		t.Errorf("%s %s %d %v", digest, diffID, size, err)
	}
	if _, err := l.Compressed(); err == nil {
		t.Error("bytes came from nowhere")
	}
	if _, err := l.Uncompressed(); err == nil {
		t.Error("bytes came from nowhere")
	}
}
