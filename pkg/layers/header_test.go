package layers

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// readBack reads one header with archive/tar, a reader that nobody here wrote.
func readBack(t *testing.T, b []byte) *tar.Header {
	t.Helper()
	if len(b)%blockSize != 0 {
		t.Fatalf("%d bytes are no whole blocks", len(b))
	}
	h, err := tar.NewReader(bytes.NewReader(b)).Next()
	if err != nil {
		t.Fatalf("archive/tar: %v", err)
	}
	return h
}

// checkHeader writes e and compares what archive/tar reads with what was meant.
func checkHeader(t *testing.T, e Entry) *tar.Header {
	t.Helper()
	h := readBack(t, appendHeader(nil, &e))
	want := &tar.Header{
		Typeflag: byte(e.Kind), Name: e.Path, Mode: int64(e.Mode), Uid: e.UID, Gid: e.GID,
		ModTime: time.Date(1980, 1, 2, 0, 0, 0, 0, time.UTC),
	}
	switch e.Kind {
	case Dir:
		want.Name += "/"
	case Symlink:
		want.Linkname = e.Target
	case File:
		want.Size = e.Size
	case Whiteout:
		at := strings.LastIndexByte(e.Path, '/') + 1
		want.Typeflag, want.Name = tar.TypeReg, e.Path[:at]+".wh."+e.Path[at:]
	}
	got := *h
	got.Format, got.PAXRecords, got.ModTime = 0, nil, got.ModTime.UTC()
	if !reflect.DeepEqual(want, &got) { // it is quicker than cmp, and there are many
		t.Fatalf("%s (-want +got):\n%s", e.Path, cmp.Diff(want, &got))
	}
	return h
}

// nameOf makes a path of n bytes with parts of at most step bytes.
func nameOf(n, step int) string {
	b := bytes.Repeat([]byte{'n'}, n)
	for i := step; i < n-1; i += step + 1 {
		b[i] = '/'
	}
	return string(b)
}

func TestEveryNameLength(t *testing.T) {
	for n := 1; n <= 600; n++ {
		for _, step := range []int{9, 99, 100, 154, 155, 255} {
			name := nameOf(n, step)
			for _, kind := range []Kind{File, Dir, Whiteout} {
				h := checkHeader(t, Entry{Path: name, Kind: kind, Mode: 0o755})
				if n < 96 && h.PAXRecords["path"] != "" {
					t.Fatalf("%d bytes need no pax record", n)
				}
			}
			checkHeader(t, Entry{Path: "l", Kind: Symlink, Mode: 0o777, Target: name})
		}
	}
}

func TestNamesThatUstarCannotSay(t *testing.T) {
	for _, name := range []string{
		"é", "é/x", "目录/文件.py", "a/é", strings.Repeat("é/", 60) + "x", strings.Repeat("n", 99) + "é",
		"\u202e", "line\nbreak", "tab\t", "back\\slash", "a=b", " ", "=", strings.Repeat("日", 85),
	} {
		for _, e := range []Entry{
			{Path: name, Kind: File, Mode: 0o644},
			{Path: name, Kind: Dir, Mode: 0o1777},
			{Path: "x", Kind: Symlink, Mode: 0o777, Target: name},
			{Path: name, Kind: Symlink, Mode: 0o777, Target: "../" + name + "/"},
		} {
			checkHeader(t, e)
		}
	}
}

