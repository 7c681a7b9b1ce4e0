package layers

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// tocRow is what the table of contents says of an entry of the tar.
type tocRow struct {
	entry  Entry
	digest [sha256.Size]byte // of a file's contents
	chunks []*tocChunk       // none if there are no contents
}

type tocChunk struct {
	offset int64 // of the chunk's member in the blob, in bytes
	digest [sha256.Size]byte
}

// modTime3339 is [ModTime] as the table of contents says it.
const modTime3339 = "1980-01-02T00:00:00Z"

// appendTOC appends the table of contents (stargz-snapshotter, docs/estargz.md, "TOC") to b:
// JSON without spaces, what is empty or zero left out. Its bytes are part of the layer, so it
// is written by hand like a tar header.
func appendTOC(b []byte, rows []*tocRow) []byte {
	b = append(b, `{"version":1,"entries":[`...)
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRow(b, r)
	}
	return append(b, "]}"...)
}

func appendRow(b []byte, r *tocRow) []byte {
	e, name := &r.entry, tarName(&r.entry)
	b = appendText(append(b, '{'), "name", name)
	b = appendText(b, "type", tocType(e.Kind))
	if e.Kind == File {
		b = appendNumber(b, "size", e.Size)
	}
	b = appendText(b, "modtime", modTime3339)
	if e.Kind == Symlink {
		b = appendText(b, "linkName", e.Target)
	}
	b = appendNumber(b, "mode", int64(e.Mode))
	b = appendNumber(b, "uid", int64(e.UID))
	b = appendNumber(b, "gid", int64(e.GID))
	digest := ""
	if e.Kind == File || e.Kind == Whiteout {
		digest = "sha256:" + hex.EncodeToString(r.digest[:])
	}
	for i, c := range r.chunks {
		at := int64(i) * chunkSize
		if i > 0 {
			b = appendText(append(b, "},{"...), "name", name)
			b = appendText(b, "type", "chunk")
			digest = ""
		}
		b = appendNumber(b, "offset", c.offset)
		b = appendText(b, "digest", digest)
		b = appendNumber(b, "chunkOffset", at)
		if e.Size-at >= chunkSize { // the last chunk goes to the end of the file
			b = appendNumber(b, "chunkSize", chunkSize)
		}
		b = appendText(b, "chunkDigest", "sha256:"+hex.EncodeToString(c.digest[:]))
	}
	if len(r.chunks) == 0 {
		b = appendText(b, "digest", digest)
	}
	return append(b, '}')
}

func tocType(k Kind) string {
	switch k {
	case Dir:
		return "dir"
	case Symlink:
		return "symlink"
	}
	return "reg"
}

// appendText appends a field of a JSON object, none if value is empty.
func appendText(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendQuoted(appendKey(b, key), value)
}

func appendNumber(b []byte, key string, value int64) []byte {
	if value == 0 {
		return b
	}
	return strconv.AppendInt(appendKey(b, key), value, 10)
}

func appendKey(b []byte, key string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendQuoted(b, key), ':')
}

// appendQuoted appends a JSON string (RFC 8259, section 7) of UTF-8 text, with no more escapes
// than it needs.
func appendQuoted(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
