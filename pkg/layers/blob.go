package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Blob is a layer that has a record: it answers digest, DiffID and size without having its
// bytes and asks for them only when someone wants to read it.
type Blob struct {
	Record Record
	// Open returns the compressed bytes. It may be called more than once.
	Open func() (io.ReadCloser, error)
}

var _ v1.Layer = (*Blob)(nil)

// Digest returns the SHA-256 of the compressed bytes.
func (b *Blob) Digest() (v1.Hash, error) { return b.Record.Digest, nil }

// DiffID returns the SHA-256 of the uncompressed layer (image-spec, "Layer DiffID").
func (b *Blob) DiffID() (v1.Hash, error) { return b.Record.DiffID, nil }

// Size returns the number of compressed bytes.
func (b *Blob) Size() (int64, error) { return b.Record.Size, nil }

// MediaType returns the media type that a manifest gives the layer.
func (b *Blob) MediaType() (types.MediaType, error) { return b.Record.MediaType, nil }

// Compressed returns the blob's bytes.
func (b *Blob) Compressed() (io.ReadCloser, error) { return b.Open() }

// Descriptor returns the layer as a manifest names it, with its annotations.
func (b *Blob) Descriptor() (*v1.Descriptor, error) {
	d := b.Record.Descriptor()
	return &d, nil
}

// Uncompressed returns the layer's tar stream.
func (b *Blob) Uncompressed() (io.ReadCloser, error) {
	r, err := b.Open()
	if err != nil {
		return nil, err
	}
	zr, err := b.decoder(r)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading layer %s: %w", b.Record.Digest, err), r.Close())
	}
	return &decoded{zr, r}, nil
}

func (b *Blob) decoder(r io.Reader) (io.ReadCloser, error) {
	if b.Record.MediaType != types.OCILayerZStd {
		return gzip.NewReader(r)
	}
	d, err := zstd.NewReader(r, zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

type decoded struct {
	io.ReadCloser
	under io.Closer
}

func (d *decoded) Close() error { return errors.Join(d.ReadCloser.Close(), d.under.Close()) }

// ErrNotReproducible says that a layer was built again from its recipe and came out with
// other bytes than its record promises. The recipe is incomplete or its inputs changed.
var ErrNotReproducible = errors.New("the layer built again has other bytes")

// Rebuild is [Builder.RebuildAs] for gzip.
func (b *Builder) Rebuild(ctx context.Context, w io.Writer, entries []Entry, want *Record) error {
	return b.RebuildAs(ctx, w, entries, want, Options{})
}

// RebuildAs writes the layer of entries to w and compares it with want, the record that its
// recipe has from an earlier build. The recipe knows how it was written: [Recipe.Options].
func (b *Builder) RebuildAs(ctx context.Context, w io.Writer, entries []Entry, want *Record, o Options) error {
	got, err := b.WriteAs(ctx, w, entries, o)
	if err != nil {
		return err
	}
	if differs := want.differs(got); differs != "" {
		return fmt.Errorf("%w: key %s: %s", ErrNotReproducible, want.Key, differs)
	}
	return nil
}

// differs names what another record of the same key says otherwise; empty where they agree.
func (r *Record) differs(got *Record) string {
	var out []string
	add := func(what string, recorded, built any) {
		if a, b := fmt.Sprint(recorded), fmt.Sprint(built); a != b {
			out = append(out, fmt.Sprintf("%s recorded %s, built %s", what, a, b))
		}
	}
	add("digest", r.Digest, got.Digest)
	add("DiffID", r.DiffID, got.DiffID)
	add("size", r.Size, got.Size)
	add("size of the tar", r.TarSize, got.TarSize)
	add("media type", r.MediaType, got.MediaType)
	if !maps.Equal(r.Annotations, got.Annotations) {
		add("annotations", r.Annotations, got.Annotations)
	}
	return strings.Join(out, "; ")
}
