package strictzip

import "encoding/binary"

const descriptorSignature = 0x08074b50

// checkDescriptor checks the data descriptor of n bytes behind the compressed data (APPNOTE 4.3.9).
//
// It has a signature or not, and 8-byte sizes if the local header has a ZIP64 field (or, from
// writers that learn it late, if the sizes need them); n tells which. Stored data before a
// descriptor has no end of its own: whoever searches for it can be deceived.
func (h *header) checkDescriptor(w *window, n int64, zip64 bool) error {
	if h.Method == Stored && h.CompressedSize > 0 {
		return refuse(Descriptor, h.Name, "stored data with a data descriptor")
	}
	wide := n == 20 || n == 24
	if n != 12 && n != 16 && !wide {
		return refuse(Gap, h.Name, "%d bytes behind it where a data descriptor is due", n)
	}
	if large := max(h.Size, h.CompressedSize) >= saturated32; wide != (zip64 || large) {
		return refuse(Descriptor, h.Name, "a data descriptor of %d bytes", n)
	}
	p, ok, err := w.at(h.Offset+h.CompressedSize, int(n), int(n))
	if err != nil {
		return err
	}
	if !ok {
		return refuse(Overlap, h.Name, "its data descriptor reaches into what follows")
	}
	if signed := binary.LittleEndian.Uint32(p) == descriptorSignature; signed != (n == 16 || n == 24) {
		return refuse(Descriptor, h.Name, "a data descriptor of %d bytes whose signature is ambiguous", n)
	} else if signed {
		p = p[4:]
	}
	var compressed, size uint64
	if wide {
		compressed, size = binary.LittleEndian.Uint64(p[4:]), binary.LittleEndian.Uint64(p[12:])
	} else {
		compressed, size = uint64(binary.LittleEndian.Uint32(p[4:])), uint64(binary.LittleEndian.Uint32(p[8:]))
	}
	if binary.LittleEndian.Uint32(p) != h.CRC32 || compressed != uint64(h.CompressedSize) || size != uint64(h.Size) {
		return refuse(Descriptor, h.Name, "the data descriptor differs from the directory")
	}
	return nil
}
