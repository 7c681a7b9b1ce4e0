package splice_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// writeMembers writes every kind of thing into members of its own and returns their contents.
func writeMembers(t *testing.T, z *splice.Writer) (want [][]byte, at []*int64) {
	t.Helper()
	var bufs splice.Buffers
	want = [][]byte{nil}
	add := func(p []byte) { want[len(want)-1] = append(want[len(want)-1], p...) }
	next := func() {
		at = append(at, new(int64))
		if err := z.Next(at[len(at)-1]); err != nil {
			t.Fatal(err)
		}
		want = append(want, nil)
	}
	header := bytes.Repeat([]byte("header.."), 64)
	for n := range uint32(50) {
		if _, err := z.Header(header); err != nil {
			t.Fatal(err)
		}
		add(header)
		next()
		m := compressed(t, int(n%3), text(int(n*n*n)/16, n))
		p, err := bufs.PrepareCopy(bytes.NewReader(m.raw), 0, int64(len(m.raw)), int64(len(m.contents)), m.crc)
		if err != nil {
			t.Fatal(err)
		}
		if err := z.Copy(p); err != nil {
			t.Fatal(err)
		}
		add(m.contents)
	}
	next() // one that is empty
	next()
	for _, p := range [][]byte{text(300_000, 1), header, noise(270_000, 2)} {
		if _, err := z.Write(p); err != nil {
			t.Fatal(err)
		}
		add(p)
		next()
	}
	return want, at
}

// Every member can be decoded alone from where Next says that it begins; together they are
// what was written, and the same however many goroutines encode.
func TestMembers(t *testing.T) {
	var first []byte
	for _, encoders := range []int{0, 1, 4} {
		var out bytes.Buffer
		z := splice.NewParallel(&out, encoders)
		want, at := writeMembers(t, z)
		if err := z.Sync(); err != nil {
			t.Fatal(err)
		}
		if got := *at[len(at)-1]; got == 0 || got > int64(out.Len()) {
			t.Errorf("after Sync the last member begins at %d of %d bytes", got, out.Len())
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		}
		if !bytes.Equal(first, out.Bytes()) {
			t.Errorf("%d encoders make other bytes", encoders)
		}
		for i, w := range want {
			from := int64(0)
			if i > 0 {
				from = *at[i-1]
			}
			r := bytes.NewReader(out.Bytes()[from:])
			zr, err := gzip.NewReader(r)
			if err != nil {
				t.Fatalf("member %d at %d: %v", i, from, err)
			}
			zr.Multistream(false)
			got, err := io.ReadAll(zr)
			if err != nil || !bytes.Equal(got, w) {
				t.Fatalf("member %d at %d holds %d bytes, want %d: %v", i, from, len(got), len(w), err)
			}
			if end := int64(out.Len() - r.Len()); i < len(at) && end != *at[i] {
				t.Errorf("member %d ends at %d, the next begins at %d", i, end, *at[i])
			}
		}
	}
}

func TestCopyNeedsItsPieces(t *testing.T) {
	m := compressed(t, 6, text(500, 1))
	var bufs splice.Buffers
	src := bytes.NewReader(m.raw)
	p, err := bufs.Prepare(src, 0, int64(len(m.raw)), 500, m.crc)
	if err != nil {
		t.Fatal(err)
	}
	z := splice.NewWriter(io.Discard)
	if err := z.Copy(p); err == nil {
		t.Error("a piece without its compressed bytes is copied")
	}
	if _, err := bufs.PrepareCopy(src, 0, int64(len(m.raw)), 500, m.crc+1); !errors.Is(err, splice.ErrChecksum) {
		t.Errorf("another checksum: %v", err)
	}
}

func TestPrepareLarge(t *testing.T) {
	m := compressed(t, 6, text(900_000, 1))
	var bufs splice.Buffers
	src, n := bytes.NewReader(m.raw), int64(len(m.raw))
	var got []byte
	sink := func(p []byte) error { got = append(got, p...); return nil }
	if _, err := bufs.PrepareLarge(src, 0, n, 900_000, m.crc, sink); err != nil || !bytes.Equal(got, m.contents) {
		t.Errorf("%d bytes: %v", len(got), err)
	}
	if _, err := bufs.PrepareLarge(src, 0, n, 900_000, m.crc+1, sink); !errors.Is(err, splice.ErrChecksum) {
		t.Errorf("another checksum: %v", err)
	}
	stop := errors.New("enough")
	if _, err := bufs.PrepareLarge(src, 0, n, 900_000, m.crc, func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a sink that stops: %v", err)
	}
}

func TestMembersOfAFailingWriter(t *testing.T) {
	errWrite := errors.New("no room")
	for _, encoders := range []int{0, 2} {
		z := splice.NewParallel(&failing{0, errWrite}, encoders)
		if _, err := z.Write(text(600_000, 1)); err != nil && !errors.Is(err, errWrite) {
			t.Fatal(err)
		}
		if err := z.Sync(); !errors.Is(err, errWrite) {
			t.Errorf("Sync: %v", err)
		}
		if err := z.Next(new(int64)); !errors.Is(err, errWrite) {
			t.Errorf("Next: %v", err)
		}
		if err := z.Close(); !errors.Is(err, errWrite) {
			t.Errorf("Close: %v", err)
		}
	}
}
