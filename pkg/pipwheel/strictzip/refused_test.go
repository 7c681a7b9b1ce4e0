package strictzip

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// badCase spoils the good archive and names the rule that must say so.
type badCase struct {
	name string
	rule Rule
	f    func(f *forge)
}

// spoil runs f on the entry at index i.
func spoil(i int, f func(e *forged)) func(*forge) { return func(z *forge) { f(z.files[i]) } }

// renamed gives entry 0 another name, in both headers.
func renamed(name string) func(*forge) {
	return spoil(0, func(e *forged) { e.name, e.localName, e.flags = name, name, flagUTF8 })
}

func withMode(i int, mode uint32) func(*forge) { return spoil(i, func(e *forged) { e.mode = mode }) }

func withFlags(v uint16) func(*forge) { return spoil(0, func(e *forged) { e.flags |= v }) }

func extraBoth(x []byte) func(*forge) {
	return spoil(0, func(e *forged) { e.extra, e.localExtra = x, x })
}

// both patches entry i's local and central header; their fields of interest lie 4 bytes before or after.
func both(i, central int, v uint32) func(*forge) {
	return spoil(i, func(e *forged) {
		e.central = func(b []byte) { put32(b[central:], v) }
		e.local = func(b []byte) { put32(b[central-2:], v) }
	})
}

func badEnds() []badCase {
	return []badCase{
		{"empty file", NotZip, nil},
		{"no end record", NotZip, func(f *forge) { f.end = func(b []byte) { b[0] = 'Q' } }},
		{"cut comment", NotZip, func(f *forge) { f.end = func(b []byte) { put16(b[20:], 5) } }},
		{"trailer", Trailer, func(f *forge) { f.trailer = "x" }},
		{"trailing NULs", Trailer, func(f *forge) { f.trailer = "\x00\x00" }},
		{"bytes 1 to 8 in the comment", Comment, func(f *forge) { f.comment = "hi\x04" }},
		{"an archive in the comment", Trailer, func(f *forge) { f.comment = string(good().bytes()) + "x" }},
		{"a second archive behind", Prefix, func(f *forge) { f.trailer = string(good().bytes()) }},
		{"prefix", Prefix, func(f *forge) { f.prefix = "#!/bin/sh\n" }},
		{"prefix that offsets count", Prefix, func(f *forge) {
			f.files[0].noCentral = true
		}},
		{"gap before the directory", Gap, func(f *forge) { f.between = []byte("gap") }},
		{"gap between entries", Gap, spoil(0, func(e *forged) { e.after = []byte("gap") })},
		{"entry that the directory lacks", Gap, spoil(1, func(e *forged) { e.noCentral = true })},
		{"last entry that the directory lacks", Gap, spoil(3, func(e *forged) { e.noCentral = true })},
		{"gap behind the directory", Prefix, func(f *forge) { f.tail = []byte("gap") }},
		{"entry that lies nowhere", LocalHeader, spoil(3, func(e *forged) { e.noLocal = true })},
		{"entry that lies in another", Overlap, spoil(3, func(e *forged) {
			e.noLocal, e.central = true, func(b []byte) { put32(b[42:], 0) }
		})},
		{"entry beyond the file", Gap, spoil(3, func(e *forged) { e.central = func(b []byte) { put32(b[42:], 1<<30) } })},
		{"overlap", Overlap, both(0, 20, 200)},
		{"several volumes", Disks, func(f *forge) { f.end = func(b []byte) { put16(b[4:], 1) } }},
		{"directory on another volume", Disks, func(f *forge) { f.end = func(b []byte) { put16(b[6:], 1) } }},
		{"entry on another volume", Disks, spoil(0, func(e *forged) { e.central = func(b []byte) { put16(b[34:], 1) } })},
		{"counts of the end record", Count, func(f *forge) { f.end = func(b []byte) { put16(b[8:], 3) } }},
		{"too low a count", Count, func(f *forge) { f.end = func(b []byte) { put16(b[8:], 3); put16(b[10:], 3) } }},
		{"too high a count", Count, func(f *forge) { f.end = func(b []byte) { put16(b[8:], 5); put16(b[10:], 5) } }},
		{"absurd count", Count, func(f *forge) { f.end = func(b []byte) { put16(b[8:], 9999); put16(b[10:], 9999) } }},
		{"directory of size 0", Prefix, func(f *forge) { f.end = func(b []byte) { put32(b[12:], 0) } }},
		{"directory too large", Directory, func(f *forge) { f.end = func(b []byte) { put32(b[12:], 1<<20) } }},
		{"directory signature", Directory, spoil(0, func(e *forged) { e.central = func(b []byte) { b[3] = 9 } })},
		{"directory name too long", Directory, spoil(3, func(e *forged) { e.central = func(b []byte) { put16(b[28:], 999) } })},
		{"directory entry swallowing the next", Count, spoil(2, func(e *forged) {
			e.central = func(b []byte) { put16(b[32:], 46+9) }
		})},
	}
}

