package strictzip

import (
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	localHeaderSize = 30 // APPNOTE 4.3.7
	near            = 32 << 10
	farRead         = 512
)

// readLocals walks the local headers of list from byte 0 to dirStart, in the order of the file,
// compares each with the directory's and sets Offset.
func readLocals(w *window, list []header, dirStart int64) error {
	order, err := inOrder(list, dirStart)
	if err != nil {
		return err
	}
	w.end = dirStart
	for _, i := range order {
		h := &list[i]
		// Neighbours come with one read where entries are small, their data is not fetched where they are not.
		ahead := farRead
		if h.next-h.start < near {
			ahead = 2 * near
		}
		if err := h.check(w, ahead); err != nil {
			return err
		}
	}
	return nil
}

// inOrder returns the places of the entries in the order of the file, and sets where each must end.
func inOrder(list []header, dirStart int64) ([]int, error) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	byStart := func(a, b int) int { return cmp.Compare(list[a].start, list[b].start) }
	if !slices.IsSortedFunc(order, byStart) {
		slices.SortStableFunc(order, byStart)
	}
	if len(order) == 0 && dirStart > 0 || len(order) > 0 && list[order[0]].start > 0 {
		return nil, refuse(Prefix, "", "bytes before the first entry")
	}
	next := dirStart
	for _, i := range slices.Backward(order) {
		list[i].next, next = next, list[i].start
	}
	return order, nil
}

// check compares the local header with the directory's, sets Offset and checks where the entry ends.
func (h *header) check(w *window, ahead int) error {
	zip64, err := h.readLocal(w, ahead)
	if err != nil {
		return err
	}
	return h.checkFrame(w, h.next, zip64)
}

// readLocal compares the local header with the directory's and reports whether it has a ZIP64 field.
func (h *header) readLocal(w *window, ahead int) (zip64 bool, err error) {
	p, ok, err := w.at(h.start, localHeaderSize, ahead)
	if err != nil {
		return false, err
	}
	if !ok || string(p[:4]) != "PK\x03\x04" {
		return false, refuse(LocalHeader, h.Name, "no local header at offset %d", h.start)
	}
	nameLen, extraLen := int(binary.LittleEndian.Uint16(p[26:])), int(binary.LittleEndian.Uint16(p[28:]))
	p, ok, err = w.at(h.start, localHeaderSize+nameLen+extraLen, ahead)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, refuse(LocalHeader, h.Name, "the local header at offset %d is cut off", h.start)
	}
	h.Offset = h.start + int64(len(p))
	if name := p[localHeaderSize : localHeaderSize+nameLen]; string(name) != h.Name {
		return false, refuse(Mismatch, h.Name, "the local header has the name %.200q", name)
	}
	flags, method := binary.LittleEndian.Uint16(p[6:]), binary.LittleEndian.Uint16(p[8:])
	if (flags^h.flags)&^flagLevel != 0 {
		return false, refuse(Mismatch, h.Name, "flags %#04x in the local header, %#04x in the directory", flags, h.flags)
	}
	if method != h.Method {
		return false, refuse(Mismatch, h.Name, "method %d in the local header, %d in the directory", method, h.Method)
	}
	return h.compareSizes(p, localHeaderSize+nameLen)
}

// compareSizes compares checksum and sizes of the local header p, whose extra fields begin at extra.
func (h *header) compareSizes(p []byte, extra int) (zip64 bool, err error) {
	crc := binary.LittleEndian.Uint32(p[14:])
	compressed, size := uint64(binary.LittleEndian.Uint32(p[18:])), uint64(binary.LittleEndian.Uint32(p[22:]))
	field, zip64, refused := readExtra(p[extra:], h.Name)
	if refused != nil {
		return false, refused
	}
	if err := fillLocalZip64(field, zip64, h.Name, &size, &compressed); err != nil {
		return false, err
	}
	// With a descriptor the writer did not know them yet and wrote zeros.
	late := h.flags&flagDescriptor != 0
	agrees := func(local, central uint64) bool { return local == central || late && local == 0 }
	if !agrees(uint64(crc), uint64(h.CRC32)) || !agrees(compressed, uint64(h.CompressedSize)) || !agrees(size, uint64(h.Size)) {
		return false, refuse(Mismatch, h.Name, "checksum or sizes in the local header differ from the directory's")
	}
	return zip64, nil
}

// checkFrame checks that the entry, with its data descriptor if it has one, ends where next begins.
func (h *header) checkFrame(w *window, next int64, zip64 bool) error {
	left := next - h.Offset
	if left < h.CompressedSize {
		return refuse(Overlap, h.Name, "its %d compressed bytes reach %d bytes into what follows", h.CompressedSize, h.CompressedSize-left)
	}
	left -= h.CompressedSize
	if h.folder && h.CompressedSize > 0 {
		if p, ok, err := w.at(h.Offset, 2, 2); err != nil {
			return err
		} else if !ok || string(p) != "\x03\x00" {
			return refuse(Folder, h.Name, "a folder with bytes")
		}
	}
	if h.flags&flagDescriptor == 0 {
		if left != 0 {
			return refuse(Gap, h.Name, "%d bytes behind it belong to no entry", left)
		}
		return nil
	}
	return h.checkDescriptor(w, left, zip64)
}
