package strictzip

import (
	"bytes"
	"strings"
	"testing"
)

// TestAccepted has what is odd but tells every reader the same.
func TestAccepted(t *testing.T) {
	zip64Sizes := func(e *forged) {
		sizes := field(1, u64(e.size), u64(e.compressed))
		e.extra, e.localExtra = sizes, sizes
		e.central = func(b []byte) { put32(b[20:], saturated32); put32(b[24:], saturated32) }
		e.local = func(b []byte) { put32(b[18:], saturated32); put32(b[22:], saturated32) }
	}
	for _, tc := range []struct {
		name string
		f    func(f *forge)
	}{
		{"empty archive", func(f *forge) { f.files = nil }},
		{"comment", func(f *forge) { f.comment = "made by hand\n" }},
		{"longest comment", func(f *forge) { f.comment = strings.Repeat("c", 0xffff) }},
		{"entry comment", spoil(0, func(e *forged) { e.comment = []byte("PK\x05\x06") })},
		{"other extra", extraBoth(field(0x5455, []byte{1, 2, 3, 4, 5}))},
		{"Unicode path that repeats", extraBoth(field(0x7075, []byte{1}, u32(0), []byte("a.txt")))},
		{"levels differ", withLevel},
		{"UTF-8 name", renamed("é/ü.txt")},
		{"longest component", renamed(strings.Repeat("x", 255))},
		{"colon", renamed("ab:c")},
		{"mode 0", withMode(0, 0)},
		{"setuid is dropped", withMode(0, 0o104755)},
		{"deflated folder", spoil(2, func(e *forged) { e.method, e.raw, e.compressed = Deflate, []byte("\x03\x00"), 2 })},
		{"folder without mode", withMode(2, 0)},
		{"case differs", func(f *forge) { f.files = append(f.files, newForged("A.txt", Stored, "A")) }},
		{"descriptor", spoil(0, func(e *forged) { e.late(e.descriptor()) })},
		{"descriptor without signature", spoil(0, func(e *forged) { e.late(e.descriptor()[4:]) })},
		{"descriptor of a stored, empty file", spoil(1, func(e *forged) {
			e.raw, e.size, e.compressed, e.crc = nil, 0, 0, 0
			e.late(e.descriptor())
		})},
		{"descriptor that is also in the header", spoil(0, func(e *forged) { e.late(e.descriptor()); e.local = nil })},
		{"wide descriptor", spoil(0, func(e *forged) {
			e.late(bytes.Join([][]byte{e.descriptor()[:8], u64(e.compressed), u64(e.size)}, nil))
			e.localExtra = field(1, u64(0), u64(0))
			e.local = func(b []byte) { clear(b[14:18]); put32(b[18:], saturated32); put32(b[22:], saturated32) }
		})},
		{"ZIP64 end, not needed", func(f *forge) { f.zip64 = true }},
		{"ZIP64 end", func(f *forge) {
			f.zip64 = true
			f.end = func(b []byte) { put32(b[8:], saturated32); put64(b[12:], 1<<64-1) }
		}},
		{"ZIP64 sizes", spoil(0, zip64Sizes)},
		{"ZIP64 offset", spoil(1, func(e *forged) {
			e.extra = field(1, u64(30+5+uint64(len(good().files[0].raw))))
			e.central = func(b []byte) { put32(b[42:], saturated32) }
		})},
		{"local ZIP64 sizes alone", spoil(0, func(e *forged) {
			zip64Sizes(e)
			e.extra, e.central = nil, nil
		})},
		{"local ZIP64 field that repeats", spoil(0, func(e *forged) { e.localExtra = field(1, u64(e.size), u64(e.compressed)) })},
	} {
		z := good()
		tc.f(z)
		if _, err := readAll(z.bytes(), Limits{}); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		sameAsStandard(t, z.bytes())
	}
}

func withLevel(f *forge) { f.files[0].local = func(b []byte) { put16(b[6:], 1<<1) } }

func TestExecutable(t *testing.T) {
	for mode, want := range map[uint32]bool{0: false, 0o644: false, 0o755: true, 0o100644: false, 0o100755: true, 0o100010: true, 0o100777: true} {
		for _, creator := range []byte{0, 3, 19} {
			z := good()
			z.files[0].mode = mode
			z.files[0].central = func(b []byte) { b[5] = creator }
			b := z.bytes()
			a, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := a.Lookup("a.txt"); !ok || e.Executable != want {
				t.Errorf("mode %#o by creator %d: %v", mode, creator, e.Executable)
			}
		}
	}
}

// TestOrder lists the directory in another order than the file.
func TestOrder(t *testing.T) {
	z := good()
	b := z.bytes()
	dir := bytes.Index(b, []byte("PK\x01\x02"))
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	second := dir + 1 + bytes.Index(b[dir+1:], []byte("PK\x01\x02"))
	swapped := append(append(append([]byte{}, b[second:end]...), b[dir:second]...), b[end:]...)
	b = append(b[:dir:dir], swapped...)
	a, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range a.Entries() {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "pkg/b.bin pkg/c.zst a.txt" {
		t.Error(got)
	}
	sameAsStandard(t, b)
}
