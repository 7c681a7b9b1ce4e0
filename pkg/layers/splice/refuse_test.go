package splice_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// join hands a member over both ways and returns both errors.
func join(src io.ReaderAt, n, size int64, crc uint32) (whole, streamed error) {
	var b splice.Buffers
	_, whole = b.Prepare(src, 0, n, size, crc)
	_, streamed = b.PrepareLarge(src, 0, n, size, crc, discard)
	return whole, streamed
}

func TestRefuses(t *testing.T) {
	m := compressed(t, 6, append(text(50000, 1), noise(10000, 2)...))
	size, n := int64(len(m.contents)), int64(len(m.raw))
	more := append(bytes.Clone(m.raw), 0)
	broken := bytes.Clone(m.raw)
	broken[n/2] ^= 0x10
	for _, c := range []struct {
		name string
		raw  []byte
		n    int64
		size int64
		crc  uint32
		err  error
	}{
		{"right", m.raw, n, size, m.crc, nil},
		{"other checksum", m.raw, n, size, m.crc + 1, splice.ErrChecksum},
		{"a byte too many", more, n + 1, size, m.crc, splice.ErrTrailing},
		{"a byte missing", m.raw, n - 1, size, m.crc, inflate.ErrTruncated},
		{"shorter contents", m.raw, n, size - 1, m.crc, inflate.ErrTooLong},
		{"longer contents", m.raw, n, size + 1, m.crc, inflate.ErrTooShort},
		{"file too short", m.raw[:n-10], n, size, m.crc, io.ErrUnexpectedEOF},
	} {
		whole, streamed := join(bytes.NewReader(c.raw), c.n, c.size, c.crc)
		if c.name == "file too short" && errors.Is(streamed, inflate.ErrTruncated) {
			streamed = c.err
		}
		if !errors.Is(whole, c.err) || !errors.Is(streamed, c.err) {
			t.Errorf("%s: %v and %v, want %v", c.name, whole, streamed, c.err)
		}
	}
	if whole, streamed := join(bytes.NewReader(broken), n, size, m.crc); whole == nil || streamed == nil {
		t.Errorf("a flipped bit: %v and %v", whole, streamed)
	}
	// Much longer than what it holds: refused before it is read.
	whole, streamed := join(nil, 1<<20, 1, 0)
	if !errors.Is(whole, inflate.ErrBomb) || !errors.Is(streamed, inflate.ErrBomb) {
		t.Errorf("a MiB that holds a byte: %v and %v", whole, streamed)
	}
	var b splice.Buffers
	for _, c := range [][2]int64{{10, splice.MaxPrepare + 1}, {10, -1}, {-1, 10}, {1 << 40, 10}} {
		if _, err := b.Prepare(bytes.NewReader(m.raw), 0, c[0], c[1], 0); err == nil {
			t.Errorf("%d bytes that hold %d are accepted", c[0], c[1])
		}
	}
}

// changing is a file that is written to between two readings.
type changing struct {
	io.ReaderAt
	reads int
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	if c.reads++; off == 0 && c.reads > 1 && n > 1000 {
		p[1000] ^= 1
	}
	return n, err
}

func TestRefusesChange(t *testing.T) {
	m := compressed(t, 6, noise(300000, 1))
	z := splice.NewWriter(io.Discard)
	var b splice.Buffers
	large, err := b.PrepareLarge(&changing{ReaderAt: bytes.NewReader(m.raw)}, 0, int64(len(m.raw)), int64(len(m.contents)), m.crc, discard)
	if err != nil {
		t.Fatal(err)
	}
	err = z.JoinLarge(large, &b)
	if !errors.Is(err, splice.ErrChanged) || !errors.Is(z.Close(), splice.ErrChanged) {
		t.Errorf("%v", err)
	}
}

// failing takes n bytes, then no more.
type failing struct {
	n   int
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, f.err
	}
	return len(p), nil
}

func TestErrorsStay(t *testing.T) {
	own := errors.New("disk full")
	for _, encoders := range []int{0, 2} {
		z := splice.NewParallel(&failing{1000, own}, encoders)
		var err error
		for i := 0; err == nil && i < 100; i++ {
			_, err = z.Write(noise(100000, uint32(i)))
		}
		_, again := z.Header(make([]byte, 512))
		if err != own || again != own || z.Join(splice.Piece{}) != own || z.Close() != own {
			t.Errorf("%d encoders: %v, then %v", encoders, err, again)
		}
		if err := z.JoinLarge(nil, nil); err != own {
			t.Errorf("then %v", err)
		}
	}
}

func TestClosed(t *testing.T) {
	z := splice.NewWriter(io.Discard)
	if err := errors.Join(z.Close(), z.Close()); err != nil {
		t.Error(err)
	}
	if _, err := z.Write([]byte("x")); err == nil {
		t.Error("written to after Close")
	}
}
