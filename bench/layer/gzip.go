package layer

import (
	"bufio"
	"bytes"
	stdgzip "compress/gzip"
	"context"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/pgzip"

	"github.com/layerpack/layerpack/bench/wheels"
)

const level = 6 // what gzip, zlib and most builders take unless told otherwise

type newGzip func(io.Writer) (io.WriteCloser, error)

func stdlibGzip(w io.Writer) (io.WriteCloser, error)    { return stdgzip.NewWriterLevel(w, level) }
func klauspostGzip(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, level) }
func parallelGzip(w io.Writer) (io.WriteCloser, error)  { return pgzip.NewWriterLevel(w, level) }

// compressed writes a tar with archive/tar through a compressor.
func compressed(f newFlate, g newGzip) Work {
	return func(_ context.Context, in Input, clock *Clock) (made *Made, err error) {
		clock.Start()
		set, err := wheels.Open(in.Wheels)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, set.Close()) }()
		made, err = through(in.Out, g, func(w io.Writer) error { return writeTar(w, set.Entries, f) })
		clock.Stop()
		return made, err
	}
}

// compressedReady compresses a tar that lies in memory.
func compressedReady(g newGzip) Work {
	return func(_ context.Context, in Input, clock *Clock) (*Made, error) {
		raw, err := readyTar(in.Wheels, klauspostFlate)
		if err != nil {
			return nil, err
		}
		clock.Start()
		made, err := through(in.Out, g, func(w io.Writer) error {
			_, err := io.Copy(w, bytes.NewReader(raw))
			return err
		})
		clock.Stop()
		return made, err
	}
}

// through writes what fill writes through a compressor, with both digests.
func through(out io.Writer, g newGzip, fill func(io.Writer) error) (*Made, error) {
	buffered := bufio.NewWriterSize(out, outBuffer)
	blob := newSummed(buffered)
	zip, err := g(blob)
	if err != nil {
		return nil, err
	}
	raw := newSummed(zip)
	blocks := bufio.NewWriterSize(raw, outBuffer)
	if err := fill(blocks); err != nil {
		return nil, err
	}
	if err := errors.Join(blocks.Flush(), zip.Close(), buffered.Flush()); err != nil {
		return nil, err
	}
	return &Made{Digest: blob.hex(), DiffID: raw.hex(), Size: blob.n}, nil
}

func readyTar(files []string, f newFlate) ([]byte, error) {
	set, err := wheels.Open(files)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	err = errors.Join(writeTar(&raw, set.Entries, f), set.Close())
	return raw.Bytes(), err
}
