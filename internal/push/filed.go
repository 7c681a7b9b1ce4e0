package push

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/manifest"
)

// filed is what a layout or an archive gets: one image, or an index with its images.
type filed struct {
	top    document // what index.json names
	images []filedImage
	// platform is that of one image; an index says its own.
	platform *v1.Platform
}

// document is a manifest or an index.
type document struct {
	digest    v1.Hash
	mediaType types.MediaType
	raw       []byte
}

type filedImage struct {
	document
	manifest *v1.Manifest
	config   []byte
	layers   []v1.Layer
}

func newDocument(of interface {
	Digest() (v1.Hash, error)
	MediaType() (types.MediaType, error)
	RawManifest() ([]byte, error)
},
) (d document, err error) {
	if d.digest, err = of.Digest(); err != nil {
		return d, err
	}
	if d.mediaType, err = of.MediaType(); err != nil {
		return d, err
	}
	d.raw, err = of.RawManifest()
	return d, err
}

func fileImage(img *manifest.Image, platform v1.Platform) (*filed, error) {
	one, err := newFiledImage(img)
	if err != nil {
		return nil, err
	}
	return &filed{top: one.document, images: []filedImage{one}, platform: &platform}, nil
}

func fileIndex(x *manifest.Index) (*filed, error) {
	top, err := newDocument(x)
	if err != nil {
		return nil, err
	}
	out := &filed{top: top}
	for _, img := range x.Images() {
		one, err := newFiledImage(img)
		if err != nil {
			return nil, err
		}
		out.images = append(out.images, one)
	}
	return out, nil
}

func newFiledImage(img *manifest.Image) (out filedImage, err error) {
	if out.document, err = newDocument(img); err != nil {
		return out, err
	}
	if out.manifest, err = img.Manifest(); err != nil {
		return out, err
	}
	if out.config, err = img.RawConfigFile(); err != nil {
		return out, err
	}
	out.layers, err = img.Layers()
	return out, err
}

// documents are the manifests: that which is named at the top first.
func (f *filed) documents() []document {
	var out []document
	if f.indexed() {
		out = append(out, f.top)
	}
	for _, img := range f.images {
		out = append(out, img.document)
	}
	return out
}

// indexed reports whether an index is at the top.
func (f *filed) indexed() bool { return f.top.mediaType.IsIndex() }

// descriptor is how index.json names it.
func (f *filed) descriptor(annotations map[string]string) v1.Descriptor {
	return v1.Descriptor{
		MediaType: f.top.mediaType, Digest: f.top.digest, Size: int64(len(f.top.raw)), Platform: f.platform, Annotations: annotations,
	}
}
