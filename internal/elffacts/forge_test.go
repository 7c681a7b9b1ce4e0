package elffacts_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/layerpack/layerpack/internal/elffacts"
)

// forge is an ELF file to be written: class, byte order and contents, with the tables at the
// places that the fields name.
type forge struct {
	wide    bool
	order   order
	machine uint16
	kind    uint16 // e_type
	interp  string
	dynamic []entry
	strings []byte
	verneed []byte
	gap     int // bytes between the program headers and the tables
}

// order is a byte order; the two of encoding/binary have both halves.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

type entry struct{ tag, value uint64 }

// str puts a string into the string table and returns its offset.
func (f *forge) str(s string) uint64 {
	if len(f.strings) == 0 {
		f.strings = []byte{0}
	}
	off := len(f.strings)
	f.strings = append(append(f.strings, s...), 0)
	return uint64(off)
}

func (f *forge) add(tag uint64, s string) { f.dynamic = append(f.dynamic, entry{tag, f.str(s)}) }

// needs appends a library with needed versions; a version that begins "?" is weak. last ends the list.
func (f *forge) needs(lib string, last bool, versions ...string) {
	u16 := func(v int) { f.verneed = f.order.AppendUint16(f.verneed, uint16(v)) }
	u32 := func(v uint64) { f.verneed = f.order.AppendUint32(f.verneed, uint32(v)) }
	u16(1)
	u16(len(versions))
	u32(f.str(lib))
	u32(16)
	if last {
		u32(0)
	} else {
		u32(uint64(16 + 16*len(versions)))
	}
	for i, v := range versions {
		flags := 0
		if v[0] == '?' {
			v, flags = v[1:], 2
		}
		u32(0)
		u16(flags)
		u16(i + 2)
		u32(f.str(v))
		if i == len(versions)-1 {
			u32(0)
		} else {
			u32(16)
		}
	}
}

// bytes writes the file: header, program headers, interpreter, gap, dynamic segment, strings, versions. Addresses are
// file offsets plus base.
func (f *forge) bytes(libraries int) []byte {
	const base = 0x10000
	header, ph, word := 52, 32, 4
	if f.wide {
		header, ph, word = 64, 56, 8
	}
	n := 3
	interpAt := header + n*ph
	dynAt := interpAt + len(f.interp) + 1 + f.gap
	entries := len(f.dynamic) + 5
	strAt := dynAt + entries*2*word
	verAt := strAt + len(f.strings)
	dynamic := append(append([]entry{}, f.dynamic...), entry{5, uint64(base + strAt)}, entry{10, uint64(len(f.strings))},
		entry{0x6ffffffe, uint64(base + verAt)}, entry{0x6fffffff, uint64(libraries)}, entry{})
	size := verAt + len(f.verneed)

	var b bytes.Buffer
	u16 := func(v int) { b.Write(f.order.AppendUint16(nil, uint16(v))) }
	u32 := func(v int) { b.Write(f.order.AppendUint32(nil, uint32(v))) }
	addr := func(v uint64) {
		if f.wide {
			b.Write(f.order.AppendUint64(nil, v))
		} else {
			b.Write(f.order.AppendUint32(nil, uint32(v)))
		}
	}
	b.WriteString("\x7fELF")
	b.WriteByte(map[bool]byte{false: 1, true: 2}[f.wide])
	b.WriteByte(map[bool]byte{false: 2, true: 1}[f.order == binary.LittleEndian])
	b.Write(make([]byte, 10))
	b.Bytes()[6] = 1
	u16(int(f.kind))
	u16(int(f.machine))
	u32(1)
	addr(0)
	addr(uint64(header))
	addr(0)
	u32(0)
	u16(header)
	u16(ph)
	u16(n)
	u16(0)
	u16(0)
	u16(0)
	segment := func(kind, off, size int) {
		u32(kind)
		if f.wide {
			u32(4)
		}
		addr(uint64(off))
		addr(uint64(base + off))
		addr(uint64(base + off))
		addr(uint64(size))
		addr(uint64(size))
		if !f.wide {
			u32(4)
		}
		addr(0)
	}
	segment(1, 0, size)
	segment(2, dynAt, entries*2*word)
	if f.interp != "" {
		segment(3, interpAt, len(f.interp)+1)
	} else {
		segment(4, 0, 0)
	}
	b.WriteString(f.interp)
	b.Write(make([]byte, 1+f.gap))
	for _, e := range dynamic {
		addr(e.tag)
		addr(e.value)
	}
	b.Write(f.strings)
	b.Write(f.verneed)
	return b.Bytes()
}

// opener counts how often the file is opened and whether each was closed.
type opener struct {
	b             []byte
	opens, closes int
}

func (o *opener) open() (io.ReadCloser, error) {
	o.opens++
	return struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(o.b), closer(func() { o.closes++ })}, nil
}

type closer func()

func (c closer) Close() error { c(); return nil }

func read(t *testing.T, b []byte) *elffacts.Facts {
	t.Helper()
	o := &opener{b: b}
	f, err := elffacts.Read(o.open, int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if o.opens != o.closes {
		t.Errorf("opened %d times, closed %d times", o.opens, o.closes)
	}
	return f
}
