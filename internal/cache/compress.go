package cache

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// compress returns one Zstandard frame (RFC 8878) that says how long its contents are.
func compress(b []byte) ([]byte, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return nil, fmt.Errorf("compressing: %w", err)
	}
	out := e.EncodeAll(b, nil)
	return out, e.Close()
}

// decompress is the inverse of compress. What a frame says of its length is believed only as far as
// frames that were honestly written go, so that few bytes do not take much memory.
func decompress(b []byte) ([]byte, error) {
	var h zstd.Header
	if err := h.Decode(b); err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	most := min(uint64(max(len(b)*maxRatio, minSections)), maxSections)
	if h.Skippable || !h.HasFCS || h.FrameContentSize > most {
		return nil, fmt.Errorf("decompressing: a frame of %d bytes that has %d is none of ours", len(b), h.FrameContentSize)
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	defer d.Close()
	out, err := d.DecodeAll(b, make([]byte, 0, h.FrameContentSize))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	if uint64(len(out)) != h.FrameContentSize {
		return nil, errors.New("decompressing: another length than the frame says")
	}
	return out, nil
}
