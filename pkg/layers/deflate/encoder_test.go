package deflate_test

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

func TestEncode(t *testing.T) {
	var e deflate.Encoder
	for name, in := range inputs(t) {
		t.Run(name, func(t *testing.T) {
			piece, err := in.encode(&e)
			if err != nil {
				t.Fatal(err)
			}
			in.check(t, piece)
			if n := len(in.buf) - in.start; len(piece) > n+n/1000+10 {
				t.Errorf("%d bytes became %d", n, len(piece))
			}
		})
	}
}

// What an encoder did before does not show.
func TestEncodeForgets(t *testing.T) {
	var e, other deflate.Encoder
	all := inputs(t)
	first, err := all["text"].encode(&e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Encode(nil, text(90000, 8), 0, -1, []deflate.Part{{Len: 80000}, {Len: -1}}); err == nil {
		t.Fatal("no error to forget")
	}
	for _, name := range []string{"history", "twins", "headers", "mixed"} {
		if _, err := all[name].encode(&other); err != nil {
			t.Fatal(err)
		}
	}
	again, err := all["text"].encode(&other)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("a used encoder gives other bytes: %v", err)
	}
	in := all["history"]
	short, err := other.Encode(nil, in.buf[in.start-deflate.Window:], deflate.Window, in.header-(in.start-deflate.Window), in.parts)
	if err != nil {
		t.Fatal(err)
	}
	if long, err := in.encode(&e); err != nil || !bytes.Equal(long, short) {
		t.Errorf("history beyond the window shows: %v", err)
	}
}

var update = flag.Bool("update", false, "write the golden files")

// The bytes are frozen: when this fails, Version has to change.
func TestGolden(t *testing.T) {
	var e deflate.Encoder
	var lines []string
	for name, in := range inputs(t) {
		// Matches of compress/flate differ between versions of Go; our own do not.
		for i, p := range in.parts {
			if p.Kind == deflate.Parsed {
				in.parts[i].Matches = ownMatches(t, in, i)
			}
		}
		piece, err := in.encode(&e)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(piece)
		lines = append(lines, fmt.Sprintf("%-10s %6d %s\n", name, len(piece), hex.EncodeToString(sum[:])))
	}
	slices.Sort(lines)
	file := fmt.Sprintf("testdata/golden-%d.txt", deflate.Version)
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if !strings.Contains(string(want), l) {
			t.Errorf("not in %s: %s", file, l)
		}
	}
}

// ownMatches parses a part with the encoder itself.
func ownMatches(t *testing.T, in *input, part int) []inflate.Match {
	at := in.start
	for _, p := range in.parts[:part] {
		at += p.Len
	}
	p := in.buf[at : at+in.parts[part].Len]
	var e deflate.Encoder
	var d inflate.Decoder
	piece, err := start(nil).add(deflate.Plain, p).encode(&e)
	if err != nil {
		t.Fatal(err)
	}
	_, matches, _, err := d.DecodeMatches(nil, append(piece, 3, 0), len(p), nil)
	if err != nil {
		t.Fatal(err)
	}
	return matches
}

func level6(t *testing.T, p []byte) int {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestSize(t *testing.T) {
	var e deflate.Encoder
	for name, in := range inputs(t) {
		piece, err := in.encode(&e)
		if err != nil {
			t.Fatal(err)
		}
		if in.start > 0 || name == "unparsed" {
			continue // compress/flate gets no history here, and the encoder no matches there
		}
		// Searched bytes are as small as level 6 makes them; parsed ones that follow others come
		// close, and never are larger than apart.
		whole, apart, at, percent := level6(t, in.buf), 0, 0, 103
		for _, p := range in.parts {
			if p.Kind == deflate.Parsed {
				percent = 120
			}
			apart += level6(t, in.buf[at:at+p.Len])
			at += p.Len
		}
		if len(piece)*100 > whole*percent+1000 && len(piece)*100 > apart*103+1000 {
			t.Errorf("%s: %d bytes, level 6 %d, in parts %d", name, len(piece), whole, apart)
		}
	}
	// A header after a header costs little.
	one, two := start(nil), start(nil)
	for n := range 300 {
		one.add(deflate.Header, tarHeader(n))
	}
	two.add(deflate.Header, tarHeader(0))
	a, err := one.encode(&e)
	if err != nil {
		t.Fatal(err)
	}
	b, err := two.encode(&e)
	if err != nil {
		t.Fatal(err)
	}
	if each := (len(a) - len(b)) / 299; each > 25 {
		t.Errorf("%d bytes for a header", each)
	}
	if len(b) > 140 {
		t.Errorf("%d bytes for the first header", len(b))
	}
}

func TestEncodeRefuses(t *testing.T) {
	var e deflate.Encoder
	p := text(1000, 1)
	lie := start(nil).add(deflate.Parsed, p)
	lie.parts[0].Matches = []inflate.Match{inflate.NewMatch(100, 50, 7)}
	for name, in := range map[string]*input{
		"too long":      start(nil).add(deflate.Plain, make([]byte, deflate.MaxInput+1)),
		"parts short":   {p, 0, -1, []deflate.Part{{Len: 999}}},
		"parts long":    {p, 0, -1, []deflate.Part{{Len: 1001}}},
		"negative":      {p, 0, -1, []deflate.Part{{Len: -1}, {Len: 1001}}},
		"wrong match":   lie,
		"false zeros":   start(nil).add(deflate.Zeros, p),
		"start outside": {p, 1001, -1, nil},
	} {
		if out, err := in.encode(&e); err == nil || len(out) != 0 {
			t.Errorf("%s: %d bytes, no error", name, len(out))
		}
	}
	// Matches that cannot be are passed over.
	odd := start(nil).add(deflate.Parsed, p)
	for _, m := range [][3]int{{0, 10, 1}, {5, 3, 0}, {9, 300, 3}, {400, 2, 1}, {990, 20, 5}, {2000, 5, 5}, {1, 5, 40000}, {1 << 30, 65535, 65535}} {
		odd.parts[0].Matches = append(odd.parts[0].Matches, inflate.NewMatch(m[0], m[1], m[2]))
	}
	piece, err := odd.encode(&e)
	if err != nil {
		t.Fatal(err)
	}
	odd.check(t, piece)
}

func BenchmarkEncode(b *testing.B) {
	for name, in := range inputs(b) {
		b.Run(name, func(b *testing.B) {
			var e deflate.Encoder
			var out []byte
			b.SetBytes(int64(len(in.buf) - in.start))
			for b.Loop() {
				var err error
				if out, err = e.Encode(out[:0], in.buf, in.start, in.header, in.parts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
