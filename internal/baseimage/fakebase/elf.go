package fakebase

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

// ELF describes a 64-bit little-endian shared object of headers only: what a dynamic linker
// and layerpack read of it is there, code and data are not.
type ELF struct {
	Machine elf.Machine
	// Interp is the program interpreter (PT_INTERP), empty for a library.
	Interp string
	Soname string
	Needed []string // DT_NEEDED, in order
	// Runpath is DT_RUNPATH; several folders are separated by colons.
	Runpath string
	// Defines are the symbol versions it defines; the first is the file's own name, as linkers write it.
	Defines []string
	// Requires are the symbol versions it needs of other libraries.
	Requires []Requirement
}

// Requirement is what an [ELF] needs of one library.
type Requirement struct {
	File     string   // "libc.so.6"
	Versions []string // "GLIBC_2.17"
}

const (
	headerSize, programSize, sectionSize = 64, 56, 64
	baseVersion                          = 1 // VER_FLG_BASE
)

// Bytes writes the file. All of it is one PT_LOAD segment whose addresses are its offsets.
func (e ELF) Bytes() []byte {
	s := &sections{strings: []byte{0}}
	s.buf.Write(make([]byte, headerSize+4*programSize)) // filled in below
	s.add(".none", elf.SHT_NULL, nil, 0, 0)
	if e.Interp != "" {
		s.add(".interp", elf.SHT_PROGBITS, append([]byte(e.Interp), 0), 0, 0)
	}
	var dyn []uint64
	tag := func(t elf.DynTag, v uint64) { dyn = append(dyn, uint64(t), v) }
	for _, n := range e.Needed {
		tag(elf.DT_NEEDED, uint64(s.str(n)))
	}
	if e.Soname != "" {
		tag(elf.DT_SONAME, uint64(s.str(e.Soname)))
	}
	if e.Runpath != "" {
		tag(elf.DT_RUNPATH, uint64(s.str(e.Runpath)))
	}
	defs, needs := e.definitions(s), e.requirements(s)
	names := s.add(".dynstr", elf.SHT_STRTAB, s.strings, 0, 0)
	tag(elf.DT_STRTAB, s.at[names].Off)
	tag(elf.DT_STRSZ, uint64(len(s.strings)))
	symbols := s.add(".dynsym", elf.SHT_DYNSYM, make([]byte, 24), uint32(names), 24)
	s.add(".gnu.version", elf.SHT_GNU_VERSYM, make([]byte, 2), uint32(symbols), 2)
	if len(e.Defines) > 0 {
		i := s.add(".gnu.version_d", elf.SHT_GNU_VERDEF, defs, uint32(names), 0)
		tag(elf.DT_VERDEF, s.at[i].Off)
		tag(elf.DT_VERDEFNUM, uint64(len(e.Defines)))
	}
	if len(e.Requires) > 0 {
		i := s.add(".gnu.version_r", elf.SHT_GNU_VERNEED, needs, uint32(names), 0)
		tag(elf.DT_VERNEED, s.at[i].Off)
		tag(elf.DT_VERNEEDNUM, uint64(len(e.Requires)))
	}
	tag(elf.DT_NULL, 0)
	dynamic := s.add(".dynamic", elf.SHT_DYNAMIC, little(dyn), uint32(names), 16)
	return e.finish(s, dynamic)
}

// definitions is the content of .gnu.version_d (LSB, "Symbol Versioning").
func (e ELF) definitions(s *sections) []byte {
	var b bytes.Buffer
	for i, name := range e.Defines {
		flags, next := uint16(0), uint32(28)
		if i == 0 {
			flags = baseVersion
		}
		if i == len(e.Defines)-1 {
			next = 0
		}
		b.Write(little([]uint16{1, flags, uint16(i + 1), 1}))
		b.Write(little([]uint32{hash(name), 20, next, s.str(name), 0}))
	}
	return b.Bytes()
}

