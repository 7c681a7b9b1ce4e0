package elffacts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
)

// Cached is one library that ldconfig found.
type Cached struct {
	Name  string // the soname that others need: "libz.so.1"
	Path  string // "/lib/x86_64-linux-gnu/libz.so.1"
	Flags int32  // kind and ABI
	HWCap uint64 // what a processor must have for it; 0: nothing
}

const (
	oldMagic = "ld.so-1.7.0"
	newMagic = "glibc-ld.so.cache1.1"
	// maxCached is 20 times what a desktop has.
	maxCached = 50_000
	maxPath   = 4096
)

// LdCache reads /etc/ld.so.cache (glibc, dl-cache.h): the format of glibc 2.2 and later, with or
// without the older one before it, and the older one alone. Entries that make no sense are passed
// over; an error is a file that is no cache. The order is the file's, in which the loader looks.
func LdCache(b []byte) ([]Cached, error) {
	old := bytes.HasPrefix(b, []byte(oldMagic))
	if !old && !bytes.HasPrefix(b, []byte(newMagic)) {
		return nil, errors.New("ld.so.cache: it is none: it does not begin as one")
	}
	var orders [2]binary.ByteOrder
	orders[0], orders[1] = binary.LittleEndian, binary.BigEndian
	for _, order := range orders {
		rest := b
		if old {
			libs, after, ok := oldCache(b, order)
			if !ok {
				continue
			}
			if rest = after; rest == nil {
				return libs, nil
			}
		}
		if libs, ok := newCache(rest, order); ok {
			return libs, nil
		}
	}
	return nil, errors.New("ld.so.cache: it is cut, or has more entries than any system")
}

// newCache reads header, entries and, by offsets from the header, strings.
func newCache(b []byte, order binary.ByteOrder) ([]Cached, bool) {
	const header, entry = 48, 24
	if len(b) < header {
		return nil, false
	}
	if mark := b[28] & 3; mark == 2 && order == binary.BigEndian || mark == 3 && order == binary.LittleEndian {
		return nil, false
	}
	n := uint64(order.Uint32(b[20:]))
	if n > maxCached || header+n*entry > uint64(len(b)) {
		return nil, false
	}
	out := make([]Cached, 0, n)
	for e := b[header : header+n*entry]; len(e) > 0; e = e[entry:] {
		c := Cached{Flags: int32(order.Uint32(e)), HWCap: order.Uint64(e[16:])}
		out = c.add(out, b, order.Uint32(e[4:]), order.Uint32(e[8:]))
	}
	return out, true
}

// oldCache reads the older format; after is the newer one behind it, nil where there is none.
func oldCache(b []byte, order binary.ByteOrder) (libs []Cached, after []byte, ok bool) {
	const header, entry = 16, 12
	if len(b) < header {
		return nil, nil, false
	}
	n := uint64(order.Uint32(b[12:]))
	if n > maxCached || header+n*entry > uint64(len(b)) {
		return nil, nil, false
	}
	end := header + n*entry
	for _, align := range []uint64{8, 4} {
		if at := (end + align - 1) / align * align; at < uint64(len(b)) && bytes.HasPrefix(b[at:], []byte(newMagic)) {
			return nil, b[at:], true
		}
	}
	names := b[end:]
	for e := b[header:end]; len(e) > 0; e = e[entry:] {
		c := Cached{Flags: int32(order.Uint32(e))}
		libs = c.add(libs, names, order.Uint32(e[4:]), order.Uint32(e[8:]))
	}
	return libs, nil, true
}

func (c Cached) add(to []Cached, names []byte, name, path uint32) []Cached {
	c.Name, c.Path = cString(names, name), cString(names, path)
	if c.Name == "" || len(c.Path) < 2 || c.Path[0] != '/' {
		return to
	}
	return append(to, c)
}

func cString(b []byte, at uint32) string {
	if uint64(at) >= uint64(len(b)) {
		return ""
	}
	b = b[at:]
	i := bytes.IndexByte(b[:min(len(b), maxPath)], 0)
	if i < 0 {
		return ""
	}
	return string(b[:i])
}

// CacheNames is what a loader for the machine, as Python names it, finds in a cache: the path of
// each name, of several the one that asks least of the processor, then the first.
func CacheNames(cached []Cached, machine string) map[string]string {
	out := make(map[string]string, len(cached))
	caps := map[string]uint64{}
	for _, c := range cached {
		if !c.fits(machine) {
			continue
		}
		if have, ok := caps[c.Name]; ok && have <= c.HWCap {
			continue
		}
		out[c.Name], caps[c.Name] = c.Path, c.HWCap
	}
	return out
}

// fits compares the ABI in the flags (glibc, ldconfig.h). One that is not known here fits: the
// tree still tells whether the library is there.
func (c Cached) fits(machine string) bool {
	arm := strings.HasPrefix(machine, "armv")
	switch c.Flags & 0xff00 {
	case 0x0000: // 32-bit libraries of machines that have 64-bit ones too; elsewhere the plain kind
		return machine != "x86_64" && machine != "aarch64"
	case 0x0300:
		return machine == "x86_64"
	case 0x0400:
		return machine == "s390x"
	case 0x0500:
		return machine == "ppc64" || machine == "ppc64le"
	case 0x0800: // x32
		return false
	case 0x0900, 0x0b00:
		return arm
	case 0x0a00:
		return machine == "aarch64"
	}
	return true
}
