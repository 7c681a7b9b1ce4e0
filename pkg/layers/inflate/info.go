package inflate

import (
	"errors"
	"fmt"
)

// Info says where the parts of a decoded stream lie. Bit positions count from the first bit
// of the stream, least significant bit of each byte first (RFC 1951, section 3.1.1).
type Info struct {
	LastBlock int64 // bit position of the last block's header, which is its BFINAL bit
	End       int64 // bit position after the last block
	Blocks    int64 // number of blocks
}

// Consumed is the length of the stream in bytes; its last byte may be used in part.
func (i Info) Consumed() int64 { return (i.End + 7) / 8 }

// What a stream can be refused for. Errors of this package wrap one of them, or what the
// stream's reader returned.
var (
	ErrTruncated = errors.New("the compressed stream ends early")
	ErrTooLong   = errors.New("the compressed stream holds more bytes than declared")
	ErrTooShort  = errors.New("the compressed stream holds fewer bytes than declared")
	ErrFarBack   = errors.New("a distance reaches before the start of the stream")
	ErrBlockType = errors.New("a block has the reserved type 3")
	ErrStored    = errors.New("the two lengths of a stored block disagree")
	ErrCodes     = errors.New("a block's code lengths are not a complete prefix code")
	ErrNoEnd     = errors.New("a block has no end-of-block code")
	ErrSymbol    = errors.New("a code stands for no symbol")
	ErrBomb      = errors.New("the compressed stream is made of very many tiny blocks")
)

// Error is a refused stream and where in it the cause was noticed.
type Error struct {
	Byte int64 // compressed bytes read so far
	Err  error
}

// Error joins cause and position.
func (e *Error) Error() string { return fmt.Sprintf("%v (near compressed byte %d)", e.Err, e.Byte) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// A stream is a bomb when it has more than bombBlocks blocks of fewer than bombBytes
// compressed bytes on average: every decoder pays for a block's tables, not only for its bytes.
const (
	bombBlocks = 64
	bombBytes  = 64
)

func bomb(blocks, bytes int64) bool { return blocks > bombBlocks && bytes < blocks*bombBytes }
