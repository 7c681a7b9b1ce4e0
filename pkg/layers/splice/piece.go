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
	// maxCompressed is the most compressed bytes that it takes: what no encoder needs for MaxPrepare bytes that does not waste them.
	maxCompressed = MaxPrepare + MaxPrepare/8 + 64<<10

	// minRoom is what buffers take at least, each, in bytes.
	minRoom = 256 << 10
)

// What a stream can be refused for beside the errors of package inflate.
var (
	ErrChecksum = errors.New("the inflated bytes do not have the declared CRC-32")
	ErrTrailing = errors.New("bytes follow the end of the compressed stream")
	ErrChanged  = errors.New("the compressed bytes changed while they were read")
)

// Buffers is what preparing streams needs, and where their pieces live until [Buffers.Reset]; a zero value is ready and
// worth keeping. It is for one goroutine at a time.
type Buffers struct {
	decoder inflate.Decoder
	raw     []byte
	decoded []byte
	matches []inflate.Match
}

// Reset forgets all pieces: their room is taken by those to come.
func (b *Buffers) Reset() {
	b.raw, b.decoded, b.matches = b.raw[:0], b.decoded[:0], b.matches[:0]
}

// grow makes room for n compressed bytes and contents of size bytes; pieces stay where they are.
func (b *Buffers) grow(n, size int64) {
	if int64(cap(b.raw)-len(b.raw)) < n+realignment {
		b.raw = make([]byte, 0, roomFor(n+realignment, maxCompressed))
	}
	if int64(cap(b.decoded)-len(b.decoded)) < size+inflate.Slack {
		b.decoded = make([]byte, 0, roomFor(size+inflate.Slack, MaxPrepare))
	}
}

// roomFor is n with some to spare, as streams of the same wheel are of similar length, but not beyond what the longest takes.
func roomFor(n, longest int64) int64 { return max(n, minRoom, min(n+n/4, longest+inflate.Slack)) }

// Piece is a stream ready to be joined. It lives in the buffers it was prepared with.
type Piece struct {
	// Decoded is the stream's contents.
	Decoded []byte

	crc     uint32
	raw     []byte          // what to copy, if it is to be copied
	matches []inflate.Match // else
}

// Prepares reports whether [Buffers.Prepare] takes a stream of n bytes that holds size bytes; others are for [Buffers.PrepareLarge].
func Prepares(n, size int64) bool {
	return 0 <= size && size <= MaxPrepare && 0 <= n && n <= maxCompressed
}

// honest refuses streams that are much longer than their contents in stored blocks.
func honest(n, size int64) error {
	if n/2 > size+32<<10 {
		return fmt.Errorf("stream of %d bytes that holds %d: %w", n, size, inflate.ErrBomb)
	}
	return nil
}

// Prepare reads the raw DEFLATE stream of n bytes at off of src, inflates it and checks that it
// is exactly that long, holds size bytes and that these have the CRC-32 crc. size is at most
// MaxPrepare, see [Prepares]. Any number of goroutines may prepare at once, with buffers of their own.
func (b *Buffers) Prepare(src io.ReaderAt, off, n, size int64, crc uint32) (Piece, error) {
	return b.prepare(src, off, n, size, crc, n >= MinSplice || size > MaxEncode)
}

func (b *Buffers) prepare(src io.ReaderAt, off, n, size int64, crc uint32, copied bool) (Piece, error) {
	if !Prepares(n, size) {
		return Piece{}, fmt.Errorf("splice: stream of %d bytes that holds %d: at most %d and %d are prepared in memory", n, size, maxCompressed, MaxPrepare)
	}
	if err := honest(n, size); err != nil {
		return Piece{}, err
	}
	b.grow(n, size)
	at := len(b.raw)
	raw := b.raw[at : at+int(n)]
	if k, err := src.ReadAt(raw, off); int64(k) < n {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Piece{}, fmt.Errorf("reading %d compressed bytes at %d: %w", n, off, err)
	}
	var p Piece
	var info inflate.Info
	var err error
	room := b.decoded[len(b.decoded):]
	if copied {
		p.Decoded, info, err = b.decoder.Decode(room, raw, int(size))
	} else {
		if cap(b.matches)-len(b.matches) < inflate.MostMatches(size) {
			b.matches = make([]inflate.Match, 0, inflate.MostMatches(MaxEncode))
		}
		p.Decoded, p.matches, info, err = b.decoder.DecodeMatches(room, raw, int(size), b.matches[len(b.matches):])
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
		clearFinal(raw, 0, info)
		p.raw = realign(raw, info.End)
		b.raw = b.raw[:at+len(p.raw)] // else nobody needs them any more
	}
	b.decoded = b.decoded[:len(b.decoded)+len(p.Decoded)]
	b.matches = b.matches[:len(b.matches)+len(p.matches)]
	return p, nil
}