// requirements is the content of .gnu.version_r.
func (e ELF) requirements(s *sections) []byte {
	var b bytes.Buffer
	index := uint16(len(e.Defines) + 2)
	for i, r := range e.Requires {
		next := uint32(16 + 16*len(r.Versions))
		if i == len(e.Requires)-1 {
			next = 0
		}
		b.Write(little([]uint16{1, uint16(len(r.Versions))}))
		b.Write(little([]uint32{s.str(r.File), 16, next}))
		for j, v := range r.Versions {
			next := uint32(16)
			if j == len(r.Versions)-1 {
				next = 0
			}
			b.Write(little(hash(v)))
			b.Write(little([]uint16{0, index}))
			b.Write(little([]uint32{s.str(v), next}))
			index++
		}
	}
	return b.Bytes()
}

// finish adds the section table and fills in the headers at the start.
func (e ELF) finish(s *sections, dynamic int) []byte {
	var labels []byte
	for i := range s.at {
		s.at[i].Name = uint32(len(labels))
		labels = append(append(labels, s.names[i]...), 0)
	}
	s.at = append(s.at, elf.Section64{Name: uint32(len(labels)), Type: uint32(elf.SHT_STRTAB), Off: uint64(s.buf.Len()), Addralign: 1})
	labels = append(labels, ".shstrtab\x00"...)
	s.at[len(s.at)-1].Size = uint64(len(labels))
	s.buf.Write(labels)
	s.pad()
	table := uint64(s.buf.Len())
	s.buf.Write(little(s.at))
	out := s.buf.Bytes()
	size := uint64(len(out))

	segments := []elf.Prog64{{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R), Filesz: size, Memsz: size, Align: 0x1000}}
	if e.Interp != "" {
		in := s.at[1]
		segments = append(segments, elf.Prog64{Type: uint32(elf.PT_INTERP), Flags: uint32(elf.PF_R), Off: in.Off, Vaddr: in.Off, Filesz: in.Size, Memsz: in.Size, Align: 1})
	}
	d := s.at[dynamic]
	segments = append(segments, elf.Prog64{Type: uint32(elf.PT_DYNAMIC), Flags: uint32(elf.PF_R), Off: d.Off, Vaddr: d.Off, Filesz: d.Size, Memsz: d.Size, Align: 8})
	copy(out[headerSize:], little(segments))
	copy(out, little(elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_DYN), Machine: uint16(e.Machine), Version: uint32(elf.EV_CURRENT),
		Phoff: headerSize, Shoff: table, Ehsize: headerSize, Phentsize: programSize, Phnum: uint16(len(segments)),
		Shentsize: sectionSize, Shnum: uint16(len(s.at)), Shstrndx: uint16(len(s.at) - 1),
	}))
	return out
}

// sections collects the parts of the file in order.
type sections struct {
	buf     bytes.Buffer
	at      []elf.Section64
	names   []string
	strings []byte // .dynstr
}

func (s *sections) add(name string, kind elf.SectionType, content []byte, link uint32, entry uint64) int {
	s.pad()
	off := uint64(s.buf.Len())
	s.buf.Write(content)
	h := elf.Section64{Type: uint32(kind), Link: link, Entsize: entry}
	if kind != elf.SHT_NULL {
		h.Flags, h.Addr, h.Off, h.Size, h.Addralign = uint64(elf.SHF_ALLOC), off, off, uint64(len(content)), 8
	}
	s.at, s.names = append(s.at, h), append(s.names, name)
	return len(s.at) - 1
}

func (s *sections) pad() { s.buf.Write(make([]byte, -s.buf.Len()&7)) }

func (s *sections) str(v string) uint32 {
	at := len(s.strings)
	s.strings = append(append(s.strings, v...), 0)
	return uint32(at)
}

// little is the little-endian form of fixed-size values.
func little(v any) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, v) // cannot fail: fixed size, into memory
	return b.Bytes()
}

// hash is the ELF hash of a name (System V ABI, "Hash Table").
func hash(name string) uint32 {
	var h uint32
	for _, c := range []byte(name) {
		h = h<<4 + uint32(c)
		h ^= h >> 24 & 0xf0
	}
	return h & 0x0fffffff
}
