package strictzip

import (
	"bytes"
	"encoding/binary"
)

const (
	endSize       = 22 // end of central directory record, APPNOTE 4.3.16
	locatorSize   = 20 // ZIP64 end of central directory locator, 4.3.15
	end64Size     = 56 // ZIP64 end of central directory record without extensible data, 4.3.14
	saturated16   = 0xffff
	saturated32   = 0xffffffff
	maxCommentLen = 0xffff
)

// end is where the central directory lies.
type end struct {
	count  uint64 // entries
	offset int64  // of the directory's first byte
	size   int64  // of the directory in bytes
}

// readEnd finds the end record in w, which ends with the archive, and checks everything behind the
// central directory.
func readEnd(w *window) (end, error) {
	n := min(w.end, end64Size+locatorSize+endSize+maxCommentLen)
	base := w.end - n
	tail, _, err := w.at(base, int(n), 0)
	if err != nil {
		return end{}, err
	}
	// The last signature counts, as for most readers: one in a comment or trailer is thus refused.
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endSize {
		return end{}, refuse(NotZip, "", "no end of central directory record")
	}
	rec, comment := tail[at:at+endSize], tail[at+endSize:]
	switch n := int(binary.LittleEndian.Uint16(rec[20:])); {
	case n < len(comment):
		return end{}, refuse(Trailer, "", "%d bytes after the end record", len(comment)-n)
	case n > len(comment):
		return end{}, refuse(NotZip, "", "the comment is cut off")
	}
	if i := bytes.IndexFunc(comment, func(r rune) bool { return r >= 1 && r <= 8 }); i >= 0 {
		return end{}, refuse(Comment, "", "the comment holds byte %d", comment[i])
	}
	e := end{
		count:  uint64(binary.LittleEndian.Uint16(rec[10:])),
		size:   int64(binary.LittleEndian.Uint32(rec[12:])),
		offset: int64(binary.LittleEndian.Uint32(rec[16:])),
	}
	if binary.LittleEndian.Uint32(rec[4:]) != 0 {
		return end{}, refuse(Disks, "", "the end record speaks of several volumes")
	}
	if here := uint64(binary.LittleEndian.Uint16(rec[8:])); here != e.count {
		return end{}, refuse(Count, "", "%d entries on this volume, %d in total", here, e.count)
	}
	dirEnd := base + int64(at)
	if at >= locatorSize && string(tail[at-locatorSize:at-locatorSize+4]) == "PK\x06\x07" {
		if at < locatorSize+end64Size {
			return end{}, refuse(Zip64End, "", "no ZIP64 end record before its locator")
		}
		dirEnd -= locatorSize + end64Size
		if err := e.readZip64(tail[at-locatorSize-end64Size:at], dirEnd); err != nil {
			return end{}, err
		}
	} else if e.size == saturated32 || e.offset == saturated32 {
		return end{}, refuse(Zip64End, "", "the end record leaves sizes to a ZIP64 end record that is not there")
	}
	switch sum := e.offset + e.size; {
	case sum < dirEnd:
		return end{}, refuse(Prefix, "", "the directory ends %d bytes before the end record", dirEnd-sum)
	case sum > dirEnd:
		return end{}, refuse(Directory, "", "the directory reaches beyond the end record")
	}
	return e, nil
}

// readZip64 replaces e by the ZIP64 end record in p, which lies at offset at, with the locator behind it.
func (e *end) readZip64(p []byte, at int64) error {
	loc := p[end64Size:]
	if string(p[:4]) != "PK\x06\x06" || binary.LittleEndian.Uint64(loc[8:]) != uint64(at) {
		return refuse(Zip64End, "", "the ZIP64 end record is not right before its locator")
	}
	if n := binary.LittleEndian.Uint64(p[4:]); n != end64Size-12 {
		return refuse(Zip64End, "", "the ZIP64 end record has %d bytes, not %d", n, end64Size-12)
	}
	if binary.LittleEndian.Uint64(p[16:]) != 0 || binary.LittleEndian.Uint32(loc[4:]) != 0 || binary.LittleEndian.Uint32(loc[16:]) != 1 {
		return refuse(Disks, "", "the ZIP64 end record speaks of several volumes")
	}
	here, count := binary.LittleEndian.Uint64(p[24:]), binary.LittleEndian.Uint64(p[32:])
	size, offset := binary.LittleEndian.Uint64(p[40:]), binary.LittleEndian.Uint64(p[48:])
	if here != count {
		return refuse(Count, "", "%d entries on this volume, %d in total", here, count)
	}
	// Some readers take the end record's own value unless it is saturated, some never do.
	if e.count != saturated16 && e.count != count ||
		e.size != saturated32 && uint64(e.size) != size ||
		e.offset != saturated32 && uint64(e.offset) != offset {
		return refuse(Zip64End, "", "end record and ZIP64 end record differ")
	}
	if size > uint64(at) || offset > uint64(at) {
		return refuse(Directory, "", "the directory reaches beyond the end record")
	}
	*e = end{count: count, size: int64(size), offset: int64(offset)}
	return nil
}
