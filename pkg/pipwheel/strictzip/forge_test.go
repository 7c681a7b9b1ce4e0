package strictzip

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/klauspost/compress/flate"
	kzstd "github.com/klauspost/compress/zstd"
)

// forged is one entry of a forge: an honest one by default, its patches may say anything.
type forged struct {
	name, localName string
	method, flags   uint16
	mode            uint32 // the upper half of the external attributes
	crc             uint32
	compressed      uint64
	size            uint64
	raw             []byte // what lies in the archive
	after           []byte // and what lies behind it
	extra, comment  []byte // of the directory
	localExtra      []byte
	local           func(b []byte) // patches the local header
	central         func(b []byte) // patches the directory's
	noLocal         bool
	noCentral       bool
}

// forge writes archives, good and bad.
type forge struct {
	prefix  string
	files   []*forged
	between []byte // between the last entry and the directory
	tail    []byte // between the directory and the end records
	comment string
	trailer string
	zip64   bool
	end64   func(b []byte) // patches the ZIP64 end record and its locator
	end     func(b []byte) // patches the end record
}

func put16(b []byte, v uint16) { binary.LittleEndian.PutUint16(b, v) }
func put32(b []byte, v uint32) { binary.LittleEndian.PutUint32(b, v) }
func put64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

func le16(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }

// field is one extra field.
func field(id int, data ...[]byte) []byte {
	d := bytes.Join(data, nil)
	return append(append(le16(id), le16(len(d))...), d...)
}

func u64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }
func u32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

// descriptor is a data descriptor with signature.
func (e *forged) descriptor() []byte {
	return bytes.Join([][]byte{u32(descriptorSignature), u32(e.crc), u32(uint32(e.compressed)), u32(uint32(e.size))}, nil)
}

// late makes e an entry with a data descriptor d, as streaming writers do.
func (e *forged) late(d []byte) {
	e.flags |= flagDescriptor
	e.after = d
	e.local = func(b []byte) { clear(b[14:26]) }
}

func newForged(name string, method uint16, data string) *forged {
	e := &forged{name: name, localName: name, method: method, mode: 0o100644, crc: crc32.ChecksumIEEE([]byte(data)), size: uint64(len(data))}
	var buf bytes.Buffer
	switch method {
	case Deflate:
		w, _ := flate.NewWriter(&buf, 6)
		_, _ = w.Write([]byte(data))
		_ = w.Close()
		e.raw = buf.Bytes()
	case Zstd:
		if len(data) < 256 { // one raw block, by hand: an encoder is slow to make
			e.raw = append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x20, byte(len(data)), byte(len(data)<<3) | 1, byte(len(data) >> 5), 0}, data...)
			break
		}
		w, _ := kzstd.NewWriter(nil, kzstd.WithEncoderConcurrency(1))
		e.raw = w.EncodeAll([]byte(data), nil)
	default:
		e.raw = []byte(data)
	}
	e.compressed = uint64(len(e.raw))
	return e
}

// good is what the bad archives begin as: text is files[0], zipped, bin files[1], stored, and the folder files[2].
func good() *forge {
	folder := newForged("pkg/", Stored, "")
	folder.mode = 0o040755
	return &forge{files: []*forged{
		newForged("a.txt", Deflate, "some text, some text, some text"),
		newForged("pkg/b.bin", Stored, "\x00\x01\x02"),
		folder,
		newForged("pkg/c.zst", Zstd, "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"),
	}}
}

func (f *forge) bytes() []byte {
	out := []byte(f.prefix)
	var dir []byte
	count := 0
	for _, e := range f.files {
		h := make([]byte, 30)
		copy(h, "PK\x03\x04")
		put16(h[4:], 20)
		put16(h[6:], e.flags)
		put16(h[8:], e.method)
		put32(h[14:], e.crc)
		put32(h[18:], uint32(e.compressed))
		put32(h[22:], uint32(e.size))
		put16(h[26:], uint16(len(e.localName)))
		put16(h[28:], uint16(len(e.localExtra)))
		if e.local != nil {
			e.local(h)
		}
		offset := len(out) - len(f.prefix)
		if !e.noLocal {
			out = append(append(append(out, h...), e.localName...), e.localExtra...)
			out = append(append(out, e.raw...), e.after...)
		}
		c := make([]byte, 46)
		copy(c, "PK\x01\x02")
		put16(c[4:], 3<<8|20)
		put16(c[6:], 20)
		copy(c[8:12], h[6:10])
		put16(c[8:], e.flags)
		put16(c[10:], e.method)
		put32(c[16:], e.crc)
		put32(c[20:], uint32(e.compressed))
		put32(c[24:], uint32(e.size))
		put16(c[28:], uint16(len(e.name)))
		put16(c[30:], uint16(len(e.extra)))
		put16(c[32:], uint16(len(e.comment)))
		put32(c[38:], e.mode<<16)
		put32(c[42:], uint32(offset))
		if e.central != nil {
			e.central(c)
		}
		if !e.noCentral {
			count++
			dir = append(append(append(append(dir, c...), e.name...), e.extra...), e.comment...)
		}
	}
	out = append(out, f.between...)
	start := len(out) - len(f.prefix)
	out = append(append(out, dir...), f.tail...)
	if f.zip64 {
		b := make([]byte, 76)
		copy(b, "PK\x06\x06")
		put64(b[4:], 44)
		put64(b[24:], uint64(count))
		put64(b[32:], uint64(count))
		put64(b[40:], uint64(len(dir)))
		put64(b[48:], uint64(start))
		copy(b[56:], "PK\x06\x07")
		put64(b[64:], uint64(len(out)))
		put32(b[72:], 1)
		if f.end64 != nil {
			f.end64(b)
		}
		out = append(out, b...)
	}
	e := make([]byte, 22)
	copy(e, "PK\x05\x06")
	put16(e[8:], uint16(count))
	put16(e[10:], uint16(count))
	put32(e[12:], uint32(len(dir)))
	put32(e[16:], uint32(start))
	put16(e[20:], uint16(len(f.comment)))
	if f.end != nil {
		f.end(e)
	}
	return append(append(append(out, e...), f.comment...), f.trailer...)
}

// readAll opens the archive and reads every file.
func readAll(b []byte, o Limits) (map[string]string, error) {
	a, err := Open(bytes.NewReader(b), int64(len(b)), o)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, e := range a.Entries() {
		r, err := a.Reader(e)
		if err != nil {
			return nil, err
		}
		var buf bytes.Buffer
		_, err = buf.ReadFrom(r)
		if closeErr := r.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, err
		}
		files[e.Name] = buf.String()
	}
	return files, nil
}

func TestForge(t *testing.T) {
	files, err := readAll(good().bytes(), Limits{})
	if err != nil || len(files) != 3 || files["pkg/b.bin"] != "\x00\x01\x02" || files["a.txt"] != "some text, some text, some text" {
		t.Fatal(files, err)
	}
}
