package splice_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// text makes n bytes that look a little like a program.
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

// member is a compressed file as a zip holds it.
type member struct {
	raw, contents []byte
	crc           uint32
}

func compressed(t testing.TB, level int, p []byte) member {
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
	return member{b.Bytes(), p, crc32.ChecksumIEEE(p)}
}

// frozen is compressed by our own encoder, so that golden digests depend on nothing else.
func frozen(t testing.TB, p []byte) member {
	t.Helper()
	var e deflate.Encoder
	m := member{contents: p, crc: crc32.ChecksumIEEE(p)}
	for at := 0; at < len(p); at += deflate.MaxInput {
		n := min(deflate.MaxInput, len(p)-at)
		var err error
		m.raw, err = e.Encode(m.raw, p[:at+n], at, -1, []deflate.Part{{Len: n}})
		if err != nil {
			t.Fatal(err)
		}
	}
	m.raw = append(m.raw, 3, 0)
	return m
}

// layer writes members with headers and padding, as a layer does.
type layer struct {
	t    testing.TB
	z    *splice.Writer
	bufs splice.Buffers
	want []byte
}

func (l *layer) file(m member) {
	l.t.Helper()
	header := make([]byte, 512)
	copy(header, "usr/local/lib/python3.11/site-packages/numpy/core.py")
	binary.BigEndian.PutUint32(header[124:], uint32(len(m.contents)))
	if _, err := l.z.Header(header); err != nil {
		l.t.Fatal(err)
	}
	l.want = append(l.want, header...)
	l.member(m)
	l.bytes(make([]byte, -len(m.contents)&511))
}

func (l *layer) member(m member) {
	l.t.Helper()
	src, n, size := bytes.NewReader(append([]byte("local header"), m.raw...)), int64(len(m.raw)), int64(len(m.contents))
	if size > splice.MaxPrepare {
		var got []byte
		large, err := l.bufs.PrepareLarge(src, 12, n, size, m.crc, func(p []byte) error { got = append(got, p...); return nil })
		if err != nil || !bytes.Equal(got, m.contents) {
			l.t.Fatalf("preparing a large one: %v", err)
		}
		if err := l.z.JoinLarge(large, &l.bufs); err != nil {
			l.t.Fatal(err)
		}
	} else {
		p, err := l.bufs.Prepare(src, 12, n, size, m.crc)
		if err != nil || !bytes.Equal(p.Decoded, m.contents) {
			l.t.Fatalf("preparing: %v", err)
		}
		if err := l.z.Join(p); err != nil {
			l.t.Fatal(err)
		}
	}
	l.want = append(l.want, m.contents...)
}

// large joins m as a large one, whatever its size.
func (l *layer) large(m member) {
	l.t.Helper()
	large, err := l.bufs.PrepareLarge(bytes.NewReader(m.raw), 0, int64(len(m.raw)), int64(len(m.contents)), m.crc, discard)
	if err == nil {
		err = l.z.JoinLarge(large, &l.bufs)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.want = append(l.want, m.contents...)
}

func discard([]byte) error { return nil }

func (l *layer) bytes(p []byte) {
	l.t.Helper()
	if _, err := l.z.Write(p); err != nil {
		l.t.Fatal(err)
	}
	l.want = append(l.want, p...)
}

// check closes the layer and decodes it with two decoders that stop after the first member.
func (l *layer) check(out *bytes.Buffer) {
	l.t.Helper()
	if err := l.z.Close(); err != nil {
		l.t.Fatal(err)
	}
	if h := out.Bytes()[:10]; !bytes.Equal(h, []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}) {
		l.t.Errorf("header %x", h)
	}
	r := bytes.NewReader(out.Bytes())
	z, err := gzip.NewReader(r)
	if err != nil {
		l.t.Fatal(err)
	}
	z.Multistream(false)
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, l.want) || r.Len() != 0 {
		l.t.Fatalf("compress/gzip: %d of %d bytes, %d left: %v", len(got), len(l.want), r.Len(), err)
	}
	k, err := kgzip.NewReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		l.t.Fatal(err)
	}
	if got, err := io.ReadAll(k); err != nil || !bytes.Equal(got, l.want) {
		l.t.Fatalf("klauspost: %d of %d bytes: %v", len(got), len(l.want), err)
	}
}
