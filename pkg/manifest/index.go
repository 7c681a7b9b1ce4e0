package manifest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Index is one image for several platforms (image-spec, "OCI Image Index"). It implements [v1.ImageIndex]; its bytes
// are fixed when it is made.
type Index struct {
	manifest *v1.IndexManifest
	raw      []byte
	images   []*Image
}

var _ v1.ImageIndex = (*Index)(nil)

// ForPlatform is an image of an index and what it runs on.
type ForPlatform struct {
	Image    *Image
	Platform v1.Platform
}

// NewIndex puts images together. They stand in it by system, architecture and variant, whatever their order is here. Of an
// index without images, and of two images for one platform, no runtime could choose: both are errors.
func NewIndex(images []ForPlatform, annotations map[string]string) (*Index, error) {
	if len(images) == 0 {
		return nil, errors.New("an index needs an image")
	}
	images = slices.Clone(images)
	slices.SortStableFunc(images, func(a, b ForPlatform) int { return comparePlatforms(a.Platform, b.Platform) })
	x := &Index{manifest: &v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Annotations: annotations}}
	for i, one := range images {
		if i > 0 && comparePlatforms(images[i-1].Platform, one.Platform) == 0 {
			return nil, fmt.Errorf("two images for %s", one.Platform.String())
		}
		x.images = append(x.images, one.Image)
		x.manifest.Manifests = append(x.manifest.Manifests, v1.Descriptor{
			MediaType: one.Image.manifest.MediaType, Digest: sha256Of(one.Image.raw), Size: int64(len(one.Image.raw)), Platform: one.Platform.DeepCopy(),
		})
	}
	var err error
	if x.raw, err = marshal(x.manifest); err != nil {
		return nil, fmt.Errorf("writing the index: %w", err)
	}
	return x, nil
}

func comparePlatforms(a, b v1.Platform) int {
	return cmp.Or(
		cmp.Compare(a.OS, b.OS), cmp.Compare(a.Architecture, b.Architecture), cmp.Compare(a.Variant, b.Variant),
		cmp.Compare(a.OSVersion, b.OSVersion), slices.Compare(a.OSFeatures, b.OSFeatures), slices.Compare(a.Features, b.Features),
	)
}

// Images returns the images in the order of the index.
func (x *Index) Images() []*Image { return slices.Clone(x.images) }

// MediaType returns the OCI index's.
func (x *Index) MediaType() (types.MediaType, error) { return x.manifest.MediaType, nil }

// Digest returns the SHA-256 of the index.
func (x *Index) Digest() (v1.Hash, error) { return sha256Of(x.raw), nil }

// Size returns the index's length in bytes.
func (x *Index) Size() (int64, error) { return int64(len(x.raw)), nil }

// IndexManifest returns the index.
func (x *Index) IndexManifest() (*v1.IndexManifest, error) {
	return v1.ParseIndexManifest(bytes.NewReader(x.raw))
}

// RawManifest returns the index's bytes.
func (x *Index) RawManifest() ([]byte, error) { return x.raw, nil }

// Image returns the image with that digest.
func (x *Index) Image(h v1.Hash) (v1.Image, error) {
	for i, d := range x.manifest.Manifests {
		if d.Digest == h {
			return x.images[i], nil
		}
	}
	return nil, fmt.Errorf("the index has no image %s", h)
}

// ImageIndex finds nothing: an index of ours holds images alone.
func (x *Index) ImageIndex(h v1.Hash) (v1.ImageIndex, error) {
	return nil, fmt.Errorf("the index has no index %s", h)
}