func badZip64() []badCase {
	end64 := func(p func(b []byte)) func(f *forge) {
		return func(f *forge) { f.zip64, f.end64 = true, p }
	}
	return []badCase{
		{"sizes left to no ZIP64 end", Zip64End, func(f *forge) { f.end = func(b []byte) { put32(b[16:], saturated32) } }},
		{"ZIP64 end signature", Zip64End, end64(func(b []byte) { b[0] = 'Q' })},
		{"ZIP64 end elsewhere", Zip64End, end64(func(b []byte) { put64(b[64:], 1) })},
		{"extensible data", Zip64End, end64(func(b []byte) { put64(b[4:], 54) })},
		{"ZIP64 end disagrees on count", Zip64End, end64(func(b []byte) { put64(b[24:], 3); put64(b[32:], 3) })},
		{"ZIP64 end disagrees on size", Zip64End, end64(func(b []byte) { put64(b[40:], 3) })},
		{"ZIP64 end disagrees on offset", Zip64End, end64(func(b []byte) { put64(b[48:], 3) })},
		{"ZIP64 counts", Count, end64(func(b []byte) { put64(b[24:], 3) })},
		{"ZIP64 volumes", Disks, end64(func(b []byte) { put32(b[72:], 2) })},
		{"ZIP64 end on another volume", Disks, end64(func(b []byte) { put32(b[16:], 1) })},
		{"ZIP64 directory beyond the file", Directory, func(f *forge) {
			f.zip64, f.end64 = true, func(b []byte) { put64(b[48:], 1<<62) }
			f.end = func(b []byte) { put32(b[16:], saturated32) }
		}},
		{"locator alone", Zip64End, func(f *forge) { f.tail = append([]byte("PK\x06\x07"), make([]byte, 16)...) }},
		{"size left to no extra", Zip64Extra, both(0, 24, saturated32)},
		{"extra with nothing left to it", Zip64Extra, spoil(0, func(e *forged) { e.extra = field(1, u64(5)) })},
		{"empty extra", Zip64Extra, spoil(0, func(e *forged) { e.extra = field(1) })},
		{"extra too long", Zip64Extra, spoil(0, func(e *forged) {
			e.extra, e.central = field(1, u64(e.size), u64(1)), func(b []byte) { put32(b[24:], saturated32) }
		})},
		{"two ZIP64 extras", Zip64Extra, spoil(0, func(e *forged) {
			e.extra, e.central = append(field(1, u64(e.size)), field(1, u64(e.size))...), func(b []byte) { put32(b[24:], saturated32) }
		})},
		{"local extra of one size", Zip64Extra, spoil(0, func(e *forged) { e.localExtra = field(1, u64(e.size)) })},
		{"local extra with other sizes", Zip64Extra, spoil(0, func(e *forged) { e.localExtra = field(1, u64(e.size), u64(1)) })},
		{"local extra with one size left to it", Zip64Extra, spoil(0, func(e *forged) {
			e.localExtra, e.local = field(1, u64(e.size), u64(e.compressed)), func(b []byte) { put32(b[22:], saturated32) }
		})},
		{"local extra disagrees with the directory", Mismatch, spoil(0, func(e *forged) {
			e.localExtra = field(1, u64(e.size+1), u64(e.compressed))
			e.local = func(b []byte) { put32(b[18:], saturated32); put32(b[22:], saturated32) }
		})},
		{"size of 2^63", Size, spoil(0, func(e *forged) {
			e.extra, e.central = field(1, u64(1<<63)), func(b []byte) { put32(b[24:], saturated32) }
		})},
		{"negative offset", Size, spoil(0, func(e *forged) {
			e.extra, e.central = field(1, u64(1<<64-1)), func(b []byte) { put32(b[42:], saturated32) }
		})},
	}
}

