package strictzip

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// counted counts the bytes that are read before some offset.
type counted struct {
	*bytes.Reader
	before, n int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	if off < c.before {
		c.n += min(int64(len(p)), c.before-off)
	}
	return c.Reader.ReadAt(p, off)
}

func lateArchive(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"a", "folder/", "folder/b", "c"} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if strings.HasSuffix(name, "/") {
			continue
		}
		if _, err2 := io.WriteString(w, strings.Repeat(name, 100_000)); err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOpenDirectory reads no more than the directory and the entries that are asked for, and the
// same of them as Open.
func TestOpenDirectory(t *testing.T) {
	b := lateArchive(t)
	full, err := Open(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	last, _ := full.Lookup("c")
	src := &counted{Reader: bytes.NewReader(b), before: last.Offset - 31}
	late, err := OpenDirectory(src, int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	src.n = 0 // readEnd takes 64 KiB
	for _, name := range []string{"c", "a", "folder/b"} {
		e, ok := late.Lookup(name)
		want, _ := full.Lookup(name)
		if !ok || e.Offset != -1 {
			t.Errorf("%s: %+v", name, e)
		}
		r, err := late.Reader(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || string(got) != strings.Repeat(name, 100_000) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if e.Offset = want.Offset; e != want {
			t.Errorf("%+v, want %+v", e, want)
		}
		if name == "c" && src.n != 0 {
			t.Errorf("%d bytes before the entry were read", src.n)
		}
	}
	if _, err := late.Reader(Entry{Name: "d"}); err == nil {
		t.Error("an entry of another archive was read")
	}
}

// TestOpenDirectoryFindsLies: a local header that lies is found when its entry is read.
func TestOpenDirectoryFindsLies(t *testing.T) {
	b := lateArchive(t)
	b[localHeaderSize] = 'x' // the first name
	late, err := OpenDirectory(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{"a": false, "c": true} {
		e, _ := late.Lookup(name)
		_, err := late.Reader(e)
		var refused *Error
		if (err == nil) != ok || !ok && (!errors.As(err, &refused) || refused.Rule != Mismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(bytes.NewReader(b), int64(len(b)), Limits{}); err == nil {
		t.Error("Open accepts it")
	}
}
