package baseimage

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
)

func TestParseObject(t *testing.T) {
	lib := fakebase.ELF{Machine: elf.EM_AARCH64, Soname: "libc.so.6", Defines: []string{"libc.so.6", "GLIBC_2.17", "GLIBC_2.36", "GLIBC_2.4", "GLIBC_2.2.5", "GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR"}}
	prog := fakebase.ELF{Machine: elf.EM_X86_64, Interp: "/lib64/ld-linux-x86-64.so.2"}
	for name, c := range map[string]struct {
		in   []byte
		want object
	}{
		"library":    {lib.Bytes(), object{elf: true, machine: elf.EM_AARCH64, bits: 64, little: true, glibc: [2]int{2, 36}}},
		"program":    {prog.Bytes(), object{elf: true, machine: elf.EM_X86_64, bits: 64, little: true, interp: "/lib64/ld-linux-x86-64.so.2"}},
		"its head":   {prog.Bytes()[:400], object{elf: true, machine: elf.EM_X86_64, bits: 64, little: true, interp: "/lib64/ld-linux-x86-64.so.2"}},
		"32-bit BE":  {big32("/lib/ld.so.1"), object{elf: true, machine: elf.EM_MIPS, bits: 32, interp: "/lib/ld.so.1"}},
		"script":     {[]byte("#!/bin/sh\nexec something long enough\n"), object{}},
		"cut header": {prog.Bytes()[:18], object{}},
		"empty":      {nil, object{}},
	} {
		if got := *parseObject(c.in, false); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// The sections that debug/elf reads and the segments that we read agree.
func TestGlibcAsDebugELFSeesIt(t *testing.T) {
	b, err := fakebase.New("amd64")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(t.Context(), b.Config, testBase{tars: b.Tars}.layers())
	if err != nil || p.Libc.Minor != 36 {
		t.Fatalf("libc %+v, %v", p.Libc, err)
	}
	lib := fakebase.ELF{Machine: elf.EM_X86_64, Defines: []string{"x", "GLIBC_2.41", "GLIBC_2.5"}}.Bytes()
	f, err := elf.NewFile(bytes.NewReader(lib))
	if err != nil {
		t.Fatal(err)
	}
	versions, err := f.DynamicVersions()
	if err != nil || len(versions) != 3 || versions[1].Name != "GLIBC_2.41" {
		t.Fatalf("debug/elf sees %v, %v", versions, err)
	}
	if o := parseObject(lib, false); o.glibc != [2]int{2, 41} {
		t.Errorf("we see %v", o.glibc)
	}
}

// big32 is a 32-bit big-endian program of one segment.
func big32(interp string) []byte {
	h := elf.Header32{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS32), byte(elf.ELFDATA2MSB), 1},
		Type:  uint16(elf.ET_EXEC), Machine: uint16(elf.EM_MIPS), Version: 1, Phoff: 52, Ehsize: 52, Phentsize: 32, Phnum: 1,
	}
	ph := elf.Prog32{Type: uint32(elf.PT_INTERP), Off: 84, Filesz: uint32(len(interp) + 1)}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.BigEndian, h) // into memory
	_ = binary.Write(&b, binary.BigEndian, ph)
	b.WriteString(interp + "\x00")
	return b.Bytes()
}

func TestMuslVersion(t *testing.T) {
	for in, want := range map[string][2]int{
		"x\x001.2.5\x00y": {1, 2}, "x\x001.2.5\x00\x001.2.5\x00": {1, 2}, "\x001.2.5\x00\x001.1.24\x00": {}, "\x001.2\x00": {}, "1.2.5\x00": {}, "\x001.2.5": {}, "\x001..5\x00": {},
	} {
		if got := muslVersion([]byte(in)); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func FuzzObject(f *testing.F) {
	f.Add(fakebase.ELF{Machine: elf.EM_X86_64, Interp: "/ld.so", Defines: []string{"a", "GLIBC_2.36"}, Needed: []string{"b"}}.Bytes())
	f.Add(big32("/lib/ld.so.1"))
	f.Fuzz(func(t *testing.T, in []byte) {
		o := parseObject(in, true)
		if len(o.interp) > len(in) || o.glibc[0] < 0 || o.glibc[0] > 1<<15 || o.glibc[1] < 0 {
			t.Errorf("%+v", o)
		}
	})
}
