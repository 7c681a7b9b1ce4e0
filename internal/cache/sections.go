package cache

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A section is one named part of the facts blob.
type section struct {
	name string
	data []byte
}

// The facts blob is a tar (POSIX ustar) so that it is a layer like any other to scanners and to people. Every file of
// it lies in one folder, and there is exactly one header for a name and a length, so that it
// is written and read without a general tar reader: a header that we would not have written is an error.
const (
	block       = 512
	folder      = "layerpack-cache/"
	maxName     = 100 - len(folder) // bytes of a section's name
	sectionTime = "02263773600"     // 1980-01-02T00:00:00Z in octal, as in every layer
)

// header is the ustar header of a section.
func header(name string, size int) [block]byte {
	var h [block]byte
	copy(h[0:100], folder+name)
	copy(h[100:], "0000644\x000000000\x000000000\x00")
	copy(h[124:], fmt.Sprintf("%011o\x00%s\x00        0", size, sectionTime))
	copy(h[257:], "ustar\x0000")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// joinSections writes sections, which have to be sorted by name, as a tar.
func joinSections(all []section) []byte {
	size := 2 * block
	for _, s := range all {
		size += block + padded(len(s.data))
	}
	out := make([]byte, 0, size)
	for _, s := range all {
		h := header(s.name, len(s.data))
		out = append(out, h[:]...)
		out = append(out, s.data...)
		out = append(out, make([]byte, padded(len(s.data))-len(s.data))...)
	}
	return append(out, make([]byte, 2*block)...)
}

func padded(n int) int { return (n + block - 1) / block * block }

// splitSections is the inverse of joinSections and takes nothing else. The data share tar's memory.
func splitSections(tar []byte) ([]section, error) {
	var out []section
	var zero [block]byte
	before := ""
	for {
		if len(tar) < 2*block {
			return nil, errors.New("a tar that ends too early")
		}
		if bytes.Equal(tar[:block], zero[:]) {
			if len(tar) != 2*block || !bytes.Equal(tar[block:], zero[:]) {
				return nil, errors.New("a tar with more behind its end")
			}
			return out, nil
		}
		name, size, err := readHeader(tar[:block])
		if err != nil {
			return nil, err
		}
		if name <= before {
			return nil, fmt.Errorf("section %q does not come after %q", name, before)
		}
		tar = tar[block:]
		if size > len(tar) || padded(size) > len(tar) {
			return nil, fmt.Errorf("section %q is cut", name)
		}
		if pad := tar[size:padded(size)]; !bytes.Equal(pad, zero[:len(pad)]) {
			return nil, fmt.Errorf("section %q has something in its padding", name)
		}
		out = append(out, section{name, tar[:size:size]})
		tar, before = tar[padded(size):], name
	}
}

func readHeader(b []byte) (name string, size int, err error) {
	full := string(bytes.TrimRight(b[:100], "\x00"))
	name, ok := strings.CutPrefix(full, folder)
	for _, c := range b[124:135] {
		if c < '0' || c > '7' {
			ok = false
		}
		size = size<<3 | int(c&7)
	}
	if want := header(name, size); !ok || name == "" || !bytes.Equal(b, want[:]) {
		return "", 0, fmt.Errorf("a tar header that is none of ours: %.40q", full)
	}
	return name, size, nil
}
