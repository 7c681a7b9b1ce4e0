package requirement

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// bom is a byte order mark and how to read what follows it. UTF-32 comes first: its little-endian
// mark begins with that of UTF-16.
type bom struct {
	mark   string
	decode func([]byte) (string, error)
}

func boms() []bom {
	return []bom{
		{"\xef\xbb\xbf", decodeUTF8},
		{"\xff\xfe\x00\x00", func(b []byte) (string, error) { return decodeUTF32(b, binary.LittleEndian) }},
		{"\x00\x00\xfe\xff", func(b []byte) (string, error) { return decodeUTF32(b, binary.BigEndian) }},
		{"\xff\xfe", func(b []byte) (string, error) { return decodeUTF16(b, binary.LittleEndian) }},
		{"\xfe\xff", func(b []byte) (string, error) { return decodeUTF16(b, binary.BigEndian) }},
	}
}

// decode makes text of a file: by its byte order mark, by a coding comment in the first two
// lines (PEP 263), else UTF-8. Where pip would go on with the machine's own encoding it fails, because the
// same file must mean the same everywhere.
func decode(data []byte) (string, error) {
	for _, b := range boms() {
		if rest, ok := bytes.CutPrefix(data, []byte(b.mark)); ok {
			return b.decode(rest)
		}
	}
	coding := regexp.MustCompile(`coding[:=]\s*([-\w.]+)`)
	for i, line := range bytes.SplitN(data, []byte("\n"), 3) {
		if i == 2 || !bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		if m := coding.FindSubmatch(line); m != nil {
			return decodeNamed(data, string(m[1]))
		}
	}
	text, err := decodeUTF8(data)
	if err != nil {
		return "", fmt.Errorf("%w, and no comment like `# -*- coding: latin-1 -*-` says what it is", err)
	}
	return text, nil
}

// decodeNamed reads the encodings that requirement files are found in, under Python's names for them.
func decodeNamed(data []byte, name string) (string, error) {
	var table *charmap.Charmap
	switch strings.NewReplacer("_", "-").Replace(strings.ToLower(name)) {
	case "utf-8", "utf8", "u8", "utf-8-sig", "utf8-sig":
		return decodeUTF8(data)
	case "ascii", "us-ascii", "646":
		for _, c := range data {
			if c >= utf8.RuneSelf {
				return "", fmt.Errorf("byte %#02x is not ASCII, which its coding comment promises", c)
			}
		}
		return string(data), nil
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1", "8859":
		table = charmap.ISO8859_1
	case "iso-8859-2", "iso8859-2", "latin2", "latin-2":
		table = charmap.ISO8859_2
	case "iso-8859-15", "iso8859-15", "latin-9", "latin9":
		table = charmap.ISO8859_15
	case "cp1250", "windows-1250":
		table = charmap.Windows1250
	case "cp1251", "windows-1251":
		table = charmap.Windows1251
	case "cp1252", "windows-1252":
		table = charmap.Windows1252
	default:
		return "", fmt.Errorf("its encoding %q is not one that is read here: save it as UTF-8", name)
	}
	out, err := table.NewDecoder().Bytes(data)
	return string(out), err
}

func decodeUTF8(data []byte) (string, error) {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return "", fmt.Errorf("byte %#02x at offset %d is not UTF-8", data[i], i)
		}
		i += n
	}
	return string(data), nil
}

func decodeUTF16(data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%2 != 0 {
		return "", fmt.Errorf("UTF-16 text has an even number of bytes")
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

func decodeUTF32(data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%4 != 0 {
		return "", fmt.Errorf("UTF-32 text has a multiple of four bytes")
	}
	var b strings.Builder
	for i := 0; i < len(data); i += 4 {
		c := order.Uint32(data[i:])
		if c > utf8.MaxRune {
			return "", fmt.Errorf("%#x at offset %d is no character", c, i)
		}
		b.WriteRune(rune(c))
	}
	return b.String(), nil
}
