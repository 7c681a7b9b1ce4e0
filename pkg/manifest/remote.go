package manifest

import (
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// RemoteLayer is a layer of a base: known by its descriptor, read only where it has to be moved.
type RemoteLayer struct {
	Desc v1.Descriptor
	Diff v1.Hash
	Open func() (io.ReadCloser, error)
}

var _ v1.Layer = (*RemoteLayer)(nil)

// Digest returns the blob's digest.
func (r *RemoteLayer) Digest() (v1.Hash, error) { return r.Desc.Digest, nil }

// DiffID returns the digest of the uncompressed bytes, from the base's configuration.
func (r *RemoteLayer) DiffID() (v1.Hash, error) { return r.Diff, nil }

// Size returns the blob's length in bytes.
func (r *RemoteLayer) Size() (int64, error) { return r.Desc.Size, nil }

// MediaType returns the OCI media type.
func (r *RemoteLayer) MediaType() (types.MediaType, error) { return r.Desc.MediaType, nil }

// Compressed returns the blob's bytes.
func (r *RemoteLayer) Compressed() (io.ReadCloser, error) { return r.Open() }

// Uncompressed returns the layer's tar stream.
func (r *RemoteLayer) Uncompressed() (io.ReadCloser, error) {
	l, err := partial.CompressedToLayer(r)
	if err != nil {
		return nil, err
	}
	return l.Uncompressed()
}
