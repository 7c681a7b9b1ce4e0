package deflate_test

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// text makes n bytes that look a little like a program: words of few kinds, repeated lines.
func text(n int, seed uint32) []byte {
	words := []string{"def ", "return ", "self.", "import ", "numpy", "(x)", "\n    ", "\n\n", " = ", "None", "value", "0x1f", ", "}
	p := make([]byte, 0, n+256)
	for len(p) < n {
		seed = seed*1664525 + 1013904223
		if seed>>28 == 0 && len(p) > 300 {
			at := int(seed>>8) % (len(p) - 200)
			p = append(p, p[at:at+20+int(seed>>4&127)]...)
			continue
		}
		p = append(p, words[int(seed>>20)%len(words)]...)
	}
	return p[:n]
}

// noise makes n bytes that do not compress.
func noise(n int, seed uint32) []byte {
	p := make([]byte, n)
	for i := range p {
		seed = seed*1664525 + 1013904223
		p[i] = byte(seed >> 24)
	}
	return p
}

// input is what an encoder is given.
type input struct {
	buf    []byte
	start  int
	header int
	parts  []deflate.Part
}

func start(history []byte) *input { return &input{history, len(history), -1, nil} }

func (in *input) add(kind deflate.Kind, p []byte) *input {
	in.buf = append(in.buf, p...)
	in.parts = append(in.parts, deflate.Part{Len: len(p), Kind: kind})
	return in
}

// parsed adds p as another encoder at this level would have left it.
func (in *input) parsed(t testing.TB, level int, p []byte) *input {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var d inflate.Decoder
	_, matches, _, err := d.DecodeMatches(nil, b.Bytes(), len(p), nil)
	if err != nil {
		t.Fatal(err)
	}
	in.add(deflate.Parsed, p)
	in.parts[len(in.parts)-1].Matches = matches
	return in
}

func (in *input) encode(e *deflate.Encoder) ([]byte, error) {
	return e.Encode(nil, in.buf, in.start, in.header, in.parts)
}

// check decodes a piece with compress/flate, as the middle of a stream.
func (in *input) check(t testing.TB, piece []byte) {
	t.Helper()
	stream := append(bytes.Clone(piece), 1, 0, 0, 0xff, 0xff)
	r := bytes.NewReader(stream)
	got, err := io.ReadAll(flate.NewReaderDict(r, in.buf[:in.start]))
	if err != nil || r.Len() != 0 || !bytes.Equal(got, in.buf[in.start:]) {
		t.Fatalf("compress/flate: %d of %d bytes, %d left: %v", len(got), len(in.buf)-in.start, r.Len(), err)
	}
}

// tarHeader is the n-th of some tar headers (POSIX.1-2001, ustar).
func tarHeader(n int) []byte {
	h := make([]byte, 512)
	copy(h, "usr/local/lib/python3.11/site-packages/pkg/")
	copy(h[43:], []string{"core", "base", "_impl", "tests"}[n%4])
	copy(h[50:], []byte{byte('a' + n%26), byte('a' + n/26%26), '.', 'p', 'y'})
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:], []byte{'0', '0', '0', '0', '0', byte('0' + n%8), byte('0' + n/3%8), byte('0' + n/5%8), '1', '2', '1', 0})
	copy(h[136:], "02263551400\x000")
	copy(h[148:], []byte{'0', '1', byte('0' + n%7), byte('0' + n%5), byte('0' + n%3), '1', 0, ' '})
	copy(h[257:], "ustar\x0000")
	return h
}

// inputs are what the tests encode, by name.
func inputs(t testing.TB) map[string]*input {
	headers := start(nil)
	for n := range 100 {
		headers.add(deflate.Header, tarHeader(n)).parsed(t, 6, text(200, uint32(n))).add(deflate.Zeros, make([]byte, 312))
	}
	after := start(text(40000, 1)).add(deflate.Header, tarHeader(1)).add(deflate.Plain, text(3000, 1))
	after.header = 39000
	twins := start(nil).parsed(t, 6, text(20000, 1)).parsed(t, 6, text(20000, 2)).parsed(t, 6, text(20000, 1))
	return map[string]*input{
		"empty":     start([]byte("history")),
		"one":       start(nil).add(deflate.Plain, []byte("x")),
		"tiny":      start(nil).add(deflate.Plain, []byte("hello, hello, hello")),
		"text":      start(nil).add(deflate.Plain, text(deflate.MaxInput, 3)),
		"noise":     start(nil).add(deflate.Plain, noise(100000, 4)),
		"mixed":     start(nil).add(deflate.Plain, text(70000, 5)).add(deflate.Plain, noise(70000, 6)).parsed(t, 6, noise(3000, 6)),
		"all bytes": start(nil).add(deflate.Plain, bytes.Repeat(noise(256, 5), 3)),
		"headers":   headers,
		"history":   after,
		"twins":     twins,
		"zeros":     start([]byte{0, 1}).add(deflate.Zeros, make([]byte, 1)).add(deflate.Zeros, make([]byte, 2000)),
		"zero end":  start([]byte{1, 0}).add(deflate.Zeros, make([]byte, 258*3)).add(deflate.Plain, make([]byte, 5)),
		"ones":      start(nil).add(deflate.Plain, bytes.Repeat([]byte{0xff}, 100000)),
		"unparsed":  start(nil).add(deflate.Parsed, text(5000, 7)).add(deflate.Header, text(900, 7)),
	}
}
