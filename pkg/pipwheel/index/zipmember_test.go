package index

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/url"
	"testing"
)

// zip64Wheel is METADATA alone in an archive whose numbers are all in ZIP64 fields. The extra field
// of the local header is longer than readers guess.
func zip64Wheel(metadata, name string, extra []byte) []byte {
	le := binary.LittleEndian
	const all = 1<<32 - 1
	b := make([]byte, localSize)
	copy(b, "PK\x03\x04")
	le.PutUint16(b[26:], uint16(len(name)))
	le.PutUint16(b[28:], 500)
	b = append(append(append(b, name...), make([]byte, 500)...), metadata...)
	start := uint64(len(b))

	d := make([]byte, directorySize)
	copy(d, "PK\x01\x02")
	le.PutUint32(d[16:], crc32.ChecksumIEEE([]byte(metadata)))
	le.PutUint32(d[20:], all)
	le.PutUint32(d[24:], all)
	le.PutUint16(d[28:], uint16(len(name)))
	le.PutUint16(d[30:], uint16(len(extra)))
	le.PutUint32(d[42:], all)
	d = append(append(d, name...), extra...)
	b = append(b, d...)

	end64 := uint64(len(b))
	e := make([]byte, end64Size)
	copy(e, "PK\x06\x06")
	le.PutUint64(e[40:], uint64(len(d)))
	le.PutUint64(e[48:], start)
	l := make([]byte, locatorSize)
	copy(l, "PK\x06\x07")
	le.PutUint64(l[8:], end64)
	end := make([]byte, endSize)
	copy(end, "PK\x05\x06")
	le.PutUint32(end[12:], all)
	le.PutUint32(end[16:], all)
	le.PutUint16(end[20:], 7)
	return append(append(append(append(b, e...), l...), end...), "comment"...)
}

func zip64Extra(values ...uint64) []byte {
	b := []byte{9, 9, 2, 0, 1, 1} // another field before it
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, uint16(8*len(values)))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

func TestZip64(t *testing.T) {
	const text = "Name: demo\nVersion: 1.0\n"
	n := uint64(len(text))
	read := func(b []byte) (string, error) {
		r := &ranged{url: &url.URL{}, size: int64(len(b)), tail: b}
		content, err := r.member(t.Context())
		return string(content), err
	}
	const name = "demo-1.0.dist-info/METADATA"
	if got, err := read(zip64Wheel(text, name, zip64Extra(n, n, 0))); err != nil || got != text {
		t.Errorf("%q, %v", got, err)
	}
	for what, b := range map[string][]byte{
		"short extra":     zip64Wheel(text, name, zip64Extra(n, n)),
		"no extra":        zip64Wheel(text, name, nil),
		"extra cut":       zip64Wheel(text, name, zip64Extra(n, n, 0)[:20]),
		"offset outside":  zip64Wheel(text, name, zip64Extra(n, n, 1<<40)),
		"offset negative": zip64Wheel(text, name, zip64Extra(n, n, 1<<63+5)),
		"not there":       zip64Wheel(text, name, zip64Extra(n, n, 3)),
		"too large":       zip64Wheel(text, name, zip64Extra(1<<40, 1<<40, 0)),
		"other size":      zip64Wheel(text, name, zip64Extra(n+1, n, 0)),
		"a folder deeper": zip64Wheel(text, "x/"+name, zip64Extra(n, n, 0)),
		"other bytes":     append([]byte("x"), zip64Wheel(text, name, zip64Extra(n, n, 0))...),
	} {
		if got, err := read(b); err == nil || errors.Is(err, errNoRanges) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

func TestContentRange(t *testing.T) {
	for value, want := range map[string][3]int64{
		"bytes 0-9/10": {0, 9, 10}, "bytes 5-5/6": {5, 5, 6}, "bytes 0-9/*": {}, "bytes 9-0/10": {}, "bytes 0-10/10": {}, "items 0-9/10": {},
		"bytes */10": {}, "": {}, "bytes -1-9/10": {}, "bytes 0-9/99999999999999999999": {}, "bytes +0-9/10": {},
	} {
		a, b, c, ok := contentRange(value)
		if ok != (want[2] != 0) || ok && [3]int64{a, b, c} != want {
			t.Errorf("%q: %d-%d/%d, %v", value, a, b, c, ok)
		}
	}
}
