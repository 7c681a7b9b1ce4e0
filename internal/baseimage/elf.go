package baseimage

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strconv"
	"strings"
)

// object is what is known of an executable or a library.
type object struct {
	elf     bool // false: a script or anything else
	machine elf.Machine
	bits    int    // 32 or 64
	little  bool   // byte order
	interp  string // PT_INTERP, the dynamic linker; empty in static programs and libraries
	glibc   [2]int // highest GLIBC_x.y that it defines; zero if it is no glibc
	musl    [2]int
}

// image gives bounds-checked access to an ELF file (System V ABI, "Object Files"). It follows the
// program headers and the dynamic segment, as the dynamic linker does, so that files without
// section headers are understood too, and trusts no number in it.
type image struct {
	b     []byte
	order binary.ByteOrder
	wide  bool // 64-bit
}

// parseObject reads b, which may be the beginning of a file only. Whatever is not ELF, or broken, gives
// an object of which less is known. isMusl makes it look for musl's version, which has no place of its own.
func parseObject(b []byte, isMusl bool) *object {
	o := &object{}
	if len(b) < 20 || !bytes.HasPrefix(b, []byte(elf.ELFMAG)) {
		return o
	}
	m := image{b: b, wide: b[elf.EI_CLASS] == byte(elf.ELFCLASS64), order: binary.LittleEndian}
	o.little = b[elf.EI_DATA] != byte(elf.ELFDATA2MSB)
	if !o.little {
		m.order = binary.BigEndian
	}
	o.elf, o.bits, o.machine = true, 32, elf.Machine(m.order.Uint16(b[18:]))
	if m.wide {
		o.bits = 64
	}
	segments := m.segments()
	for _, s := range segments {
		switch elf.ProgType(s.kind) {
		case elf.PT_INTERP:
			o.interp = cString(m.slice(s.offset, min(s.size, 4096)))
		case elf.PT_DYNAMIC:
			o.glibc = m.glibc(segments, m.slice(s.offset, s.size))
		}
	}
	if isMusl {
		o.musl = muslVersion(b)
	}
	return o
}

type segment struct {
	kind                  uint32
	offset, address, size uint64
}

func (m image) segments() []segment {
	var table uint64
	var step, n int
	if m.wide {
		table, step, n = m.word(32), int(m.half(54)), int(m.half(56))
	} else {
		table, step, n = m.word(28), int(m.half(42)), int(m.half(44))
	}
	var out []segment
	for i := range uint64(min(n, 256)) {
		p := m.slice(table+i*uint64(step), uint64(step))
		switch {
		case m.wide && len(p) >= 40:
			out = append(out, segment{m.order.Uint32(p), m.order.Uint64(p[8:]), m.order.Uint64(p[16:]), m.order.Uint64(p[32:])})
		case !m.wide && len(p) >= 20:
			out = append(out, segment{m.order.Uint32(p), uint64(m.order.Uint32(p[4:])), uint64(m.order.Uint32(p[8:])), uint64(m.order.Uint32(p[16:]))})
		}
	}
	return out
}

// glibc is the highest plain GLIBC_x.y among the versions that the file defines (LSB, "Symbol
// Versioning"); GLIBC_PRIVATE and the like say nothing.
func (m image) glibc(segments []segment, dynamic []byte) [2]int {
	tags := map[elf.DynTag]uint64{}
	size := 8
	if m.wide {
		size = 16
	}
	for ; len(dynamic) >= size; dynamic = dynamic[size:] {
		var tag elf.DynTag
		var value uint64
		if m.wide {
			tag, value = elf.DynTag(m.order.Uint64(dynamic)), m.order.Uint64(dynamic[8:])
		} else {
			tag, value = elf.DynTag(m.order.Uint32(dynamic)), uint64(m.order.Uint32(dynamic[4:]))
		}
		if tag == elf.DT_NULL {
			break
		}
		if len(tags) < 256 {
			tags[tag] = value
		}
	}
	names := m.slice(offsetOf(segments, tags[elf.DT_STRTAB]), tags[elf.DT_STRSZ])
	best := [2]int{}
	at := offsetOf(segments, tags[elf.DT_VERDEF])
	for range min(tags[elf.DT_VERDEFNUM], 4096) {
		def := m.slice(at, 20)
		if len(def) < 20 {
			break
		}
		aux := m.slice(at+uint64(m.order.Uint32(def[12:])), 8)
		if len(aux) == 8 {
			if i := uint64(m.order.Uint32(aux)); i < uint64(len(names)) {
				if v, ok := glibcVersion(cString(names[i:])); ok && (v[0] > best[0] || v[0] == best[0] && v[1] > best[1]) {
					best = v
				}
			}
		}
		next := uint64(m.order.Uint32(def[16:]))
		if next == 0 {
			break
		}
		at += next
	}
	return best
}

// glibcVersion reads "GLIBC_2.36"; "GLIBC_2.2.5" counts as 2.2.
func glibcVersion(name string) ([2]int, bool) {
	v, ok := strings.CutPrefix(name, "GLIBC_")
	if !ok {
		return [2]int{}, false
	}
	return majorMinor(v)
}

func majorMinor(v string) ([2]int, bool) {
	parts := strings.Split(v, ".")
	if len(parts) < 2 {
		return [2]int{}, false
	}
	major, err1 := strconv.ParseUint(parts[0], 10, 15)
	minor, err2 := strconv.ParseUint(parts[1], 10, 15)
	return [2]int{int(major), int(minor)}, err1 == nil && err2 == nil
}

func offsetOf(segments []segment, address uint64) uint64 {
	for _, s := range segments {
		if elf.ProgType(s.kind) == elf.PT_LOAD && address >= s.address && address-s.address < s.size {
			return address - s.address + s.offset
		}
	}
	return 1 << 63 // nowhere
}

// slice is n bytes at offset, or as many as there are.
func (m image) slice(offset, n uint64) []byte {
	if offset >= uint64(len(m.b)) {
		return nil
	}
	return m.b[offset : offset+min(n, uint64(len(m.b))-offset)]
}

func (m image) half(at uint64) uint16 {
	if b := m.slice(at, 2); len(b) == 2 {
		return m.order.Uint16(b)
	}
	return 0
}

// word is an address-sized number.
func (m image) word(at uint64) uint64 {
	if b := m.slice(at, 8); m.wide && len(b) == 8 {
		return m.order.Uint64(b)
	}
	if b := m.slice(at, 4); !m.wide && len(b) == 4 {
		return uint64(m.order.Uint32(b))
	}
	return 0
}

func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// muslVersion finds musl's version among its constants, "1.2.5" between two NULs: the linker
// prints it ("Version %s"), no symbol or note has it. Several different ones say nothing.
func muslVersion(b []byte) [2]int {
	var found [2]int
	for rest := b; ; {
		i := bytes.Index(rest, []byte("\x001."))
		if i < 0 {
			return found
		}
		rest = rest[i+1:]
		end := bytes.IndexByte(rest[:min(len(rest), 24)], 0)
		if end < 0 {
			continue
		}
		v := string(rest[:end])
		if strings.Count(v, ".") != 2 || strings.Trim(v, "0123456789.") != "" {
			continue
		}
		mm, ok := majorMinor(v)
		if !ok {
			continue
		}
		if found != [2]int{} && found != mm {
			return [2]int{}
		}
		found = mm
	}
}
