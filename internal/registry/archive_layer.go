package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/layerpack/layerpack/pkg/layers"
)

// encodedLayer is a layer that is uncompressed in the archive.
type encodedLayer struct {
	archive *archive
	options *ArchiveOptions
	file    string
	tar     *io.SectionReader
	diffID  v1.Hash

	mu     sync.Mutex
	record *layers.Record
	spool  Spool // nil as long as nobody has asked for the bytes
}

// encoded describes an uncompressed layer as it will be, and encodes it where that is not known.
func (a *dockerArchive) encoded(ctx context.Context, file string, tar *io.SectionReader, diffID v1.Hash) (v1.Descriptor, error) {
	l := &encodedLayer{archive: a.archive, options: &a.options, file: file, tar: tar, diffID: diffID}
	key, err := layers.StreamKey(diffID)
	if err != nil {
		return v1.Descriptor{}, err
	}
	if a.options.Known != nil {
		l.record = sound(a.options.Known(key), diffID, tar.Size())
	}
	if l.record == nil {
		if err := l.fill(ctx); err != nil {
			return v1.Descriptor{}, err
		}
		if a.options.Keep != nil {
			a.options.Keep(l.record)
		}
	}
	d := l.record.Descriptor()
	a.blobs[d.Digest] = l
	return d, nil
}

// sound returns the record if it can be one of the layer.
func sound(rec *layers.Record, diffID v1.Hash, tarSize int64) *layers.Record {
	if rec == nil || rec.DiffID != diffID || rec.TarSize != tarSize || rec.MediaType != types.OCILayer ||
		rec.Digest.Algorithm != "sha256" || rec.Size <= 0 {
		return nil
	}
	return rec
}

// fill encodes the layer into a spool. l.mu is held, or nobody else has l.
func (l *encodedLayer) fill(ctx context.Context) error {
	if l.options.Encoding != nil {
		l.options.Encoding(l.tar.Size())
	}
	spool, err := l.options.Spool()
	if err != nil {
		return fmt.Errorf("%s: %w", l.archive.name, err)
	}
	rec, err := layers.GzipStream(ctx, spool, io.NewSectionReader(l.tar, 0, l.tar.Size()))
	switch {
	case err != nil:
		err = fmt.Errorf("%s: layer %s: %w", l.archive.name, short(l.file), err)
	case rec.DiffID != l.diffID:
		err = &DigestError{Subject: l.archive.called(l.file), Want: l.diffID.String(), Got: rec.DiffID.String()}
	case l.record != nil && (rec.Digest != l.record.Digest || rec.Size != l.record.Size):
		err = fmt.Errorf("%s: layer %s: %w: recorded %s, made %s; try again", l.archive.name, short(l.file), layers.ErrNotReproducible, l.record.Digest, rec.Digest)
		if l.options.Forget != nil {
			l.options.Forget(rec.Key)
		}
	}
	if err != nil {
		return errors.Join(err, spool.Close())
	}
	l.record, l.spool = rec, spool
	return nil
}

func (l *encodedLayer) open(ctx context.Context) (io.ReadCloser, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spool == nil {
		if err := l.fill(ctx); err != nil {
			return nil, err
		}
	}
	return io.NopCloser(io.NewSectionReader(l.spool, 0, l.record.Size)), nil
}

func (l *encodedLayer) close() error {
	if l.spool == nil {
		return nil
	}
	return l.spool.Close()
}
