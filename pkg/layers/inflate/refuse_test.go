package inflate_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// dynamicHeader begins a last block with codes of its own; lens are the lengths of symbols of
// the code length code, by symbol.
func dynamicHeader(nlit, ndist int, lens map[int]int) *bits {
	order := [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	b := new(bits).put(1, 1, 2, 2, nlit-257, 5, ndist-1, 5, 15, 4)
	for _, s := range order {
		b.put(lens[s], 3)
	}
	return b
}

// pre is a code length code of symbols 0 (code 0), 1 (10) and 18 (11).
var pre = map[int]int{0: 1, 1: 2, 18: 2}

// zeros appends n code lengths of 0, 11 to 138 of them.
func (b *bits) zeros(n int) *bits { return b.code(3, 2).put(n-11, 7) }

var hostile = []struct {
	name string
	b    *bits
	want int
	err  error
}{
	{"nothing", new(bits), 0, inflate.ErrTruncated},
	{"reserved type", new(bits).put(1, 1, 3, 2), 0, inflate.ErrBlockType},
	{"stored lengths", new(bits).put(1, 1, 0, 7, 1, 16, 1, 16, 0, 16), 1, inflate.ErrStored},
	{"stored, cut", new(bits).put(1, 1, 0, 7, 5, 16, 0xfffa, 16, 0, 16), 5, inflate.ErrTruncated},
	{"fixed, symbol 286", new(bits).put(1, 1, 1, 2).code(0b11000110, 8).put(0, 32), 9, inflate.ErrSymbol},
	{"fixed, symbol 287", new(bits).put(1, 1, 1, 2).code(0b11000111, 8).put(0, 32), 9, inflate.ErrSymbol},
	{"fixed, distance 30", new(bits).put(1, 1, 1, 2).code(0x30, 8).code(1, 7).code(30, 5).put(0, 32), 9, inflate.ErrSymbol},
	{"fixed, distance 31", new(bits).put(1, 1, 1, 2).code(0x30, 8).code(1, 7).code(31, 5).put(0, 32), 9, inflate.ErrSymbol},
	{"match at the start", new(bits).put(1, 1, 1, 2).code(1, 7).code(0, 5).code(0, 7).put(0, 32), 3, inflate.ErrFarBack},
	{"one too far back", new(bits).put(1, 1, 1, 2).code(0x30, 8).code(1, 7).code(1, 5).code(0, 7).put(0, 32), 4, inflate.ErrFarBack},
	{"no end code", dynamicHeader(257, 1, pre).code(2, 2).code(2, 2).zeros(138).zeros(116).code(0, 1).code(0, 1).put(0, 64), 2, inflate.ErrNoEnd},
	{"too many lengths", new(bits).put(1, 1, 2, 2, 30, 5, 0, 5, 0, 4).put(0, 64), 0, inflate.ErrCodes},
	{"too many distances", new(bits).put(1, 1, 2, 2, 0, 5, 30, 5, 0, 4).put(0, 64), 0, inflate.ErrCodes},
	{"over-subscribed code lengths", dynamicHeader(257, 1, map[int]int{0: 1, 1: 1, 2: 1}).put(0, 64), 0, inflate.ErrCodes},
	{"incomplete code lengths", dynamicHeader(257, 1, map[int]int{0: 2, 1: 2}).put(0, 64), 0, inflate.ErrCodes},
	{"one code length", dynamicHeader(257, 1, map[int]int{1: 1}).put(0, 64), 0, inflate.ErrCodes},
	{"no code lengths", dynamicHeader(257, 1, nil).put(0, 64), 0, inflate.ErrCodes},
	{"lengths run over", dynamicHeader(257, 1, pre).zeros(138).zeros(138).put(0, 64), 0, inflate.ErrCodes},
	{"repeats nothing", dynamicHeader(257, 1, map[int]int{16: 1, 1: 1}).code(1, 1).put(0, 64), 0, inflate.ErrCodes},
	{"over-subscribed literals", dynamicHeader(257, 1, pre).code(2, 2).code(2, 2).zeros(138).zeros(116).code(2, 2).code(0, 1).put(0, 64), 0, inflate.ErrCodes},
	{"incomplete literals", dynamicHeader(257, 1, map[int]int{0: 1, 2: 2, 18: 2}).code(2, 2).zeros(138).zeros(117).code(2, 2).code(0, 1).put(0, 64), 0, inflate.ErrCodes},
	{"incomplete distances", dynamicHeader(257, 1, map[int]int{0: 2, 1: 2, 2: 2, 18: 2}).code(1, 2).zeros(138).zeros(117).code(1, 2).code(2, 2).put(0, 64), 0, inflate.ErrCodes},
	{"unused bit of a lone end code", dynamicHeader(257, 1, pre).zeros(138).zeros(118).code(2, 2).code(0, 1).put(1, 1, 0, 64), 0, inflate.ErrSymbol},
}

func TestRefuses(t *testing.T) { eachLoop(t, testRefuses) }

func testRefuses(t *testing.T, d *inflate.Decoder) {
	for _, h := range hostile {
		got, _, err := d.Decode(nil, h.b.p, h.want)
		if !errors.Is(err, h.err) || len(got) != 0 {
			t.Errorf("%s: %v, want %v", h.name, err, h.err)
		}
		_, err = d.Stream(bytes.NewReader(h.b.p), int64(len(h.b.p)), int64(h.want), func([]byte) error { return nil })
		if !errors.Is(err, h.err) {
			t.Errorf("%s, streamed: %v, want %v", h.name, err, h.err)
		}
	}
}

// What looks odd but is right: zlib takes it too.
func TestAccepts(t *testing.T) { eachLoop(t, testAccepts) }

func testAccepts(t *testing.T, d *inflate.Decoder) {
	for _, c := range []struct {
		name string
		b    *bits
		want string
	}{
		{"a lone end code", dynamicHeader(257, 1, pre).zeros(138).zeros(118).code(2, 2).code(0, 1).put(0, 1), ""},
		{"a lone distance code", dynamicHeader(258, 1, map[int]int{0: 2, 1: 2, 2: 2, 18: 2}).
			code(1, 2).zeros(138).zeros(117).code(2, 2).code(2, 2).code(1, 2).
			code(0, 1).code(3, 2).code(0, 1).code(2, 2), "\x00\x00\x00\x00"},
		{"an empty stored block", new(bits).put(1, 1, 0, 7, 0, 16, 0xffff, 16), ""},
		{"bytes that follow", new(bits).put(3, 10, 0, 6, 0xffff, 16), ""},
	} {
		got, _, err := d.Decode(nil, c.b.p, len(c.want))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

// A stream cut anywhere is refused, and so is one of another length than declared.
func TestRefusesCut(t *testing.T) { eachLoop(t, testRefusesCut) }

func testRefusesCut(t *testing.T, d *inflate.Decoder) {
	p := append(text(3000, 1), noise(500, 2)...)
	for _, level := range levels {
		c := deflated(t, level, p)
		for n := range c {
			if _, _, err := d.Decode(nil, c[:n], len(p)); !errors.Is(err, inflate.ErrTruncated) {
				t.Fatalf("level %d, %d of %d bytes: %v", level, n, len(c), err)
			}
		}
		for _, off := range []int{-3000, -300, -1, 1, 300} {
			want := inflate.ErrTooLong
			if off > 0 {
				want = inflate.ErrTooShort
			}
			if _, _, err := d.Decode(nil, c, len(p)+off); !errors.Is(err, want) {
				t.Errorf("level %d, %+d bytes: %v", level, off, err)
			}
			_, err := d.Stream(bytes.NewReader(c), int64(len(c)), int64(len(p)+off), func([]byte) error { return nil })
			if !errors.Is(err, want) {
				t.Errorf("level %d, %+d bytes, streamed: %v", level, off, err)
			}
		}
	}
	if _, _, err := d.Decode(nil, nil, -1); err == nil {
		t.Error("a negative length is accepted")
	}
}

func TestRefusesBomb(t *testing.T) { eachLoop(t, testRefusesBomb) }

func testRefusesBomb(t *testing.T, d *inflate.Decoder) {
	empty := func(n int) *bits {
		b := new(bits)
		for range n {
			b.put(2, 10)
		}
		return b.put(3, 10)
	}
	if _, _, err := d.Decode(nil, empty(63).p, 0); err != nil {
		t.Errorf("64 blocks: %v", err)
	}
	var e *inflate.Error
	for _, n := range []int{64, 1 << 20} {
		_, _, err := d.Decode(nil, empty(n).p, 0)
		if !errors.Is(err, inflate.ErrBomb) || !errors.As(err, &e) || e.Byte > 30000 {
			t.Errorf("%d blocks: %v", n+1, err)
		}
	}
	// Bytes that follow the stream do not make its blocks larger.
	if _, _, err := d.Decode(nil, append(empty(64).p, make([]byte, 10000)...), 0); !errors.Is(err, inflate.ErrBomb) {
		t.Errorf("with bytes that follow: %v", err)
	}
}
