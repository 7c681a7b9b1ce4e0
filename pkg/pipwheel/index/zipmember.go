package index

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"strings"
)

// The records of a zip archive that are needed to find one member (APPNOTE 4.3). Nothing here
// vouches for the archive: the wheel that is installed is read strictly, and compared with what
// was found here.
const (
	endSize       = 22
	locatorSize   = 20
	end64Size     = 56
	directorySize = 46
	localSize     = 30
)

var errZip = errors.New("its zip directory cannot be read")

// member finds the one METADATA of the archive, and inflates it.
func (r *ranged) member(ctx context.Context) ([]byte, error) {
	off, size, err := r.directory(ctx)
	if err != nil {
		return nil, err
	}
	directory, err := r.read(ctx, off, size)
	if err != nil {
		return nil, err
	}
	m, err := findMetadata(directory)
	if err != nil {
		return nil, err
	}
	if m.size > maxMetadata || m.packed > maxMetadata {
		return nil, refuse(redact(r.url), "its METADATA is larger than %d MiB", maxMetadata>>20)
	}
	// The local header may have other extra fields than the directory: most have no more than this.
	const spare = 64
	head := localSize + int64(len(m.name)) + spare
	local, err := r.read(ctx, m.offset, min(head+m.packed, r.size-m.offset))
	if err != nil {
		return nil, err
	}
	if len(local) < localSize || string(local[:4]) != "PK\x03\x04" {
		return nil, errZip
	}
	skip := localSize + int64(binary.LittleEndian.Uint16(local[26:])) + int64(binary.LittleEndian.Uint16(local[28:]))
	if int64(len(local)) < skip+m.packed {
		if local, err = r.read(ctx, m.offset, skip+m.packed); err != nil {
			return nil, err
		}
	}
	return m.inflate(local[skip:][:m.packed])
}

// directory returns where the central directory lies, from the end records, ZIP64's too.
func (r *ranged) directory(ctx context.Context) (off, size int64, err error) {
	end := len(r.tail) - endSize
	for ; end >= 0; end-- { // a comment may follow
		if string(r.tail[end:end+4]) == "PK\x05\x06" && int(binary.LittleEndian.Uint16(r.tail[end+20:])) == len(r.tail)-end-endSize {
			break
		}
	}
	if end < 0 {
		return 0, 0, errZip
	}
	record := r.tail[end:]
	size, off = int64(binary.LittleEndian.Uint32(record[12:])), int64(binary.LittleEndian.Uint32(record[16:]))
	if size != 1<<32-1 && off != 1<<32-1 {
		return off, size, nil
	}
	if end < locatorSize || string(r.tail[end-locatorSize:][:4]) != "PK\x06\x07" {
		return 0, 0, errZip
	}
	at := binary.LittleEndian.Uint64(r.tail[end-locatorSize+8:])
	if at > uint64(r.size) {
		return 0, 0, errZip
	}
	record, err = r.read(ctx, int64(at), end64Size)
	if err != nil {
		return 0, 0, err
	}
	if string(record[:4]) != "PK\x06\x06" {
		return 0, 0, errZip
	}
	return int64(binary.LittleEndian.Uint64(record[48:]) & (1<<63 - 1)), int64(binary.LittleEndian.Uint64(record[40:]) & (1<<63 - 1)), nil
}

// infoStart is where in the file the members of .dist-info folders begin, or else where the
// directory does. What cannot be read counts for nothing.
func infoStart(directory []byte, off int64) int64 {
	for m, err := range members(directory) {
		if err != nil {
			break
		}
		if top, _, ok := strings.Cut(m.name, "/"); ok && strings.HasSuffix(top, ".dist-info") {
			off = min(off, m.offset)
		}
	}
	return off
}

// zipMember is what the central directory says of one.
type zipMember struct {
	name         string
	method       uint16
	crc          uint32
	packed, size int64
	offset       int64
}

// members walks the central directory. An error is the last.
func members(directory []byte) iter.Seq2[*zipMember, error] {
	return func(yield func(*zipMember, error) bool) {
		for len(directory) >= directorySize && string(directory[:4]) == "PK\x01\x02" {
			le := binary.LittleEndian
			name, extra, comment := int(le.Uint16(directory[28:])), int(le.Uint16(directory[30:])), int(le.Uint16(directory[32:]))
			if len(directory) < directorySize+name+extra+comment {
				yield(nil, errZip)
				return
			}
			rest := directory[directorySize:]
			m := &zipMember{
				name: string(rest[:name]), method: le.Uint16(directory[10:]), crc: le.Uint32(directory[16:]),
				packed: int64(le.Uint32(directory[20:])), size: int64(le.Uint32(directory[24:])), offset: int64(le.Uint32(directory[42:])),
			}
			err := m.zip64(rest[name : name+extra])
			if !yield(m, err) || err != nil {
				return
			}
			directory = rest[name+extra+comment:]
		}
	}
}

// findMetadata finds the METADATA of the one .dist-info folder.
func findMetadata(directory []byte) (*zipMember, error) {
	var found *zipMember
	for m, err := range members(directory) {
		if err != nil {
			return nil, err
		}
		if folder, ok := strings.CutSuffix(m.name, ".dist-info/METADATA"); ok && !strings.Contains(folder, "/") {
			if found != nil {
				return nil, fmt.Errorf("%w: it has two .dist-info folders", errZip)
			}
			found = m
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: it has no METADATA", errZip)
	}
	return found, nil
}

// zip64 takes what does not fit into 32 bits from the extra field (APPNOTE 4.5.3).
func (m *zipMember) zip64(extra []byte) error {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return errZip
		}
		if field := extra[:n]; id == 1 {
			for _, v := range []*int64{&m.size, &m.packed, &m.offset} {
				if *v != 1<<32-1 {
					continue
				}
				if len(field) < 8 {
					return errZip
				}
				*v, field = int64(binary.LittleEndian.Uint64(field)&(1<<63-1)), field[8:]
			}
		}
		extra = extra[n:]
	}
	return nil
}

func (m *zipMember) inflate(packed []byte) ([]byte, error) {
	content := packed
	switch m.method {
	case 0:
	case 8:
		var err error
		if content, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxMetadata+1)); err != nil {
			return nil, fmt.Errorf("%w: inflating METADATA: %w", errZip, err)
		}
	default:
		return nil, errNoRanges // another method is read by opening the wheel
	}
	if int64(len(content)) != m.size || crc32.ChecksumIEEE(content) != m.crc {
		return nil, fmt.Errorf("%w: METADATA is damaged", errZip)
	}
	return content, nil
}
