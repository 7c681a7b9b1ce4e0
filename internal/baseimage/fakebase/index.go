package fakebase

import (
	"bytes"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Index is the base for linux/amd64 and linux/arm64/v8 as a Docker manifest list.
func Index() (v1.ImageIndex, error) {
	x := &index{images: map[v1.Hash]v1.Image{}}
	m := v1.IndexManifest{SchemaVersion: 2, MediaType: types.DockerManifestList}
	for _, arch := range []string{"amd64", "arm64"} {
		b, err := New(arch)
		if err != nil {
			return nil, err
		}
		img, err := b.Image()
		if err != nil {
			return nil, err
		}
		raw, err := img.RawManifest()
		if err != nil {
			return nil, err
		}
		d, err := describe(types.DockerManifestSchema2, raw)
		if err != nil {
			return nil, err
		}
		d.Platform = &v1.Platform{OS: "linux", Architecture: b.Architecture, Variant: b.Variant}
		m.Manifests = append(m.Manifests, d)
		x.images[d.Digest] = img
	}
	var err error
	if x.manifest, err = json.Marshal(m); err != nil {
		return nil, fmt.Errorf("fake base: index: %w", err)
	}
	return x, nil
}

// index is a v1.ImageIndex over bytes that are all there.
type index struct {
	manifest []byte
	images   map[v1.Hash]v1.Image
}

var _ v1.ImageIndex = (*index)(nil)

func (x *index) MediaType() (types.MediaType, error) { return types.DockerManifestList, nil }
func (x *index) Size() (int64, error)                { return int64(len(x.manifest)), nil }
func (x *index) RawManifest() ([]byte, error)        { return x.manifest, nil }

func (x *index) Digest() (v1.Hash, error) {
	h, _, err := v1.SHA256(bytes.NewReader(x.manifest))
	return h, err
}

func (x *index) IndexManifest() (*v1.IndexManifest, error) {
	return v1.ParseIndexManifest(bytes.NewReader(x.manifest))
}

func (x *index) Image(h v1.Hash) (v1.Image, error) {
	if img, ok := x.images[h]; ok {
		return img, nil
	}
	return nil, fmt.Errorf("fake base: no image %s in the index", h)
}

func (x *index) ImageIndex(h v1.Hash) (v1.ImageIndex, error) {
	return nil, fmt.Errorf("fake base: no index %s in the index", h)
}
