package fakebase

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"
)

// File is one entry of a layer's tar.
type File struct {
	Path     string
	Type     byte // a tar type flag
	Mode     int64
	UID, GID int
	Target   string // of symbolic and hard links
	Content  []byte
}

// Dir is a folder owned by root.
func Dir(path string, mode int64) File { return File{Path: path + "/", Type: tar.TypeDir, Mode: mode} }

// Link is a symbolic link.
func Link(path, target string) File {
	return File{Path: path, Type: tar.TypeSymlink, Mode: 0o777, Target: target}
}

// Text is a file with the given text.
func Text(path string, mode int64, text string) File {
	return File{Path: path, Type: tar.TypeReg, Mode: mode, Content: []byte(text)}
}

// Binary is a file with the bytes of e.
func Binary(path string, mode int64, e ELF) File {
	return File{Path: path, Type: tar.TypeReg, Mode: mode, Content: e.Bytes()}
}

// Whiteout removes a path of the layers below (image-spec, "Whiteouts"); path is the marker's own,
// "a/.wh.b" for a/b.
func Whiteout(path string) File { return File{Path: path, Type: tar.TypeReg} }

// Tar writes files in the order given, as a layer's uncompressed tar.
func Tar(files []File) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range files {
		h := &tar.Header{
			Name: f.Path, Typeflag: f.Type, Mode: f.Mode, Uid: f.UID, Gid: f.GID, Linkname: f.Target,
			Size: int64(len(f.Content)), ModTime: time.Unix(1_700_000_000, 0),
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("fake base: writing %s: %w", f.Path, err)
		}
		if _, err := w.Write(f.Content); err != nil {
			return nil, fmt.Errorf("fake base: writing %s: %w", f.Path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("fake base: ending tar: %w", err)
	}
	return buf.Bytes(), nil
}

// Gzip wraps b in a gzip stream of stored blocks (RFC 1951, 3.2.4): no compressor, so no
// compressor's version can show in a digest.
func Gzip(b []byte) []byte {
	const most = 0xffff
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
	for rest := b; ; {
		n := min(len(rest), most)
		final := byte(0)
		if n == len(rest) {
			final = 1
		}
		out = append(out, final)
		out = binary.LittleEndian.AppendUint16(out, uint16(n))
		out = binary.LittleEndian.AppendUint16(out, ^uint16(n))
		out = append(out, rest[:n]...)
		if rest = rest[n:]; final == 1 {
			break
		}
	}
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(b))
	return binary.LittleEndian.AppendUint32(out, uint32(len(b)))
}
