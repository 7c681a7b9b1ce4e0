package layer

import (
	"bufio"
	"context"
	"errors"

	"github.com/layerpack/layerpack/bench/wheels"
	"github.com/layerpack/layerpack/pkg/layers"
)

// outBuffer is how much of a blob is written at once, by everyone.
const outBuffer = 256 << 10

// ours is layerpack: wheels opened, RECORD's sums checked, both digests.
func ours(c layers.Compression) Work {
	return func(ctx context.Context, in Input, clock *Clock) (made *Made, err error) {
		clock.Start()
		set, err := wheels.Open(in.Wheels)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, set.Close()) }()
		out := bufio.NewWriterSize(in.Out, outBuffer)
		record, err := layers.NewBuilder(in.Cores).WriteAs(ctx, out, set.Entries, layers.Options{Compression: c})
		if err != nil {
			return nil, err
		}
		if err := out.Flush(); err != nil {
			return nil, err
		}
		clock.Stop()
		return &Made{Digest: record.Digest.Hex, DiffID: record.DiffID.Hex, Size: record.Size}, nil
	}
}
