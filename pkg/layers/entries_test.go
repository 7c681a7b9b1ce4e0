package layers

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
)

// prose is text that compresses like text, the same on every machine: a linear congruential
// generator chooses the words.
func prose(seed uint32, n int) string {
	words := []string{"import", "numpy", "return", "def", "\n    ", "self", "=", "None", "(x)", "layer", "\n", "0.5", "# why"}
	var b strings.Builder
	for b.Len() < n {
		seed = seed*1664525 + 1013904223
		b.WriteString(words[seed>>16%uint32(len(words))])
		b.WriteByte(' ')
	}
	return b.String()[:n]
}

// vectors are layers whose bytes are frozen.
func vectors() map[string][]Entry {
	deep := []Entry{dir("d")}
	for path := "d"; len(path) < 600; {
		path += "/" + strings.Repeat("n", 90)
		deep = append(deep, dir(path), file(path+"/f.py", prose(uint32(len(path)), 700)))
	}
	many := []Entry{dir("opt")}
	for i := range 300 {
		many = append(many, file(fmt.Sprintf("opt/m%d.py", i), prose(uint32(i), i*37)))
	}
	return map[string][]Entry{
		"nothing": nil,
		"kinds": {
			with(dir("tmp"), func(e *Entry) { e.Mode = 0o1777 }), file("tmp/x", "hello\n"), link("tmp/l", "../é"),
			with(file("tmp/run", "#!/bin/sh\n"), func(e *Entry) { e.Mode, e.UID, e.GID = 0o4755, 1000, 1<<22 }),
		},
		"unicode":  {dir("目录"), file("目录/größe.txt", "ß"), file("目录/"+strings.Repeat("日", 80), "")},
		"removals": {dir("usr"), {Path: "usr/old", Kind: Whiteout}, {Path: "usr/é", Kind: Whiteout}},
		"deep":     deep,
		"many":     many,
		"large":    {file("large", prose(7, 600_000))},
		"spliced":  spliceable(),
	}
}

// spliceable are entries whose bytes lie compressed, by an encoder that does not change: ours, and
// stored blocks for what is larger than a chunk.
func spliceable() []Entry {
	var e deflate.Encoder
	out := []Entry{dir("s")}
	for i, n := range []int{0, 1, 100, 2000, 30_000, 90_000, 200_000} {
		text := prose(uint32(i), n)
		raw, err := e.Encode(nil, []byte(text), 0, -1, []deflate.Part{{Len: n}})
		if err != nil {
			panic(err) // found by the tests of package deflate
		}
		out = append(out, compressedFile(fmt.Sprintf("s/%d.py", i), text, append(raw, 3, 0)))
	}
	large := large()
	return append(out, compressedFile("s/large", large, stored(large)), file("s/large-read", large[1:]))
}

// large is somewhat longer than a chunk, and quickly encoded.
func large() string { return prose(9, 3000) + strings.Repeat("\x00", chunkSize) + prose(10, 3000) }

// stored is DEFLATE without compression (RFC 1951, section 3.2.4).
func stored(text string) (raw []byte) {
	for len(text) > 0 {
		n := min(len(text), 0xffff)
		raw = binary.LittleEndian.AppendUint16(append(raw, 0), uint16(n))
		raw = binary.LittleEndian.AppendUint16(raw, ^uint16(n))
		raw = append(raw, text[:n]...)
		text = text[n:]
	}
	return append(raw, 3, 0)
}

// compressedFile is a file whose bytes lie in raw, and that has the right digest.
func compressedFile(path, text string, raw []byte) Entry {
	sum := sha256.Sum256([]byte(text))
	return with(file(path, text), func(e *Entry) {
		e.SHA256 = &sum
		e.Deflate = &Span{Src: bytes.NewReader(append([]byte{0xff}, raw...)), Offset: 1, Len: int64(len(raw)), CRC32: crc32.ChecksumIEEE([]byte(text))}
	})
}

func deflated(t *testing.T, text string, level int) []byte {
	t.Helper()
	var raw bytes.Buffer
	w, err := flate.NewWriter(&raw, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

// compressed makes entries of all sizes with their bytes compressed, and the same without it. The
// second one is too large to be inflated in memory.
func compressed(t *testing.T) (entries, plain []Entry) {
	t.Helper()
	entries = []Entry{dir("d"), compressedFile("d/00.py", large(), stored(large()))}
	for i := 1; i < 45; i++ {
		text := prose(uint32(i), i*i*6)
		if i%15 == 0 {
			text = prose(uint32(i), 80_000) // long enough to be copied
		}
		entries = append(entries, compressedFile(fmt.Sprintf("d/%02d.py", i), text, deflated(t, text, i%7)))
	}
	for _, e := range entries {
		e.Deflate = nil
		plain = append(plain, e)
	}
	return entries, plain
}

// shapes are vectors and compressed entries, without those that only take long.
func shapes(t *testing.T) map[string][]Entry {
	t.Helper()
	all := vectors()
	delete(all, "many")
	delete(all, "large")
	all["compressed"], _ = compressed(t)
	return all
}
