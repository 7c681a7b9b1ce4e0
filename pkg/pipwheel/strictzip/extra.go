package strictzip

import (
	"bytes"
	"encoding/binary"
)

const (
	extraZip64       = 0x0001 // APPNOTE 4.5.3
	extraUnicodePath = 0x7075 // APPNOTE 4.6.9
)

// readExtra checks the extra fields p of an entry and returns the ZIP64 one; found tells an empty
// one from none. Other fields are not looked at: they change neither names nor bytes.
func readExtra(p []byte, name string) (zip64 []byte, found bool, err *Error) {
	unicodePath := false
	for len(p) > 0 {
		if len(p) < 4 {
			return nil, false, refuse(Extra, name, "%d bytes after the last extra field", len(p))
		}
		id, n := binary.LittleEndian.Uint16(p), int(binary.LittleEndian.Uint16(p[2:]))
		if n > len(p)-4 {
			return nil, false, refuse(Extra, name, "extra field %#04x is cut off", id)
		}
		data := p[4 : 4+n]
		p = p[4+n:]
		switch id {
		case extraZip64:
			if found {
				return nil, false, refuse(Zip64Extra, name, "two ZIP64 extra fields")
			}
			zip64, found = data, true
		case extraUnicodePath:
			// Version, CRC-32 of the header's name, name: some readers prefer it to the header's.
			if unicodePath || len(data) < 5 || !bytes.Equal(data[5:], []byte(name)) {
				return nil, false, refuse(UnicodePath, name, "a Unicode path extra field that does not just repeat the name")
			}
			unicodePath = true
		}
	}
	return zip64, found, nil
}

// fillZip64 replaces the saturated ones of fields, in this order, by the ZIP64 extra field's values.
func fillZip64(zip64 []byte, found bool, name string, fields ...*uint64) *Error {
	want := 0
	for _, f := range fields {
		if *f == saturated32 {
			want += 8
		}
	}
	if found != (want > 0) || len(zip64) != want {
		return refuse(Zip64Extra, name, "a ZIP64 extra field of %d bytes where %d are due", len(zip64), want)
	}
	for _, f := range fields {
		if *f == saturated32 {
			*f = binary.LittleEndian.Uint64(zip64)
			zip64 = zip64[8:]
		}
	}
	return nil
}

// fillLocalZip64 is fillZip64 for a local header, whose field always has both sizes (APPNOTE 4.5.3).
// Bazel's zipper writes the field without leaving sizes to it (selenium's wheels): then it repeats them.
func fillLocalZip64(zip64 []byte, found bool, name string, size, compressed *uint64) *Error {
	if !found {
		return fillZip64(nil, false, name, size, compressed)
	}
	if len(zip64) != 16 {
		return refuse(Zip64Extra, name, "a ZIP64 extra field of %d bytes in the local header, not 16", len(zip64))
	}
	s, c := binary.LittleEndian.Uint64(zip64), binary.LittleEndian.Uint64(zip64[8:])
	left := *size == saturated32 && *compressed == saturated32
	if !left && (*size != s || *compressed != c) {
		return refuse(Zip64Extra, name, "a ZIP64 extra field that disagrees with its local header")
	}
	*size, *compressed = s, c
	return nil
}
