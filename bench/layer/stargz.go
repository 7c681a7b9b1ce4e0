package layer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/containerd/stargz-snapshotter/estargz"
)

// defaultLevel leaves the level to estargz, which takes the slowest.
const defaultLevel = -2

// stargz writes a tar with archive/tar into memory, which is where [estargz.Build] wants it, and
// builds the blob of it.
func stargz(level int) Work {
	return func(ctx context.Context, in Input, clock *Clock) (*Made, error) {
		clock.Start()
		raw, err := readyTar(in.Wheels, stdlibFlate)
		if err != nil {
			return nil, err
		}
		options := []estargz.Option{estargz.WithContext(ctx)}
		if level != defaultLevel {
			options = append(options, estargz.WithCompressionLevel(level))
		}
		built, err := estargz.Build(io.NewSectionReader(bytes.NewReader(raw), 0, int64(len(raw))), options...)
		if err != nil {
			return nil, err
		}
		out := bufio.NewWriterSize(in.Out, outBuffer)
		blob := newSummed(out)
		_, err = io.Copy(blob, built)
		if err := errors.Join(err, built.Close(), out.Flush()); err != nil {
			return nil, err
		}
		clock.Stop()
		return &Made{Digest: blob.hex(), DiffID: built.DiffID().Encoded(), Size: blob.n}, nil
	}
}
