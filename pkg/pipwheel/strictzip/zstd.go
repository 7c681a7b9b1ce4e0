package strictzip

import (
	"encoding/binary"

	kzstd "github.com/klauspost/compress/zstd"
)

// newZstd returns a reader of the one zstd frame that e is.
func newZstd(src *source, e Entry, maxWindow int64) (*kzstd.Decoder, error) {
	if err := checkFrames(src, e, maxWindow); err != nil {
		return nil, err
	}
	return kzstd.NewReader(src,
		kzstd.WithDecoderConcurrency(1), // else goroutines read ahead
		kzstd.WithDecoderLowmem(true),
		kzstd.WithDecoderMaxWindow(uint64(max(maxWindow, 1<<10))))
}

// checkFrames walks the blocks of the frame (RFC 8878, 3.1.1) without inflating them: it ends at
// the last compressed byte, since some readers stop after the first frame and others do not.
func checkFrames(src *source, e Entry, maxWindow int64) error {
	w := &window{src: src.raw, end: e.CompressedSize}
	bad := func(what string) error { return refuse(Data, e.Name, "bad zstd data: %s", what) }
	p, ok, err := w.at(0, 5, farRead)
	if err != nil {
		return err
	}
	if !ok || binary.LittleEndian.Uint32(p) != 0xfd2fb528 {
		return bad("no frame")
	}
	d := p[4]
	single, checksum := d&0x20 != 0, d&0x04 != 0
	if d&0x08 != 0 || d&0x03 != 0 {
		return bad("a dictionary or a reserved bit")
	}
	sizeLen := []int{0, 2, 4, 8}[d>>6]
	if single && sizeLen == 0 {
		sizeLen = 1
	}
	pos := int64(5)
	head := sizeLen
	if !single {
		head++
	}
	if p, ok, err = w.at(pos, head, farRead); err != nil {
		return err
	} else if !ok {
		return bad("the frame header is cut off")
	}
	pos += int64(head)
	var need uint64
	if !single {
		base := uint64(1) << (10 + p[0]>>3)
		need = base + base/8*uint64(p[0]&7)
		p = p[1:]
	}
	if sizeLen > 0 {
		var le [8]byte
		copy(le[:], p)
		size := binary.LittleEndian.Uint64(le[:])
		if sizeLen == 2 {
			size += 256
		}
		if size != uint64(e.Size) {
			return refuse(Size, e.Name, "%d bytes in the zstd frame header, %d declared", size, e.Size)
		}
		if single {
			need = size
		}
	}
	if need > uint64(maxWindow) {
		return refuse(Window, e.Name, "a zstd window of %d bytes, the limit is %d", need, maxWindow)
	}
	for last := false; !last; {
		if p, ok, err = w.at(pos, 3, farRead); err != nil {
			return err
		} else if !ok {
			return bad("a block is missing")
		}
		block := uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16
		last = block&1 != 0
		pos += 3
		switch block >> 1 & 3 {
		case 1: // one byte, repeated
			pos++
		case 3:
			return bad("a reserved block type")
		default:
			pos += int64(block >> 3)
		}
	}
	if checksum {
		pos += 4
	}
	if pos != e.CompressedSize {
		return refuse(Data, e.Name, "the zstd frame has %d bytes of %d", pos, e.CompressedSize)
	}
	return nil
}
