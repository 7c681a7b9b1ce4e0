// Package layer measures how wheels become one layer, by layerpack's packages and by others.
//
// Every contender is a [Work] that runs in a process of its own, which does nothing else: so the
// number of cores and the Go version are its own, and nobody pays for another's garbage. All begin
// with wheel files and end with a blob in a file, its SHA-256 and that of the tar in it.
package layer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// Input is what a contender works on.
type Input struct {
	Wheels []string  // files
	Out    io.Writer // takes the blob
	Cores  int
}

// Made is what a contender says of its blob. Those that make none leave the digests empty.
type Made struct {
	Digest string // SHA-256 of the blob, in hexadecimal
	DiffID string // SHA-256 of the tar in it
	Size   int64  // of the blob, in bytes
}

// Work is a contender: it starts and stops the clock around what counts.
type Work func(ctx context.Context, in Input, c *Clock) (*Made, error)

// Names of contenders, as the worker is given them.
const (
	Ours         = "layerpack gzip"
	OursStargz   = "layerpack eStargz"
	OursZstd     = "layerpack zstd"
	Stdlib       = "compress/gzip 6"
	StdlibReady  = "compress/gzip 6, tar ready"
	Klauspost    = "klauspost gzip 6"
	Pgzip        = "klauspost pgzip 6"
	Build        = "estargz.Build, default level"
	Build6       = "estargz.Build, level 6"
	Floor        = "floor"
	InflateOurs  = "inflate: layerpack"
	InflateKlaus = "inflate: klauspost flate"
	InflateStd   = "inflate: compress/flate"
)

// Works returns all contenders by name.
func Works() map[string]Work {
	return map[string]Work{
		Ours: ours("gzip"), OursStargz: ours("estargz"), OursZstd: ours("zstd"),
		Stdlib: compressed(stdlibFlate, stdlibGzip), Klauspost: compressed(klauspostFlate, klauspostGzip),
		Pgzip: compressed(klauspostFlate, parallelGzip), StdlibReady: compressedReady(stdlibGzip),
		Build: stargz(defaultLevel), Build6: stargz(6),
		Floor: floor, InflateOurs: inflateOurs, InflateKlaus: inflateWith(klauspostFlate), InflateStd: inflateWith(stdlibFlate),
	}
}

// summed counts and hashes what is written through it.
type summed struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func newSummed(w io.Writer) *summed { return &summed{w: w, sum: sha256.New()} }

func (s *summed) Write(p []byte) (int, error) {
	s.sum.Write(p)
	s.n += int64(len(p))
	return s.w.Write(p)
}

func (s *summed) hex() string { return hex.EncodeToString(s.sum.Sum(nil)) }
