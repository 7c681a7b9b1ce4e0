package layers

import (
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

const (
	// zstdVersion is the version of github.com/klauspost/compress that go.mod names; its zstd
	// bytes differ between versions. Who links another has to expect other bytes.
	zstdVersion    = "1.20.3"
	zstdWindow     = 4 << 20 // bytes
	zstdParameters = "level-3/window-4M/jobs-2"
)

// zstdFormat is one Zstandard frame.
type zstdFormat struct{ enc *zstd.Encoder }

func newZstd(w io.Writer) (format, error) {
	enc, err := zstd.NewWriter(w,
		zstd.WithEncoderLevel(zstd.SpeedDefault),
		// The encoder takes twice the window; with 8 MiB, its own choice, layers are 0.1% smaller.
		zstd.WithWindowSize(zstdWindow),
		// One job at a time gives other bytes than two or more, whatever the cores do.
		zstd.WithEncoderConcurrency(2),
		// A layer always has bytes, so this decides nothing today.
		zstd.WithZeroFrames(true),
	)
	if err != nil {
		return nil, err
	}
	return &zstdFormat{enc}, nil
}

func (z *zstdFormat) header(_ *Entry, blocks []byte) error { return z.write(blocks) }

func (z *zstdFormat) write(p []byte) error {
	_, err := z.enc.Write(p)
	return err
}

func (z *zstdFormat) join(s *stream) error { return z.write(s.piece.Decoded) }

func (z *zstdFormat) part(p []byte) error { return z.write(p) }

func (z *zstdFormat) joinLarge(*splice.Large, *splice.Buffers) error { return nil }

func (z *zstdFormat) end(l *layer) error { return l.endTar() }

func (z *zstdFormat) close() error { return z.enc.Close() }

// abandon waits for what is being encoded, so that nothing is written later.
func (z *zstdFormat) abandon() { z.enc.Reset(nil) }

func (z *zstdFormat) annotations(*layer) map[string]string { return nil }
