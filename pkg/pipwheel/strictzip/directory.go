package strictzip

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
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
)

// header is an entry as the central directory tells it.
type header struct {
	Entry
	flags  uint16
	start  int64 // of the local header
	next   int64 // of what follows the entry
	folder bool
}

// readDirectory reads the central directory in pieces and checks each entry by itself.
func readDirectory(r io.ReaderAt, e end, lim Limits) ([]header, error) {
	if e.count > uint64(lim.Entries) {
		return nil, refuse(TooManyFiles, "", "%d entries, the limit is %d", e.count, lim.Entries)
	}
	if e.size > lim.Directory {
		return nil, refuse(Directory, "", "the directory has %d bytes, the limit is %d", e.size, lim.Directory)
	}
	if e.count*directoryHeaderSize > uint64(e.size) {
		return nil, refuse(Count, "", "%d entries do not fit into a directory of %d bytes", e.count, e.size)
	}
	list := make([]header, 0, e.count)
	src := bufio.NewReaderSize(io.NewSectionReader(r, e.offset, e.size), 64<<10)
	var fixed [directoryHeaderSize]byte
	var tail []byte
	for left := e.size; left > 0; {
		if uint64(len(list)) == e.count {
			return nil, refuse(Count, "", "%d bytes after the %d entries of the directory", left, e.count)
		}
		if left < directoryHeaderSize {
			return nil, refuse(Directory, "", "the directory is cut off")
		}
		if _, err := io.ReadFull(src, fixed[:]); err != nil {
			return nil, fmt.Errorf("read the directory of a zip archive: %w", err)
		}
		nameLen, extraLen, commentLen := int(binary.LittleEndian.Uint16(fixed[28:])), int(binary.LittleEndian.Uint16(fixed[30:])), int(binary.LittleEndian.Uint16(fixed[32:]))
		n := nameLen + extraLen + commentLen
		left -= directoryHeaderSize
		if string(fixed[:4]) != "PK\x01\x02" || left < int64(n) {
			return nil, refuse(Directory, "", "entry %d of the directory is malformed", len(list))
		}
		left -= int64(n)
		if cap(tail) < n {
			tail = make([]byte, n)
		}
		tail = tail[:n]
		if _, err := io.ReadFull(src, tail); err != nil {
			return nil, fmt.Errorf("read the directory of a zip archive: %w", err)
		}
		h, err := parseHeader(fixed[:], string(tail[:nameLen]), tail[nameLen:nameLen+extraLen], lim)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	if uint64(len(list)) != e.count {
		return nil, refuse(Count, "", "%d entries, the end record says %d", len(list), e.count)
	}
	return list, nil
}

// parseHeader checks one entry of the directory.
func parseHeader(fixed []byte, name string, extra []byte, lim Limits) (header, error) {
	h := header{
		Entry: Entry{
			Name:   name,
			Method: binary.LittleEndian.Uint16(fixed[10:]),
			CRC32:  binary.LittleEndian.Uint32(fixed[16:]),
		},
		flags:  binary.LittleEndian.Uint16(fixed[8:]),
		folder: strings.HasSuffix(name, "/"),
	}
	if err := checkName(name, h.flags&flagUTF8 != 0, lim.NameLength); err != nil {
		return h, err
	}
	switch {
	case h.flags&flagEncrypted != 0:
		return h, refuse(Encrypted, name, "the entry is encrypted")
	case h.flags&^(flagLevel|flagDescriptor|flagUTF8) != 0:
		return h, refuse(Flags, name, "flags %#04x are not known", h.flags)
	case h.Method != Stored && h.Method != Deflate && h.Method != Zstd:
		return h, refuse(Method, name, "compression method %d; stored (0), DEFLATE (8) and zstd (93) are read", h.Method)
	case binary.LittleEndian.Uint16(fixed[34:]) != 0:
		return h, refuse(Disks, name, "the entry begins on another volume")
	}
	compressed, size, start := uint64(binary.LittleEndian.Uint32(fixed[20:])), uint64(binary.LittleEndian.Uint32(fixed[24:])), uint64(binary.LittleEndian.Uint32(fixed[42:]))
	zip64, found, err := readExtra(extra, name)
	if err != nil {
		return h, err
	}
	if err := fillZip64(zip64, found, name, &size, &compressed, &start); err != nil {
		return h, err
	}
	if size > math.MaxInt64 || compressed > math.MaxInt64 || start > math.MaxInt64 {
		return h, refuse(Size, name, "a size or offset is over 2^63")
	}
	h.Size, h.CompressedSize, h.start = int64(size), int64(compressed), int64(start)
	if err := h.checkMode(binary.LittleEndian.Uint32(fixed[38:]) >> 16); err != nil {
		return h, err
	}
	return h, h.checkSizes(lim)
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
