package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image is a base with layers put on it. It implements [v1.Image]; its bytes are fixed when
// it is made and no layer is read for that.
type Image struct {
	manifest *v1.Manifest
	raw      []byte
	config   []byte
	layers   []v1.Layer
}

var _ v1.Image = (*Image)(nil)

// Assemble makes an image of a base and new layers. baseLayer gives the layers of the base,
// which are only asked for their bytes where they have to be moved.
func Assemble(base *Base, baseLayer func(d v1.Descriptor, diffID v1.Hash) v1.Layer, config []byte, added []v1.Layer, annotations map[string]string) (*Image, error) {
	img := &Image{config: config}
	img.manifest = &v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.OCIManifestSchema1,
		Config:        v1.Descriptor{MediaType: types.OCIConfigJSON, Size: int64(len(config)), Digest: sha256Of(config)},
		Layers:        []v1.Descriptor{},
		Annotations:   annotations,
	}
	for i, d := range base.Manifest.Layers {
		t, err := ociLayerType(d.MediaType)
		if err != nil {
			return nil, fmt.Errorf("layer %s of the base: %w", d.Digest, err)
		}
		d.MediaType = t
		d.URLs = nil
		img.manifest.Layers = append(img.manifest.Layers, d)
		img.layers = append(img.layers, baseLayer(d, base.DiffIDs[i]))
	}
	for _, l := range added {
		d, err := partial.Descriptor(l)
		if err != nil {
			return nil, fmt.Errorf("describing a layer: %w", err)
		}
		img.manifest.Layers = append(img.manifest.Layers, *d)
		img.layers = append(img.layers, l)
	}
	raw, err := marshal(img.manifest)
	if err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	img.raw = raw
	return img, nil
}

func sha256Of(b []byte) v1.Hash {
	sum := sha256.Sum256(b)
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])}
}

// Layers returns the base's layers and then the new ones.
func (i *Image) Layers() ([]v1.Layer, error) { return i.layers, nil }

// MediaType returns the OCI manifest's.
func (i *Image) MediaType() (types.MediaType, error) { return i.manifest.MediaType, nil }

// Size returns the manifest's length in bytes.
func (i *Image) Size() (int64, error) { return int64(len(i.raw)), nil }

// ConfigName returns the SHA-256 of the configuration, the image's ID.
func (i *Image) ConfigName() (v1.Hash, error) { return i.manifest.Config.Digest, nil }

// ConfigFile returns the configuration as go-containerregistry understands it, which drops
// fields; RawConfigFile has them all.
func (i *Image) ConfigFile() (*v1.ConfigFile, error) {
	return v1.ParseConfigFile(bytes.NewReader(i.config))
}

// RawConfigFile returns the configuration's bytes.
func (i *Image) RawConfigFile() ([]byte, error) { return i.config, nil }

// Digest returns the SHA-256 of the manifest.
func (i *Image) Digest() (v1.Hash, error) { return sha256Of(i.raw), nil }

// Manifest returns the manifest.
func (i *Image) Manifest() (*v1.Manifest, error) { return i.manifest.DeepCopy(), nil }

// RawManifest returns the manifest's bytes.
func (i *Image) RawManifest() ([]byte, error) { return i.raw, nil }

// LayerByDigest returns the layer or the configuration with that digest.
func (i *Image) LayerByDigest(h v1.Hash) (v1.Layer, error) {
	if h == i.manifest.Config.Digest {
		return partial.ConfigLayer(i)
	}
	for n, d := range i.manifest.Layers {
		if d.Digest == h {
			return i.layers[n], nil
		}
	}
	return nil, fmt.Errorf("the image has no layer %s", h)
}

// LayerByDiffID returns the layer whose uncompressed bytes have that digest.
func (i *Image) LayerByDiffID(h v1.Hash) (v1.Layer, error) {
	for _, l := range i.layers {
		d, err := l.DiffID()
		if err != nil {
			return nil, err
		}
		if d == h {
			return l, nil
		}
	}
	return nil, fmt.Errorf("the image has no layer with DiffID %s", h)
}
