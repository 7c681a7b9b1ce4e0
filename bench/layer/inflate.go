package layer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/layerpack/layerpack/bench/wheels"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// decode returns the size bytes that the stream src holds, in dst's array.
type decode func(dst, src []byte, size int64) ([]byte, error)

// floor is the least that a layer with both digests can cost: everything inflated once by our
// decoder, SHA-256 of the contents with a header's and padding's worth of bytes, and of the compressed bytes.
func floor(_ context.Context, in Input, clock *Clock) (*Made, error) {
	decoded, raw := sha256.New(), sha256.New()
	var block [512]byte
	return streams(in, clock, oursDecode(), func(content, compressed []byte) {
		decoded.Write(block[:])
		decoded.Write(content)
		decoded.Write(block[:-len(content)&511])
		raw.Write(compressed)
	})
}

// inflateOurs is our decoder alone.
func inflateOurs(_ context.Context, in Input, clock *Clock) (*Made, error) {
	return streams(in, clock, oursDecode(), func(_, _ []byte) {})
}

// inflateWith is another decoder alone, one for all streams.
func inflateWith(f newFlate) Work {
	return func(_ context.Context, in Input, clock *Clock) (*Made, error) {
		i := newInflater(f)
		return streams(in, clock, func(dst, src []byte, size int64) ([]byte, error) {
			r, err := i.reset(bytes.NewReader(src))
			if err != nil {
				return nil, err
			}
			_, err = io.ReadFull(r, dst[:size])
			return dst[:size], err
		}, func(_, _ []byte) {})
	}
}

func oursDecode() decode {
	d := &inflate.Decoder{}
	return func(dst, src []byte, size int64) ([]byte, error) {
		out, _, err := d.Decode(dst[:0], src, int(size))
		return out, err
	}
}

// streams decodes every compressed entry of the wheels, which are opened before the clock starts.
// After it stopped, all is decoded again to see that the bytes are right.
func streams(in Input, clock *Clock, d decode, use func(content, compressed []byte)) (made *Made, err error) {
	set, err := wheels.Open(in.Wheels)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	var longest, largest int64
	for _, e := range set.Entries {
		if e.Deflate != nil {
			longest, largest = max(longest, e.Deflate.Len), max(largest, e.Size)
		}
	}
	src, dst := make([]byte, longest), make([]byte, largest+inflate.Slack)
	clock.Start()
	if err := all(set.Entries, src, dst, d, func(_ *layers.Entry, content, compressed []byte) error {
		use(content, compressed)
		return nil
	}); err != nil {
		return nil, err
	}
	clock.Stop()
	return &Made{}, all(set.Entries, src, dst, d, func(e *layers.Entry, content, _ []byte) error {
		if crc32.ChecksumIEEE(content) != e.Deflate.CRC32 {
			return errors.New("other bytes than the wheel's directory says")
		}
		return nil
	})
}

func all(entries []layers.Entry, src, dst []byte, d decode, use func(e *layers.Entry, content, compressed []byte) error) error {
	for i := range entries {
		e := &entries[i]
		if e.Deflate == nil {
			continue
		}
		compressed := src[:e.Deflate.Len]
		if _, err := e.Deflate.Src.ReadAt(compressed, e.Deflate.Offset); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		content, err := d(dst, compressed, e.Size)
		if err == nil {
			err = use(e, content, compressed)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", e.Origin, err)
		}
	}
	return nil
}
