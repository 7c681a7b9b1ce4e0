// Package layers turns sorted entries into one reproducible layer blob.
//
// It is the room that knows bytes: tar headers, compression, digests. It does not know what
// the entries are for; wheels and folders describe their files as [Entry] values and this
// package writes them, in one pass, so that the same entries give the same bytes on every
// machine, under every Go version and for any number of cores: as gzip, eStargz or zstd. Most
// callers want [Builder.WriteAs].
package layers

import (
	"io"
)

// Kind is what an entry is.
type Kind byte

// The kinds an image layer of ours can hold. The values are tar type flags (POSIX.1-2001, "ustar").
const (
	File    Kind = '0'
	Symlink Kind = '2'
	Dir     Kind = '5'
)

// Whiteout removes the path of the layers below and all that it holds (image-spec, "Whiteouts").
// It is written as an empty file whose name begins with ".wh."; the value is no tar type flag.
const Whiteout Kind = 'w'

// Entry is one path of a layer.
//
// It is what passes between those who know files (wheels, folders of the host) and this
// package: they know no gzip, it knows no zip.
type Entry struct {
	// Path is where the entry goes, slash-separated and relative to the image's root
	// ("usr/local/bin/x"): no leading or trailing slash, no ".", ".." or empty part.
	Path string
	Kind Kind
	// Mode holds permission bits with setuid, setgid and sticky: 0 to 0o7777.
	Mode uint32
	// UID and GID own the entry; 0 is root.
	UID, GID int
	// Size is the length of a File in bytes; 0 for other kinds.
	Size int64
	// Target is where a Symlink points, kept verbatim.
	Target string
	// Open returns the bytes of a File; exactly Size of them, or writing the layer fails.
	// It may be called more than once and from any goroutine.
	Open func() (io.ReadCloser, error)
	// Deflate, if not nil, is where the bytes of a File lie compressed (PKWARE APPNOTE, method 8).
	Deflate *Span
	// SHA256, if not nil, is the digest that the bytes of a File must have (PEP 376, RECORD);
	// writing the layer fails when they have another.
	SHA256 *[32]byte
	// Origin names where the bytes come from, for messages: "numpy-2.0.1-….whl: numpy/core.py".
	Origin string
}

// Span is a raw DEFLATE stream (RFC 1951) inside something that can be read at any offset.
type Span struct {
	Src    io.ReaderAt
	Offset int64  // of the stream's first byte in Src, in bytes
	Len    int64  // of the stream, in bytes
	CRC32  uint32 // of the inflated bytes (IEEE), as the zip's directory says
}