func badEntries() []badCase {
	return []badCase{
		{"local name", Mismatch, spoil(0, func(e *forged) { e.localName = "b.txt" })},
		{"local method", Mismatch, spoil(0, func(e *forged) { e.local = func(b []byte) { put16(b[8:], Stored) } })},
		{"local flags", Mismatch, spoil(0, func(e *forged) { e.local = func(b []byte) { put16(b[6:], flagUTF8) } })},
		{"local size", Mismatch, spoil(0, func(e *forged) { e.local = func(b []byte) { put32(b[22:], 5) } })},
		{"local compressed size", Mismatch, spoil(0, func(e *forged) { e.local = func(b []byte) { put32(b[18:], 5) } })},
		{"local checksum", Mismatch, spoil(0, func(e *forged) { e.local = func(b []byte) { put32(b[14:], 5) } })},
		{"local zeros without a descriptor", Mismatch, spoil(0, func(e *forged) { e.local = func(b []byte) { clear(b[14:26]) } })},
		{"local signature", LocalHeader, spoil(0, func(e *forged) { e.local = func(b []byte) { b[3] = 9 } })},
		{"local header cut", LocalHeader, spoil(3, func(e *forged) { e.local = func(b []byte) { put16(b[28:], 9999) } })},
		{"encrypted", Encrypted, withFlags(1)},
		{"strongly encrypted", Encrypted, withFlags(1 << 6)},
		{"masked", Encrypted, withFlags(1 << 13)},
		{"patch data", Flags, withFlags(1 << 5)},
		{"reserved flag", Flags, withFlags(1 << 15)},
		{"LZMA", Method, spoil(1, func(e *forged) { e.method = 14 })},
		{"bzip2", Method, spoil(1, func(e *forged) { e.method = 12 })},
		{"symlink", Symlink, withMode(1, 0o120777)},
		{"symlink of a folder's name", Symlink, withMode(2, 0o120777)},
		{"device", SpecialFile, withMode(1, 0o020644)},
		{"pipe", SpecialFile, withMode(1, 0o010644)},
		{"socket", SpecialFile, withMode(1, 0o140644)},
		{"folder without slash", Folder, withMode(1, 0o040755)},
		{"file with slash", Folder, withMode(2, 0o100644)},
		{"folder with stored bytes", Folder, spoil(2, func(e *forged) { e.raw, e.size, e.compressed = []byte("x"), 1, 1 })},
		{"folder with hidden bytes", Folder, spoil(2, func(e *forged) { e.method, e.raw, e.compressed = Deflate, []byte("hi"), 2 })},
		{"truncated extra", Extra, extraBoth([]byte{9, 9, 9})},
		{"extra beyond its end", Extra, extraBoth([]byte{9, 9, 9, 0, 1})},
		{"truncated extra, local", Extra, spoil(0, func(e *forged) { e.localExtra = []byte{0} })},
		{"Unicode path of another name", UnicodePath, extraBoth(field(0x7075, []byte{1}, u32(0), []byte("b.txt")))},
		{"two Unicode paths", UnicodePath, extraBoth(bytes.Repeat(field(0x7075, []byte{1}, u32(0), []byte("a.txt")), 2))},
		{"short Unicode path", UnicodePath, extraBoth(field(0x7075, []byte{1}))},
	}
}

