package strictzip

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func open(t *testing.T, f *forge) *Archive {
	t.Helper()
	b := f.bytes()
	a, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLookupAndSection(t *testing.T) {
	z := good()
	a := open(t, z)
	if _, ok := a.Lookup("pkg/"); ok {
		t.Error("a folder is found")
	}
	e, ok := a.Lookup("a.txt")
	if !ok || e.Size != int64(z.files[0].size) || e.CRC32 != z.files[0].crc || e.Method != Deflate {
		t.Fatalf("%+v, %v", e, ok)
	}
	r, off, n := a.Section(e)
	raw := make([]byte, n)
	if _, err := r.ReadAt(raw, off); err != nil || !bytes.Equal(raw, z.files[0].raw) {
		t.Errorf("%x, %v, want %x", raw, err, z.files[0].raw)
	}
	if _, err := a.Reader(Entry{Name: "other", Offset: 1 << 40, CompressedSize: 1}); err == nil {
		t.Error("an entry of another archive is read")
	}
}

// TestFind finds files by their exact names alone: also where folders lie between them, and names
// that Unicode's normal form spells otherwise.
func TestFind(t *testing.T) {
	for _, names := range [][]string{{"a", "b/c", "b/d"}, {"a", "b/", "b/c"}, {"e\u0301", "x"}, {"d/", "e\u0301/x", "y"}} {
		z := &forge{}
		for _, name := range names {
			f := newForged(name, Stored, "")
			if strings.HasSuffix(name, "/") {
				f.mode = 0o040755
			}
			if name[0] == 'e' {
				f.flags |= flagUTF8
			}
			z.files = append(z.files, f)
		}
		a := open(t, z)
		for i, e := range a.Entries() {
			if at, ok := a.Find(e.Name); at != i || !ok {
				t.Errorf("%q in %q: %d, %v, want %d", e.Name, names, at, ok, i)
			}
		}
		for _, name := range []string{"b", "b/", "d", "d/", "\u00e9", "\u00e9/x", "", "z"} {
			if at, ok := a.Find(name); ok {
				t.Errorf("%q is found in %q: %d", name, names, at)
			}
		}
	}
}

// TestReaderContract uses readers in the ways io.Reader allows.
func TestReaderContract(t *testing.T) {
	z := good()
	a := open(t, z)
	for _, e := range a.Entries() {
		want := map[string]string{"a.txt": "some text, some text, some text", "pkg/b.bin": "\x00\x01\x02", "pkg/c.zst": strings.Repeat("z", 34)}[e.Name]
		r, err := a.Reader(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, []byte(want)); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := r.Read(make([]byte, 1)); !errors.Is(err, errClosed) {
			t.Errorf("read after Close: %v", err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLateFailure reads all bytes and not the end: Close tells.
func TestLateFailure(t *testing.T) {
	z := good()
	z.files[0].crc++
	a := open(t, z)
	e, _ := a.Lookup("a.txt")
	r, err := a.Reader(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, e.Size)); err != nil {
		t.Fatal(err)
	}
	var refused *Error
	if err := r.Close(); !errors.As(err, &refused) || refused.Rule != Checksum {
		t.Error(err)
	}
}

func TestConcurrent(t *testing.T) {
	z := &forge{}
	for i := range 50 {
		z.files = append(z.files, newForged(fmt.Sprint(i), []uint16{Stored, Deflate, Zstd}[i%3], strings.Repeat(fmt.Sprint(i), 5000)))
	}
	a := open(t, z)
	var wg sync.WaitGroup
	for _, e := range a.Entries() {
		wg.Go(func() {
			r, err := a.Reader(e)
			if err != nil {
				t.Error(err)
				return
			}
			data, err := io.ReadAll(r)
			if err != nil || string(data) != strings.Repeat(e.Name, 5000) {
				t.Errorf("%s: %d bytes, %v", e.Name, len(data), err)
			}
			_ = r.Close()
		})
	}
	wg.Wait()
}

func TestLimits(t *testing.T) {
	for _, tc := range []struct {
		name string
		rule Rule
		o    Limits
		f    func(f *forge)
	}{
		{"entries", TooManyFiles, Limits{Entries: 3}, func(*forge) {}},
		{"folders", TooManyFiles, Limits{Entries: 4}, func(f *forge) { f.files[0].name = "a/b/c/d/e"; f.files[0].localName = "a/b/c/d/e" }},
		{"name", NameLength, Limits{NameLength: 8}, func(*forge) {}},
		{"directory", Directory, Limits{Directory: 100}, func(*forge) {}},
		{"total", TooMuch, Limits{Total: 60}, func(*forge) {}},
		{"free total", Ratio, Limits{FreeTotal: 1000, Ratio: 1}, func(f *forge) { f.files[0] = newForged("a", Deflate, strings.Repeat("a", 2000)) }},
		{"entry ratio", Ratio, Limits{EntryRatio: 2}, func(f *forge) { f.files[0] = newForged("a", Deflate, strings.Repeat("a", 2000)) }},
		{"window", Window, Limits{Window: 10}, func(*forge) {}},
	} {
		z := good()
		tc.f(z)
		_, err := readAll(z.bytes(), tc.o)
		var e *Error
		if !errors.As(err, &e) || e.Rule != tc.rule {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.rule)
		}
		if _, err := readAll(z.bytes(), Limits{}); err != nil {
			t.Errorf("%s: %v with the defaults", tc.name, err)
		}
	}
}
