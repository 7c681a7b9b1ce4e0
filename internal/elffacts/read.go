package elffacts

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Read returns the facts of a file of size bytes, or nil when it is no ELF file. open gives its
// bytes from the start; it may be called more than once, and what it gave is closed before Read
// returns.
//
// An error is one of reading. An ELF file that is cut or makes no sense is no error, since data
// may look like that too: it has facts that say so in Broken.
func Read(open func() (io.ReadCloser, error), size int64) (*Facts, error) {
	if size < 0 {
		return nil, fmt.Errorf("a file of %d bytes", size)
	}
	s := &source{open: open, size: uint64(size)}
	f, err := read(s)
	if err = errors.Join(err, s.close()); err != nil {
		return nil, err
	}
	return f, nil
}

// ReadBytes is Read for a file that is in memory as a whole.
func ReadBytes(content []byte) (*Facts, error) {
	if len(content) < len(magic) || string(content[:len(magic)]) != magic {
		return nil, nil
	}
	return parse(&source{head: content, size: uint64(len(content))})
}

func read(s *source) (*Facts, error) {
	if is, err := s.magic(); err != nil || !is {
		return nil, err
	}
	return parse(s)
}

func parse(s *source) (*Facts, error) {
	f := &file{source: s}
	err := f.parse()
	var broken errBroken
	if errors.As(err, &broken) {
		f.facts.Broken = string(broken)
		err = nil
	}
	facts := f.facts // not a part of f, which holds megabytes of the file
	return &facts, err
}

// file is an ELF file that is being read.
type file struct {
	*source
	order    binary.ByteOrder
	wide     bool // 64-bit
	facts    Facts
	segments []segment
}

type segment struct {
	kind                  elf.ProgType
	offset, address, size uint64 // size in the file
}

func (f *file) parse() error {
	if err := f.header(); err != nil {
		return err
	}
	if !f.facts.Loadable() {
		return nil
	}
	interp, dynamic := f.find(elf.PT_INTERP), f.find(elf.PT_DYNAMIC)
	// The order in which they lie in the file, to go forward.
	if interp != nil && (dynamic == nil || interp.offset < dynamic.offset) {
		if err := f.readInterp(interp); err != nil {
			return err
		}
		interp = nil
	}
	var t *table
	if dynamic != nil {
		var err error
		if t, err = f.readDynamic(dynamic); err != nil {
			return err
		}
	}
	if interp != nil {
		if err := f.readInterp(interp); err != nil {
			return err
		}
	}
	if t == nil {
		return nil
	}
	return f.resolve(t)
}

// header reads the ELF header and the program headers.
func (f *file) header() error {
	h, err := f.at(0, 64)
	if err != nil {
		return err
	}
	if len(h) < 20 {
		return errBroken("it ends within its header")
	}
	class, data := elf.Class(h[elf.EI_CLASS]), elf.Data(h[elf.EI_DATA])
	f.order, f.wide = binary.LittleEndian, class == elf.ELFCLASS64
	if f.facts.BigEndian = data == elf.ELFDATA2MSB; f.facts.BigEndian {
		f.order = binary.BigEndian
	}
	f.facts.Class = 32
	if f.wide {
		f.facts.Class = 64
	}
	f.facts.Machine = machine(elf.Machine(f.order.Uint16(h[18:])), f.wide, f.facts.BigEndian)
	f.facts.Type = typeName(elf.Type(f.order.Uint16(h[16:])))
	if class != elf.ELFCLASS32 && class != elf.ELFCLASS64 || data != elf.ELFDATA2LSB && data != elf.ELFDATA2MSB {
		return errBroken("its header names no known class or byte order")
	}
	if !f.facts.Loadable() {
		return nil
	}
	if len(h) < 52 || f.wide && len(h) < 64 {
		return errBroken("it ends within its header")
	}
	offset, step, n, want := uint64(f.order.Uint32(h[28:])), f.order.Uint16(h[42:]), int(f.order.Uint16(h[44:])), uint16(32)
	if f.wide {
		offset, step, n, want = f.order.Uint64(h[32:]), f.order.Uint16(h[54:]), int(f.order.Uint16(h[56:])), 56
	}
	switch {
	case n == 0:
		return nil
	case n > 512:
		return errBroken(fmt.Sprintf("it has %d program headers; 512 are read", n))
	case step != want:
		return errBroken(fmt.Sprintf("its program headers have %d bytes each, not %d", step, want))
	}
	return f.programHeaders(offset, int(step), n)
}

func (f *file) programHeaders(offset uint64, step, n int) error {
	b, err := f.at(offset, step*n)
	if err != nil {
		return err
	}
	if len(b) < step*n {
		return errBroken("its program headers lie outside of it")
	}
	for p := b; len(p) >= step; p = p[step:] {
		s := segment{kind: elf.ProgType(f.order.Uint32(p))}
		if f.wide {
			s.offset, s.address, s.size = f.order.Uint64(p[8:]), f.order.Uint64(p[16:]), f.order.Uint64(p[32:])
		} else {
			s.offset, s.address, s.size = uint64(f.order.Uint32(p[4:])), uint64(f.order.Uint32(p[8:])), uint64(f.order.Uint32(p[16:]))
		}
		f.segments = append(f.segments, s)
	}
	return nil
}

func (f *file) find(kind elf.ProgType) *segment {
	for i := range f.segments {
		if f.segments[i].kind == kind {
			return &f.segments[i]
		}
	}
	return nil
}

func (f *file) readInterp(s *segment) error {
	b, err := f.at(s.offset, int(min(s.size, maxName)))
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(string(b), "\x00")
	f.facts.Interp = strings.ToValidUTF8(name, "\uFFFD")
	return nil
}

func typeName(t elf.Type) string {
	switch t {
	case elf.ET_REL:
		return Relocatable
	case elf.ET_EXEC:
		return Executable
	case elf.ET_DYN:
		return Shared
	case elf.ET_CORE:
		return Core
	}
	return strconv.Itoa(int(t))
}