func badNames() []badCase {
	again := func(name string) func(*forge) {
		return func(f *forge) {
			e := newForged(name, Stored, "2")
			e.flags = flagUTF8
			f.files = append(f.files, e)
		}
	}
	return []badCase{
		{"duplicate", Duplicate, again("a.txt")},
		{"file named as a folder", Duplicate, again("pkg")},
		{"normal form", Duplicate, func(f *forge) { again("e\u0301")(f); again("\u00e9")(f) }},
		{"file above files", FileAsFolder, again("a.txt/x")},
		{"file above a folder", FileAsFolder, again("pkg/b.bin/y/z")},
		{"no name", NamePath, renamed("")},
		{"absolute", NamePath, renamed("/a")},
		{"only a slash", NamePath, renamed("/")},
		{"parent", NamePath, renamed("a/../b")},
		{"ends in parent", NamePath, renamed("a/..")},
		{"dot", NamePath, renamed("./a")},
		{"dot within", NamePath, renamed("a/./b")},
		{"empty component", NamePath, renamed("a//b")},
		{"two slashes at the end", NamePath, renamed("a//")},
		{"backslash", NamePath, renamed(`a\b`)},
		{"drive letter", NamePath, renamed("c:/a")},
		{"NUL", NameCharacter, renamed("a\x00b")},
		{"newline", NameCharacter, renamed("a\nb")},
		{"delete", NameCharacter, renamed("a\x7f")},
		{"C1 control", NameCharacter, renamed("a\u0085")},
		{"right-to-left override", NameCharacter, renamed("a\u202egnp.exe")},
		{"zero-width", NameCharacter, renamed("a\u200bb")},
		{"private use", NameCharacter, renamed("a\ue000")},
		{"line separator", NameCharacter, renamed("a\u2028b")},
		{"not UTF-8", NameEncoding, renamed("a\xff")},
		{"overlong UTF-8", NameEncoding, renamed("a\xc0\xafb")},
		{"surrogate", NameEncoding, renamed("a\xed\xa0\x80")},
		{"UTF-8 without the flag", NameEncoding, spoil(0, func(e *forged) { e.name, e.localName = "é", "é" })},
		{"component too long", NameLength, renamed(strings.Repeat("x", 256))},
		{"name too long", NameLength, renamed(strings.Repeat("x/", 1024) + "x")},
	}
}

// cut changes the compressed bytes of entry i and keeps the headers in step.
func cut(i int, f func(raw []byte) []byte) func(*forge) {
	return spoil(i, func(e *forged) { e.raw = f(e.raw); e.compressed = uint64(len(e.raw)) })
}

func grow(tail string) func([]byte) []byte {
	return func(raw []byte) []byte { return append(raw, tail...) }
}

