package layers

import (
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// Compression is a format of layer blobs.
type Compression string

// The formats. Streams that entries name in Deflate are copied into gzip and eStargz layers;
// zstd has no use for them but their contents.
const (
	// Gzip is one gzip member (RFC 1952), which every runtime takes.
	Gzip Compression = "gzip"
	// EStargz is gzip with a member for each file and a table of contents, from which
	// stargz-snapshotter reads single files without pulling the layer (its docs/estargz.md).
	EStargz Compression = "estargz"
	// Zstd is one Zstandard frame (RFC 8878): smaller and faster to unpack. Docker's classic image
	// store and Docker before 23 do not take it.
	Zstd Compression = "zstd"
)

// Encoder names how the format is written, with the versions of what decides on bytes. It is
// part of every recipe, because another encoder makes other bytes of the same entries. An
// unknown format has none.
func (c Compression) Encoder() string {
	switch c {
	case Gzip, "":
		return Encoder
	case EStargz:
		return "estargz-2/splice-1/deflate-4"
	case Zstd:
		return "zstd/klauspost-" + zstdVersion + "/" + zstdParameters
	}
	return ""
}

// mediaType is what a manifest calls a layer of the format (image-spec, "Layer").
func (c Compression) mediaType() types.MediaType {
	if c == Zstd {
		return types.OCILayerZStd
	}
	return types.OCILayer
}

// Options say how a layer is written. The zero value is a gzip layer.
type Options struct {
	// Compression is the format; empty is Gzip.
	Compression Compression
	// Prioritize lists paths that a runtime should fetch before it starts a container, in the
	// order in which they are needed; "a/b", "/a/b" and "./a/b" are one. They and the folders on the way
	// come first in an eStargz layer, and a landmark ends them. Other formats have no such order.
	Prioritize []string
	// AllowMissing passes over paths of Prioritize that no entry has.
	AllowMissing bool
	// Tap, if not nil, is shown the bytes of files while they pass.
	Tap Tap
}

// format is how the bytes of a tar become a blob. Its methods are called in the order of the
// tar's bytes; the caller has counted them.
type format interface {
	// header adds the header blocks of e, whose contents and padding come next.
	header(e *Entry, blocks []byte) error
	// write adds contents or padding.
	write(p []byte) error
	// join adds contents that were prepared ahead.
	join(s *stream) error
	// part adds contents of an entry that is inflated in parts; joinLarge comes after the last.
	part(p []byte) error
	// joinLarge adds what has come in parts, if the format copies it.
	joinLarge(s *splice.Large, b *splice.Buffers) error
	// end adds what follows the last entry, to l so that it is counted.
	end(l *layer) error
	// close completes the blob.
	close() error
	// abandon ends what still runs after a failure.
	abandon()
	// annotations are what the record has to keep.
	annotations(l *layer) map[string]string
}

// format returns the format's writer to w. Up to encoders goroutines encode beside the caller.
func (o *Options) format(w io.Writer, encoders int) (format, error) {
	switch o.Compression {
	case Gzip, "":
		return &gzipFormat{splice.NewParallel(w, encoders)}, nil
	case EStargz:
		return newStargz(w, encoders), nil
	case Zstd:
		return newZstd(w)
	}
	return nil, fmt.Errorf("layers are compressed by %s, %s or %s, not by %q", Gzip, EStargz, Zstd, string(o.Compression))
}