// Readers that know no pax take the name field as it is: it must not lead out of their root
// and, for a file, not look like a folder.
func TestStandIn(t *testing.T) {
	for in, want := range map[string]string{
		"é":                                "__",
		"é/x":                              "__/x",
		"目录/":                              "______",
		strings.Repeat("n", 99) + "/x":     strings.Repeat("n", 99),
		strings.Repeat("n", 98) + "é":      strings.Repeat("n", 98) + "__",
		strings.Repeat("n", 99) + "é":      strings.Repeat("n", 99) + "_",
		"PaxHeaders.0/" + nameOf(255, 300): "PaxHeaders.0/" + strings.Repeat("n", 87),
		strings.Repeat("a/", 100):          strings.Repeat("a/", 49) + "a",
		strings.Repeat("é", 20) + "/" + "日/é": strings.Repeat("_", 40) + "/___/__",
	} {
		if got := standIn(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, id := range []int{0, 1, 1000, maxOctal8, maxOctal8 + 1, 1 << 31, maxID} {
		h := checkHeader(t, Entry{Path: "f", Kind: File, UID: id, GID: 0})
		checkHeader(t, Entry{Path: "f", Kind: File, UID: 0, GID: id})
		if pax := h.PAXRecords["uid"] != ""; pax != (id > maxOctal8) {
			t.Errorf("owner %d: pax record %t", id, pax)
		}
	}
	for _, size := range []int64{0, 1, 511, 512, maxOctal12, maxOctal12 + 1, 1 << 40, math.MaxInt64} {
		h := checkHeader(t, Entry{Path: "f", Kind: File, Size: size})
		if pax := h.PAXRecords["size"] != ""; pax != (size > maxOctal12) {
			t.Errorf("size %d: pax record %t", size, pax)
		}
	}
	for mode := uint32(0); mode <= 0o7777; mode++ {
		checkHeader(t, Entry{Path: "f", Kind: Dir, Mode: mode})
	}
	for _, n := range []int64{0, 1, 511, 512, 513, math.MaxInt64 - 1} {
		if p := padding(n); p < 0 || p >= blockSize || (n%blockSize+p)%blockSize != 0 {
			t.Errorf("padding(%d) = %d", n, p)
		}
	}
}

// A record's length counts its own digits, which may add one.
func TestRecordLength(t *testing.T) {
	for n := range 1100 {
		value := strings.Repeat("v", n)
		got := string(appendRecord(nil, "path", value))
		if want := fmt.Sprintf("%d path=%s\n", len(got), value); got != want {
			t.Fatalf("value of %d bytes: %q", n, got[:min(len(got), 20)])
		}
	}
}

func TestOnlyLinksHaveTargets(t *testing.T) {
	for _, kind := range []Kind{File, Dir} {
		checkHeader(t, Entry{Path: "x", Kind: kind, Target: "elsewhere"})
	}
	checkHeader(t, Entry{Path: "x", Kind: Symlink, Target: "t", Size: 9})
	checkHeader(t, Entry{Path: "x", Kind: Dir, Size: 9})
}

// TestSum adds up blocks of all bytes there are, and of the largest.
func TestSum(t *testing.T) {
	block := make([]byte, blockSize)
	for i := range block {
		block[i] = 0xff
		if got := sumOf(block); got != int64(i+1)*0xff {
			t.Fatalf("%d bytes of 255: %d", i+1, got)
		}
	}
	for i := range block {
		block[i] = byte(i)
	}
	if got := sumOf(block); got != 2*255*256/2 {
		t.Error(got)
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("usr/bin/x", "", int64(12), 0, 0, uint16(0o644), byte('0'))
	f.Add(nameOf(300, 120), "é/../x", int64(1)<<40, 1<<22, 1<<30, uint16(0o7777), byte('2'))
	f.Add("lib/é", "", int64(0), 0, 0, uint16(0), byte('w'))
	f.Add("目录", "", int64(0), 0, 0, uint16(0o755), byte('5'))
	f.Fuzz(func(t *testing.T, name, target string, size int64, uid, gid int, mode uint16, kind byte) {
		e := Entry{
			Path: name, Kind: Kind(kind), Mode: uint32(mode), UID: uid, GID: gid, Target: target, Size: size,
			Open: func() (io.ReadCloser, error) { return nil, io.EOF },
		}
		if CheckName(name) != nil || check(&e) != nil {
			return
		}
		checkHeader(t, e)
	})
}

func BenchmarkHeader(b *testing.B) {
	var header []byte
	e := Entry{Path: nameOf(80, 12), Kind: File, Mode: 0o644, Size: 12345}
	b.ReportAllocs()
	for b.Loop() {
		header = appendHeader(header[:0], &e)
	}
}
