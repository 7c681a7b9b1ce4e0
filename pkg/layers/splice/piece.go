package splice

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

const (
	// MinSplice is how long a stream must be to be copied, in compressed bytes. Shorter ones
	// are encoded again with the matches they have: they come out smaller beside their
	// neighbours, having no code table each and the files before to refer to. Sixteen packages of
	// small files, 135 MB, beside compress/gzip level 6: from 10 KiB 3.2% larger, from 11 KiB 3.0%,
	// from 12 KiB 2.8%; beyond, hardly anything gets smaller.
	MinSplice = 12 << 10
	// MaxEncode is how long the contents of a shorter stream may be, in bytes: beyond, it
	// compresses too well to win anything.
	MaxEncode = 128 << 10
	// MaxPrepare is the longest that Prepare inflates in memory, in bytes.
	MaxPrepare = 4 << 20
)

// What a stream can be refused for beside the errors of package inflate.
var (
	ErrChecksum = errors.New("the inflated bytes do not have the declared CRC-32")
	ErrTrailing = errors.New("bytes follow the end of the compressed stream")
	ErrChanged  = errors.New("the compressed bytes changed while they were read")
)

// Buffers is what preparing a stream needs; a zero value is ready, grows with use to twice the
// largest stream and is worth keeping. It is for one goroutine and one [Piece] at a time.
type Buffers struct {
	decoder inflate.Decoder
	raw     []byte
	decoded []byte
	matches []inflate.Match
}

// Piece is a stream ready to be joined. It lives in the buffers it was prepared with.
type Piece struct {
	// Decoded is the stream's contents.
	Decoded []byte

	crc     uint32
	raw     []byte          // what to copy, if it is to be copied
	matches []inflate.Match // else
}

// Prepare reads the raw DEFLATE stream of n bytes at off of src, inflates it and checks that it
// is exactly that long, holds size bytes and that these have the CRC-32 crc. size is at most
// MaxPrepare. Any number of goroutines may prepare at once, with buffers of their own.
func (b *Buffers) Prepare(src io.ReaderAt, off, n, size int64, crc uint32) (Piece, error) {
	return b.prepare(src, off, n, size, crc, n >= MinSplice || size > MaxEncode)
}

func (b *Buffers) prepare(src io.ReaderAt, off, n, size int64, crc uint32, copied bool) (Piece, error) {
	if size < 0 || size > MaxPrepare || n < 0 {
		return Piece{}, fmt.Errorf("splice: stream of %d bytes that holds %d: at most %d are prepared in memory", n, size, MaxPrepare)
	}
	// No honest stream is much longer than its contents in stored blocks.
	if n > 2*size+64<<10 {
		return Piece{}, fmt.Errorf("stream of %d bytes that holds %d: %w", n, size, inflate.ErrBomb)
	}
	if int64(cap(b.raw)) < n+realignment {
		b.raw = make([]byte, n+n/4+4096)
	}
	b.raw = b.raw[:n]
	if k, err := src.ReadAt(b.raw, off); int64(k) < n {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Piece{}, fmt.Errorf("reading %d compressed bytes at %d: %w", n, off, err)
	}
	if int64(cap(b.decoded)) < size+inflate.Slack {
		b.decoded = make([]byte, 0, size+size/4+4096)
	}
	var p Piece
	var info inflate.Info
	var err error
	if copied {
		p.Decoded, info, err = b.decoder.Decode(b.decoded[:0], b.raw, int(size))
	} else {
		p.Decoded, p.matches, info, err = b.decoder.DecodeMatches(b.decoded[:0], b.raw, int(size), b.matches[:0])
		b.matches = p.matches
	}
	if err != nil {
		return Piece{}, err
	}
	if info.Consumed() != n {
		return Piece{}, fmt.Errorf("%w: %d of %d bytes used", ErrTrailing, info.Consumed(), n)
	}
	if p.crc = crc32.ChecksumIEEE(p.Decoded); p.crc != crc {
		return Piece{}, fmt.Errorf("%w: %08x, declared %08x", ErrChecksum, p.crc, crc)
	}
	if copied {
		clearFinal(b.raw, 0, info)
		p.raw = realign(b.raw, info.End)
	}
	return p, nil
}
