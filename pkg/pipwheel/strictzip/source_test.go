package strictzip

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// sparse is a large file of which only the ends hold something.
type sparse struct {
	head, tail []byte
	size       int64
}

func (s sparse) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		switch at := off + int64(i); {
		case at >= s.size:
			return i, io.EOF
		case at < int64(len(s.head)):
			p[i] = s.head[at]
		case at >= s.size-int64(len(s.tail)):
			p[i] = s.tail[at-(s.size-int64(len(s.tail)))]
		default:
			p[i] = 0
		}
	}
	return len(p), nil
}

// TestBeyond4GiB opens an archive whose second entry and directory lie behind 5 GiB of stored bytes.
func TestBeyond4GiB(t *testing.T) {
	const hole = int64(5 << 30)
	z := good()
	big := newForged("big.bin", Stored, "")
	big.size, big.compressed = uint64(hole), uint64(hole)
	sizes := field(1, u64(big.size), u64(big.compressed))
	big.extra, big.localExtra = sizes, sizes
	big.local = func(b []byte) { put32(b[18:], saturated32); put32(b[22:], saturated32) }
	big.central = func(b []byte) { put32(b[20:], saturated32); put32(b[24:], saturated32) }
	small := z.files[0]
	headLen := 30 + len("big.bin") + len(sizes)
	small.extra = field(1, u64(uint64(headLen)+big.size))
	small.central = func(b []byte) { put32(b[42:], saturated32) }
	z.files = []*forged{big, small}
	z.zip64 = true
	z.end64 = func(b []byte) {
		start := uint64(headLen) + big.size + uint64(30+len(small.name)+len(small.raw))
		size := uint64(2*46+len(big.name)+len(big.extra)) + uint64(len(small.name)+len(small.extra))
		put64(b[40:], size)
		put64(b[48:], start)
		put64(b[64:], start+size)
	}
	z.end = func(b []byte) { put32(b[16:], saturated32) }
	b := z.bytes()
	src := sparse{head: b[:headLen], tail: b[headLen:], size: int64(len(b)) + hole}
	a, err := Open(src, src.size, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	e, _ := a.Lookup("a.txt")
	r, err := a.Reader(e)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || string(data) != "some text, some text, some text" {
		t.Error(data, err)
	}
	if e := a.Entries()[0]; e.Size != hole || e.Offset != int64(headLen) {
		t.Errorf("%+v", e)
	}
}

var errDisk = errors.New("disk on fire")

// failing fails from its limit-th read on, and counts reads.
type failing struct {
	src   io.ReaderAt
	limit int
	reads int
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	if f.reads++; f.reads > f.limit {
		return 0, errDisk
	}
	return f.src.ReadAt(p, off)
}

// TestFailure fails each read in turn: a failure is never a refusal, nor success.
func TestFailure(t *testing.T) {
	b := good().bytes()
	for limit := 0; ; limit++ {
		src := &failing{src: bytes.NewReader(b), limit: limit}
		a, err := Open(src, int64(len(b)), Limits{})
		for i := 0; err == nil && i < len(a.Entries()); i++ {
			var r io.ReadCloser
			if r, err = a.Reader(a.Entries()[i]); err == nil {
				_, err = io.Copy(io.Discard, r)
			}
		}
		if src.reads <= limit {
			if err != nil {
				t.Fatal(err)
			}
			if limit < 6 {
				t.Errorf("only %d reads", limit)
			}
			return
		}
		var refused *Error
		if !errors.Is(err, errDisk) || errors.As(err, &refused) {
			t.Errorf("after %d reads: %v", limit, err)
		}
	}
}

// TestShortFile opens less than the size says.
func TestShortFile(t *testing.T) {
	b := good().bytes()
	if _, err := Open(bytes.NewReader(b), int64(len(b))+100, Limits{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// TestFewReads opens 5,000 small entries, and 20 large ones without reading what they hold.
func TestFewReads(t *testing.T) {
	for _, tc := range []struct{ entries, size, reads, bytes int }{{5000, 100, 60, 2 << 20}, {20, 1 << 20, 40, 200 << 10}} {
		z := &forge{}
		for i := range tc.entries {
			z.files = append(z.files, newForged(fmt.Sprintf("pkg/%d.py", i), Stored, strings.Repeat("x", tc.size)))
		}
		b := z.bytes()
		c := &counting{src: bytes.NewReader(b)}
		if _, err := Open(c, int64(len(b)), Limits{}); err != nil {
			t.Fatal(err)
		}
		if c.reads > tc.reads || c.bytes > tc.bytes {
			t.Errorf("%d entries of %d bytes: %d reads of %d bytes", tc.entries, tc.size, c.reads, c.bytes)
		}
	}
}

type counting struct {
	src          io.ReaderAt
	reads, bytes int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	c.bytes += len(p)
	return c.src.ReadAt(p, off)
}