func badData() []badCase {
	shrink := func(raw []byte) []byte { return raw[:len(raw)-1] }
	descriptor := func(i int, f func(e *forged) []byte) func(*forge) {
		return spoil(i, func(e *forged) { e.late(f(e)) })
	}
	return []badCase{
		{"checksum", Checksum, spoil(0, func(e *forged) { e.crc++ })},
		{"stored checksum", Checksum, spoil(1, func(e *forged) { e.crc++ })},
		{"zstd checksum", Checksum, spoil(3, func(e *forged) { e.crc++ })},
		{"too short a size", Size, spoil(0, func(e *forged) { e.size -= 3 })},
		{"size 0", Size, spoil(0, func(e *forged) { e.size, e.crc = 0, 0 })},
		{"too long a size", Size, spoil(0, func(e *forged) { e.size += 3 })},
		{"stored, two sizes", Size, spoil(1, func(e *forged) { e.size += 3 })},
		{"zstd size", Size, spoil(3, func(e *forged) { e.size += 3 })},
		{"deflated to nothing", Size, spoil(0, func(e *forged) { e.raw, e.compressed, e.size, e.crc = nil, 0, 0, 0 })},
		{"bytes behind DEFLATE", Data, cut(0, grow("x"))},
		{"a second DEFLATE stream", Data, cut(0, grow("\x03\x00"))},
		{"cut DEFLATE", Data, cut(0, shrink)},
		{"bad DEFLATE", Data, cut(0, func(raw []byte) []byte { raw[0] = 0xff; return raw })},
		{"bytes behind zstd", Data, cut(3, grow("x"))},
		{"a second zstd frame", Data, cut(3, func(raw []byte) []byte { return append(raw, raw...) })},
		{"skippable zstd frame", Data, cut(3, grow("\x50\x2a\x4d\x18\x00\x00\x00\x00"))},
		{"cut zstd", Data, cut(3, shrink)},
		{"no zstd", Data, cut(3, func(raw []byte) []byte { raw[0]++; return raw })},
		{"zstd header cut", Data, cut(3, func(raw []byte) []byte { return raw[:5] })},
		{"zstd without blocks", Data, cut(3, func(raw []byte) []byte { return raw[:6] })},
		{"zstd dictionary", Data, cut(3, func(raw []byte) []byte { raw[4] |= 1; return raw })},
		{"zstd reserved block", Data, cut(3, func([]byte) []byte { return []byte("\x28\xb5\x2f\xfd\x20\x22\x07\x00\x00") })},
		{"zstd window", Window, cut(3, func([]byte) []byte { return []byte("\x28\xb5\x2f\xfd\x00\xf8\x01\x00\x00") })},
		{"descriptor's checksum", Descriptor, descriptor(0, func(e *forged) []byte { d := e.descriptor(); d[4]++; return d })},
		{"descriptor's size", Descriptor, descriptor(0, func(e *forged) []byte { d := e.descriptor(); d[12]++; return d })},
		{"descriptor's signature", Descriptor, descriptor(0, func(e *forged) []byte { d := e.descriptor(); d[0]++; return d })},
		{"wide descriptor", Descriptor, descriptor(0, func(e *forged) []byte {
			return bytes.Join([][]byte{e.descriptor()[:8], u64(e.compressed), u64(e.size)}, nil)
		})},
		{"no descriptor", Gap, descriptor(0, func(*forged) []byte { return nil })},
		{"long descriptor", Gap, descriptor(0, func(e *forged) []byte { return append(e.descriptor(), 0) })},
		{"stored with descriptor", Descriptor, descriptor(1, (*forged).descriptor)},
		{"other sizes before a descriptor", Mismatch, spoil(0, func(e *forged) {
			e.late(e.descriptor())
			e.local = func(b []byte) { put32(b[22:], 1) }
		})},
		{"ratio of an entry", Ratio, spoil(0, func(e *forged) { e.size = 1 << 20 })},
		{"ratio of a zstd entry", Ratio, spoil(3, func(e *forged) { e.size = 2 << 20 })},
	}
}

func TestRefused(t *testing.T) {
	tripped := map[Rule]bool{TooManyFiles: true, TooMuch: true} // in TestLimits
	cases := 0
	for _, list := range [][]badCase{badEnds(), badZip64(), badEntries(), badNames(), badData()} {
		for _, tc := range list {
			var b []byte
			if tc.f != nil {
				z := good()
				tc.f(z)
				b = z.bytes()
			}
			_, err := readAll(b, Limits{})
			var e *Error
			if !errors.As(err, &e) || e.Rule != tc.rule || e.Error() == "" {
				t.Errorf("%s: %v, want %s", tc.name, err, tc.rule)
			}
			tripped[tc.rule] = true
			cases++
		}
	}
	for _, r := range Rules() {
		if !tripped[r.Rule] || r.Means == "" {
			t.Errorf("%s is not tested or not explained", r.Rule)
		}
		delete(tripped, r.Rule)
	}
	if len(tripped) > 0 {
		t.Errorf("rules that are not listed: %v", tripped)
	}
	t.Logf("%d bad archives", cases)
}
