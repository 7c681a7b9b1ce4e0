package inflate_test

import (
	"bytes"
	"compress/flate"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// text makes n bytes that look a little like a program: words of few kinds, repeated lines.
func text(n int, seed uint32) []byte {
	words := []string{"def ", "return ", "self.", "import ", "numpy", "(x)", "\n    ", "\n\n", " = ", "None", "value", "0x1f", ", "}
	p := make([]byte, 0, n+16)
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

// samples are contents by name.
func samples() map[string][]byte {
	mixed := append(text(70000, 1), noise(90000, 2)...)
	return map[string][]byte{
		"empty":    {},
		"one byte": {'x'},
		"short":    []byte("hello, hello, hello"),
		"zeros":    make([]byte, 100000),
		"period 3": bytes.Repeat([]byte("abc"), 5000),
		"period 7": bytes.Repeat([]byte("abcdefg"), 5000),
		"text":     text(300000, 3),
		"noise":    noise(70000, 4),
		"mixed":    append(mixed, mixed...),
		"all":      bytes.Repeat(noise(256, 5), 3),
	}
}

var levels = []int{flate.HuffmanOnly, flate.NoCompression, flate.BestSpeed, flate.DefaultCompression, flate.BestCompression}

func deflated(t testing.TB, level int, p []byte) []byte {
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
	return b.Bytes()
}

// bits builds streams by hand, least significant bit first.
type bits struct {
	p []byte
	n int
}

// put appends the n low bits of each value: v, n, v, n, ...
func (b *bits) put(pairs ...int) *bits {
	for k := 0; k < len(pairs); k += 2 {
		for i := range pairs[k+1] {
			if b.n&7 == 0 {
				b.p = append(b.p, 0)
			}
			b.p[b.n>>3] |= byte(pairs[k]>>i&1) << (b.n & 7)
			b.n++
		}
	}
	return b
}

// code appends a Huffman code, most significant bit first.
func (b *bits) code(v, n int) *bits {
	for i := n - 1; i >= 0; i-- {
		b.put(v>>i&1, 1)
	}
	return b
}

// eachLoop runs a test with each inner loop.
func eachLoop(t *testing.T, test func(t *testing.T, d *inflate.Decoder)) {
	for name, d := range inflate.Loops() {
		t.Run(name, func(t *testing.T) { test(t, d) })
	}
}
