package layers

import (
	"encoding/binary"
	"fmt"
	"path"
	"strconv"
	"strings"
)

const (
	blockSize = 512

	// ModTime is the modification time of every entry, in seconds since 1970: 1980-01-02T00:00:00Z.
	// Python's zipfile refuses files older than 1980; the day after is not older in any time zone.
	ModTime = 315619200

	modTime  = "02263773600\x00" // ModTime as a header has it
	noDevice = "0000000\x000000000\x00"

	paxFlag     = 'x'
	maxOctal8   = 1<<21 - 1 // what seven octal digits and a NUL hold
	maxOctal12  = 1<<33 - 1 // eleven octal digits and a NUL
	nameField   = 100
	prefixField = 155
)

// appendHeader appends the tar header blocks of e, which has been checked, to b: a "ustar"
// header, preceded by a pax extended header where ustar cannot say it (both POSIX.1-2001, pax). The
// bytes depend on e alone; archive/tar is not used because its output is not promised to stay.
func appendHeader(b []byte, e *Entry) []byte {
	name, link, size, flag := tarName(e), "", int64(0), byte(e.Kind)
	switch e.Kind {
	case Whiteout:
		flag = byte(File)
	case Symlink:
		link = e.Target
	case File:
		size = e.Size
	}

	var pax []byte
	prefix, short, ok := splitName(name)
	if !ok {
		pax = appendRecord(pax, "path", name)
	}
	if len(link) > nameField || !isASCII(link) {
		pax = appendRecord(pax, "linkpath", link)
		link = standIn(link)
	}
	if size > maxOctal12 {
		pax = appendRecord(pax, "size", strconv.FormatInt(size, 10))
		size = 0
	}
	uid, gid := int64(e.UID), int64(e.GID)
	if uid > maxOctal8 {
		pax = appendRecord(pax, "uid", strconv.FormatInt(uid, 10))
		uid = 0
	}
	if gid > maxOctal8 {
		pax = appendRecord(pax, "gid", strconv.FormatInt(gid, 10))
		gid = 0
	}
	if len(pax) > 0 {
		extended := standIn("PaxHeaders.0/" + path.Base(e.Path))
		b = appendBlock(b, "", extended, "", paxFlag, 0o644, 0, 0, int64(len(pax)))
		b = append(b, pax...)
		b = append(b, make([]byte, padding(int64(len(pax))))...)
	}
	return appendBlock(b, prefix, short, link, flag, int64(e.Mode), uid, gid, size)
}

// tarName is the path of e as the tar has it.
func tarName(e *Entry) string {
	switch e.Kind {
	case Whiteout:
		dir, base := path.Split(e.Path)
		return dir + whiteoutPrefix + base
	case Dir:
		return e.Path + "/"
	}
	return e.Path
}

func appendBlock(b []byte, prefix, name, link string, flag byte, mode, uid, gid, size int64) []byte {
	start := len(b)
	b = append(b, make([]byte, blockSize)...)
	h := b[start:]
	copy(h[0:100], name)
	octal(h[100:108], mode)
	octal(h[108:116], uid)
	octal(h[116:124], gid)
	octal(h[124:136], size)
	copy(h[136:148], modTime)
	copy(h[148:156], "        ")
	h[156] = flag
	copy(h[157:257], link)
	copy(h[257:265], "ustar\x0000")
	copy(h[329:345], noDevice)
	copy(h[345:500], prefix)
	octal(h[148:155], sumOf(h)) // six digits, NUL and the space that is there, as every tar writes it
	return b
}

// sumOf adds up the bytes of a block: eight at a time, in four sums of 16 bits, which are enough for
// the 64 times. Much of a header is zero.
func sumOf(block []byte) int64 {
	const second = 0x00ff00ff00ff00ff
	var sums uint64
	for ; len(block) >= 16; block = block[16:] {
		a, b := binary.LittleEndian.Uint64(block), binary.LittleEndian.Uint64(block[8:])
		if a|b != 0 {
			sums += a&second + a>>8&second + b&second + b>>8&second
		}
	}
	return int64(sums&0xffff + sums>>16&0xffff + sums>>32&0xffff + sums>>48)
}

// octal fills field with v in octal, zero-padded and ended by a NUL.
func octal(field []byte, v int64) {
	for i := len(field) - 2; i >= 0; i-- {
		field[i] = '0' + byte(v&7)
		v >>= 3
	}
	field[len(field)-1] = 0
}

// splitName divides a name over ustar's prefix and name fields; without success it returns
// an ASCII stand-in and false, and the name needs a pax record.
func splitName(name string) (prefix, short string, ok bool) {
	if isASCII(name) {
		if len(name) <= nameField {
			return "", name, true
		}
		if len(name) <= prefixField+1+nameField {
			// The shortest prefix that leaves a name of at most 100 bytes; a folder's final
			// slash is no place to divide.
			from := len(name) - nameField - 1
			if i := strings.IndexByte(name[from:len(name)-1], '/'); i >= 0 && from+i <= prefixField && from+i > 0 {
				return name[:from+i], name[from+i+1:], true
			}
		}
	}
	return "", standIn(name), false
}

// appendRecord appends a pax record "LENGTH KEY=VALUE\n", where LENGTH counts itself.
func appendRecord(b []byte, key, value string) []byte {
	rest := len(key) + len(value) + 3
	n := rest + digits(rest)
	if digits(n) != digits(rest) {
		n = rest + digits(n)
	}
	return fmt.Appendf(b, "%d %s=%s\n", n, key, value)
}

func digits(n int) int { return len(strconv.Itoa(n)) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// standIn is what the name field holds where a pax record says the name: at most 100 ASCII
// bytes, and for a file no final slash, by which old readers know folders. It has as many
// parts as the name, none of them empty, so that a reader without pax stays below its root.
func standIn(name string) string {
	b := []byte(name[:min(len(name), nameField)])
	for i, c := range b {
		if c >= 0x80 {
			b[i] = '_'
		}
	}
	return strings.TrimSuffix(string(b), "/")
}

// padding is the number of zero bytes that fill n bytes up to whole blocks.
func padding(n int64) int64 { return -n & (blockSize - 1) }
