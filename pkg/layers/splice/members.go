package splice

import (
	"encoding/binary"
	"errors"
	"io"
)

// memberHeader begins a gzip member (RFC 1952, section 2.3): no name, no time, unknown system.
const memberHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

var errNoCopy = errors.New("splice: a piece of Prepare is given to Copy, which needs one of PrepareCopy")

// Next ends the gzip member and begins another, for formats that need places at which decoding
// can begin. *at is set to the offset of the new member in the output, in bytes, not at once but
// when that much has been written: after [Writer.Sync] or [Writer.Close].
func (z *Writer) Next(at *int64) error {
	z.flush()
	if z.err != nil {
		return z.err
	}
	z.emit(item{p: append(z.trailer(), memberHeader...), at: at})
	z.crc, z.size = 0, 0
	z.forget()
	return z.err
}

// Copy adds a stream from [Buffers.PrepareCopy]. What follows it does not refer to it.
func (z *Writer) Copy(p Piece) error {
	if p.raw == nil {
		return errNoCopy
	}
	z.flush()
	if z.err != nil {
		return z.err
	}
	z.emit(item{p: p.raw})
	z.crc = combine(z.crc, p.crc, int64(len(p.Decoded)))
	z.size += uint32(len(p.Decoded))
	z.forget()
	return z.err
}

// Sync writes everything that was added so far.
func (z *Writer) Sync() error {
	z.flush()
	z.drainAll()
	return z.err
}

// forget drops all history.
func (z *Writer) forget() { z.buf, z.start, z.header = z.buf[:0], 0, -1 }

// trailer ends a member: an empty last block with the fixed codes, CRC-32 and length.
func (z *Writer) trailer() []byte {
	p := append(make([]byte, 0, 10+len(memberHeader)), 3, 0)
	p = binary.LittleEndian.AppendUint32(p, z.crc)
	return binary.LittleEndian.AppendUint32(p, z.size)
}

// PrepareCopy is [Buffers.Prepare] for [Writer.Copy]: short streams are copied too.
func (b *Buffers) PrepareCopy(src io.ReaderAt, off, n, size int64, crc uint32) (Piece, error) {
	return b.prepare(src, off, n, size, crc, true)
}
