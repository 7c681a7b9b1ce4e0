package fakebase

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image is the base for "amd64" or "arm64" as an image in Docker's media types.
func Image(arch string) (v1.Image, error) {
	b, err := New(arch)
	if err != nil {
		return nil, err
	}
	return b.Image()
}

// Image is b in Docker's media types, with Config byte for byte.
func (b *Base) Image() (v1.Image, error) {
	img := &image{config: b.Config}
	cfg, err := describe(types.DockerConfigJSON, b.Config)
	if err != nil {
		return nil, err
	}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.DockerManifestSchema2, Config: cfg}
	for i, blob := range b.Blobs {
		d, err := describe(types.DockerLayer, blob)
		if err != nil {
			return nil, err
		}
		m.Layers = append(m.Layers, d)
		img.layers = append(img.layers, layer{desc: d, tar: b.Tars[i], blob: blob})
	}
	if img.manifest, err = json.Marshal(m); err != nil {
		return nil, fmt.Errorf("fake base: manifest: %w", err)
	}
	return img, nil
}

func describe(mediaType types.MediaType, b []byte) (v1.Descriptor, error) {
	h, n, err := v1.SHA256(bytes.NewReader(b))
	return v1.Descriptor{MediaType: mediaType, Size: n, Digest: h}, err
}

// image is a v1.Image over bytes that are all there.
type image struct {
	config, manifest []byte
	layers           []layer
}

var _ v1.Image = (*image)(nil)

func (i *image) MediaType() (types.MediaType, error) { return types.DockerManifestSchema2, nil }
func (i *image) Size() (int64, error)                { return int64(len(i.manifest)), nil }
func (i *image) RawConfigFile() ([]byte, error)      { return i.config, nil }
func (i *image) RawManifest() ([]byte, error)        { return i.manifest, nil }
func (i *image) Manifest() (*v1.Manifest, error) {
	return v1.ParseManifest(bytes.NewReader(i.manifest))
}

func (i *image) ConfigFile() (*v1.ConfigFile, error) {
	return v1.ParseConfigFile(bytes.NewReader(i.config))
}
func (i *image) LayerByDiffID(h v1.Hash) (v1.Layer, error) { return i.layer(h, layer.DiffID) }

func (i *image) ConfigName() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(i.config))
	return h, err
}

func (i *image) Digest() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(i.manifest))
	return h, err
}

func (i *image) Layers() ([]v1.Layer, error) {
	out := make([]v1.Layer, len(i.layers))
	for n, l := range i.layers {
		out[n] = l
	}
	return out, nil
}

// LayerByDigest answers for the configuration too, as pushing asks for it that way.
func (i *image) LayerByDigest(h v1.Hash) (v1.Layer, error) {
	if d, err := describe(types.DockerConfigJSON, i.config); err == nil && d.Digest == h {
		return layer{desc: d, tar: i.config, blob: i.config}, nil
	}
	return i.layer(h, layer.Digest)
}

func (i *image) layer(want v1.Hash, of func(layer) (v1.Hash, error)) (v1.Layer, error) {
	for _, l := range i.layers {
		if got, err := of(l); err == nil && got == want {
			return l, nil
		}
	}
	return nil, fmt.Errorf("fake base: no layer %s", want)
}

// layer is a v1.Layer over bytes that are all there.
type layer struct {
	desc      v1.Descriptor
	tar, blob []byte
}

func (l layer) Digest() (v1.Hash, error)            { return l.desc.Digest, nil }
func (l layer) Size() (int64, error)                { return l.desc.Size, nil }
func (l layer) MediaType() (types.MediaType, error) { return l.desc.MediaType, nil }
func (l layer) Compressed() (io.ReadCloser, error)  { return io.NopCloser(bytes.NewReader(l.blob)), nil }

func (l layer) Uncompressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(l.tar)), nil
}

func (l layer) DiffID() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(l.tar))
	return h, err
}
