package strictzip

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	kzstd "github.com/klauspost/compress/zstd"
)

// sameAsStandard holds what we accept against archive/zip: the same names in the same order, the same bytes.
func sameAsStandard(t *testing.T, b []byte) (accepted bool) {
	t.Helper()
	got, err := readAll(b, Limits{Total: 1 << 24})
	if err != nil {
		return false
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("archive/zip refuses: %v", err)
	}
	z.RegisterDecompressor(Zstd, kzstd.ZipDecompressor())
	var names []string
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		names = append(names, f.Name)
		r, err := f.Open()
		if err != nil {
			t.Fatalf("archive/zip refuses %q: %v", f.Name, err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("archive/zip refuses %q: %v", f.Name, err)
		}
		if want, ok := got[f.Name]; !ok || want != string(data) {
			t.Fatalf("%q: %d bytes, archive/zip has %d", f.Name, len(want), len(data))
		}
	}
	a, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, e := range a.Entries() {
		own = append(own, e.Name)
	}
	if !slices.Equal(own, names) {
		t.Fatalf("%q, archive/zip has %q", own, names)
	}
	return true
}

// TestStandardWriter reads what archive/zip writes, which puts data descriptors everywhere.
func TestStandardWriter(t *testing.T) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range []string{"a", "b/", "b/c.py", "é"} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "/") {
			_, _ = f.Write(bytes.Repeat([]byte(name), 10_000))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !sameAsStandard(t, buf.Bytes()) {
		_, err := readAll(buf.Bytes(), Limits{})
		t.Fatal(err)
	}
}

// FuzzOpen mutates archives that are good, odd and bad.
func FuzzOpen(f *testing.F) {
	f.Add(good().bytes())
	for _, list := range [][]badCase{badEnds(), badZip64(), badEntries(), badNames(), badData()} {
		for _, tc := range list {
			if tc.f != nil {
				z := good()
				tc.f(z)
				f.Add(z.bytes())
			}
		}
	}
	z := good()
	z.zip64, z.comment = true, "c"
	z.files[0].late(z.files[0].descriptor())
	f.Add(z.bytes())
	f.Fuzz(func(t *testing.T, b []byte) { sameAsStandard(t, b) })
}

// FuzzForge changes headers in step, four bytes of script for each change, to come further than
// changed bytes of an archive do.
func FuzzForge(f *testing.F) {
	f.Add([]byte{0, 0, 6, 8, 1, 1, 14, 9, 2, 0, 0, 1, 3, 1, 0, 2, 4, 0, 0, 0, 5, 3, 30, 1, 6, 0, 38, 0xff, 7, 0, 0, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		z := good()
		script = script[:min(len(script), 64)]
		for ; len(script) >= 4; script = script[4:] {
			e, at, v := z.files[script[1]%4], int(script[2]), script[3]
			switch script[0] % 8 {
			case 0: // the same byte of both headers, which lie two bytes apart from flags to lengths
				e.local = func(b []byte) { b[6+at%20] = v }
				e.central = func(b []byte) { b[8+at%20] = v }
			case 1:
				e.local = func(b []byte) { b[at%30] = v }
			case 2:
				e.late(e.descriptor()[4*int(v%2):])
			case 3:
				e.extra = field(int(v), make([]byte, at))
			case 4:
				e.localExtra = field(1, u64(e.size), u64(e.compressed))
			case 5:
				e.central = func(b []byte) { b[at%46] = v }
			case 6:
				e.name += string(rune(at)) + string(rune(v))
				e.localName = e.name
				e.flags |= flagUTF8
			default:
				z.zip64 = v%2 == 0
				z.end = func(b []byte) { b[4+at%18] = v }
			}
		}
		sameAsStandard(t, z.bytes())
	})
}

// FuzzReader gives arbitrary bytes as compressed data: no more comes out than was declared, and
// what is read to its end has the declared length.
func FuzzReader(f *testing.F) {
	for _, e := range good().files {
		f.Add(e.method, e.raw, uint16(e.size))
	}
	f.Fuzz(func(t *testing.T, method uint16, raw []byte, size uint16) {
		a := &Archive{src: bytes.NewReader(raw), dirStart: int64(len(raw)), window: 1 << 20}
		e := Entry{Name: "x", Method: method, CompressedSize: int64(len(raw)), Size: int64(size)}
		r, err := a.Reader(e)
		if err != nil {
			return
		}
		data, err := io.ReadAll(r)
		if len(data) > int(size) || err == nil && len(data) != int(size) {
			t.Fatalf("%d bytes of %d, %v", len(data), size, err)
		}
		_ = r.Close()
	})
}
