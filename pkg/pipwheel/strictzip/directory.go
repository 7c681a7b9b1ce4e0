package strictzip

import (
	"encoding/binary"
	"math"
	"strings"
)

// The compression methods that are read (APPNOTE 4.4.5).
const (
	Stored  uint16 = 0
	Deflate uint16 = 8
	Zstd    uint16 = 93
)

const (
	flagEncrypted  = 1<<0 | 1<<6 | 1<<13
	flagLevel      = 1<<1 | 1<<2 // how hard the writer tried
	flagDescriptor = 1 << 3
	flagUTF8       = 1 << 11

	directoryHeaderSize = 46 // APPNOTE 4.3.12
	directoryRead       = 64 << 10
)

// header is an entry as the central directory tells it.
type header struct {
	*Entry
	start  int64 // of the local header
	next   int64 // of what follows the entry
	flags  uint16
	folder bool
	plain  bool // the name is printable ASCII
}

// readDirectory reads the central directory in pieces and checks each entry by itself. The entries
// lie one after the other, and so do their names: many small objects are slow to make and to keep.
func readDirectory(w *window, e end, lim Limits) ([]header, []Entry, error) {
	if e.count > uint64(lim.Entries) {
		return nil, nil, refuse(TooManyFiles, "", "%d entries, the limit is %d", e.count, lim.Entries)
	}
	if e.size > lim.Directory {
		return nil, nil, refuse(Directory, "", "the directory has %d bytes, the limit is %d", e.size, lim.Directory)
	}
	if e.count*directoryHeaderSize > uint64(e.size) {
		return nil, nil, refuse(Count, "", "%d entries do not fit into a directory of %d bytes", e.count, e.size)
	}
	list, entries := make([]header, 0, e.count), make([]Entry, e.count)
	var names strings.Builder
	names.Grow(int(e.size - int64(e.count)*directoryHeaderSize))
	w.end = e.offset + e.size
	for left := e.size; left > 0; {
		if uint64(len(list)) == e.count {
			return nil, nil, refuse(Count, "", "%d bytes after the %d entries of the directory", left, e.count)
		}
		if left < directoryHeaderSize {
			return nil, nil, refuse(Directory, "", "the directory is cut off")
		}
		p, _, err := w.at(w.end-left, directoryHeaderSize, directoryRead)
		if err != nil {
			return nil, nil, err
		}
		nameLen, extraLen, commentLen := int(binary.LittleEndian.Uint16(p[28:])), int(binary.LittleEndian.Uint16(p[30:])), int(binary.LittleEndian.Uint16(p[32:]))
		n := directoryHeaderSize + nameLen + extraLen + commentLen
		if string(p[:4]) != "PK\x01\x02" || left < int64(n) {
			return nil, nil, refuse(Directory, "", "entry %d of the directory is malformed", len(list))
		}
		if p, _, err = w.at(w.end-left, n, directoryRead); err != nil {
			return nil, nil, err
		}
		left -= int64(n)
		fixed, name, extra := p[:directoryHeaderSize], p[directoryHeaderSize:][:nameLen], p[directoryHeaderSize+nameLen:][:extraLen]
		names.Write(name)
		h := header{Entry: &entries[len(list)]}
		h.Name = names.String()[names.Len()-nameLen:]
		if err := h.parse(fixed, extra, lim); err != nil {
			return nil, nil, err
		}
		list = append(list, h)
	}
	if uint64(len(list)) != e.count {
		return nil, nil, refuse(Count, "", "%d entries, the end record says %d", len(list), e.count)
	}
	return list, entries, nil
}

// parse reads and checks an entry of the directory, whose name is known: its fixed part and its
// extra fields.
func (h *header) parse(fixed, extra []byte, lim Limits) error {
	name := h.Name
	h.Method, h.CRC32 = binary.LittleEndian.Uint16(fixed[10:]), binary.LittleEndian.Uint32(fixed[16:])
	h.flags = binary.LittleEndian.Uint16(fixed[8:])
	h.folder, h.plain = strings.HasSuffix(name, "/"), isPlain(name)
	if err := checkName(name, h.plain, h.flags&flagUTF8 != 0, lim.NameLength); err != nil {
		return err
	}
	switch {
	case h.flags&flagEncrypted != 0:
		return refuse(Encrypted, name, "the entry is encrypted")
	case h.flags&^(flagLevel|flagDescriptor|flagUTF8) != 0:
		return refuse(Flags, name, "flags %#04x are not known", h.flags)
	case h.Method != Stored && h.Method != Deflate && h.Method != Zstd:
		return refuse(Method, name, "compression method %d; stored (0), DEFLATE (8) and zstd (93) are read", h.Method)
	case binary.LittleEndian.Uint16(fixed[34:]) != 0:
		return refuse(Disks, name, "the entry begins on another volume")
	}
	compressed, size, start := uint64(binary.LittleEndian.Uint32(fixed[20:])), uint64(binary.LittleEndian.Uint32(fixed[24:])), uint64(binary.LittleEndian.Uint32(fixed[42:]))
	zip64, found, err := readExtra(extra, name)
	if err != nil {
		return err
	}
	if err := fillZip64(zip64, found, name, &size, &compressed, &start); err != nil {
		return err
	}
	if size > math.MaxInt64 || compressed > math.MaxInt64 || start > math.MaxInt64 {
		return refuse(Size, name, "a size or offset is over 2^63")
	}
	h.Size, h.CompressedSize, h.start = int64(size), int64(compressed), int64(start)
	if err := h.checkMode(binary.LittleEndian.Uint32(fixed[38:]) >> 16); err != nil {
		return err
	}
	return h.checkSizes(lim)
}

// checkMode reads the Unix mode, whatever system the entry says it was made on: pip does too.
func (h *header) checkMode(mode uint32) error {
	switch kind := mode & 0o170000; {
	case kind == 0o120000:
		return refuse(Symlink, h.Name, "a symbolic link")
	case kind == 0o040000 && !h.folder:
		return refuse(Folder, h.Name, "a folder by its mode, a file by its name")
	case kind == 0o100000 && h.folder:
		return refuse(Folder, h.Name, "a file by its mode, a folder by its name")
	case kind != 0 && kind != 0o100000 && kind != 0o040000:
		return refuse(SpecialFile, h.Name, "a special file of mode %#o", mode)
	}
	h.Executable = !h.folder && mode&0o111 != 0
	return nil
}

// checkSizes looks at the declared sizes alone.
func (h *header) checkSizes(lim Limits) error {
	switch {
	case h.folder && (h.Size != 0 || h.CompressedSize != 0 && !h.emptyDeflate() || h.CRC32 != 0):
		return refuse(Folder, h.Name, "a folder with %d bytes", max(h.Size, h.CompressedSize))
	case h.Method == Stored && h.Size != h.CompressedSize:
		return refuse(Size, h.Name, "stored in %d bytes, %d declared", h.CompressedSize, h.Size)
	case h.Method != Stored && h.CompressedSize == 0 && !h.folder:
		return refuse(Size, h.Name, "compressed to nothing")
	case h.Method == Stored || h.Method == Zstd && h.Size <= 1<<20:
		return nil
	case h.Size/lim.EntryRatio > h.CompressedSize:
		return refuse(Ratio, h.Name, "%d bytes declared for %d compressed ones, over %d to 1", h.Size, h.CompressedSize, lim.EntryRatio)
	}
	return nil
}

// emptyDeflate says that the entry has the size of an empty DEFLATE stream, as some writers give folders.
func (h *header) emptyDeflate() bool { return h.Method == Deflate && h.CompressedSize == 2 }
