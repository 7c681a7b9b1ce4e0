package layers

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"

	"github.com/layerpack/layerpack/pkg/layers/digest"
	"github.com/layerpack/layerpack/pkg/layers/splice"
)

const (
	// chunkSize is the most contents of one member, in bytes: what is fetched and verified to
	// read any of them. It is what estargz cuts at when it is not told otherwise.
	chunkSize = 4 << 20

	// The annotations of a layer's descriptor (stargz-snapshotter, docs/estargz.md): the digest of
	// the table of contents, without which nothing can be verified while it is pulled, and the
	// size of the tar, which podman's storage asks for.
	tocDigestAnnotation = "containerd.io/snapshot/stargz/toc.digest"
	tarSizeAnnotation   = "io.containers.estargz.uncompressed-size"
)

// stargz is the eStargz format. Each chunk of a file begins a gzip member, which goes on with
// what follows it in the tar up to the next chunk: no member begins at a place that the
// format does not name.
type stargz struct {
	out  io.Writer
	zip  *splice.Writer
	rows []*tocRow

	// What follows the last header.
	row       *tocRow
	left      int64 // contents of the file still to come, in bytes
	chunkLeft int64
	file      digest.Digest
	chunk     digest.Digest

	tocAt     int64 // where the member of the table of contents begins
	tocDigest [sha256.Size]byte
}

func newStargz(w io.Writer, encoders int) *stargz {
	return &stargz{out: w, zip: splice.NewParallel(w, encoders)}
}

func (z *stargz) header(e *Entry, blocks []byte) error {
	z.row = &tocRow{entry: *e}
	z.rows = append(z.rows, z.row)
	if e.Kind == File {
		z.left = e.Size
	}
	z.row.digest = sha256.Sum256(nil)
	z.file.Reset()
	_, err := z.zip.Header(blocks)
	return err
}

func (z *stargz) write(p []byte) error {
	for len(p) > 0 && z.left > 0 {
		if z.chunkLeft == 0 {
			if err := z.begin(); err != nil {
				return err
			}
		}
		k := min(int64(len(p)), z.chunkLeft)
		if err := z.contents(p[:k]); err != nil {
			return err
		}
		p = p[k:]
	}
	_, err := z.zip.Write(p) // padding
	return err
}

// begin begins a chunk, and a member with it.
func (z *stargz) begin() error {
	c := &tocChunk{}
	z.row.chunks = append(z.row.chunks, c)
	z.chunkLeft = min(z.left, chunkSize)
	z.chunk.Reset()
	return z.zip.Next(&c.offset)
}

// contents adds contents of one chunk.
func (z *stargz) contents(p []byte) error {
	whole := z.row.entry.Size <= chunkSize // the chunk is the file
	if whole {
		z.chunk.Write(p)
	} else {
		digest.WriteBoth(&z.chunk, &z.file, p)
	}
	z.left -= int64(len(p))
	if z.chunkLeft -= int64(len(p)); z.chunkLeft == 0 {
		c := z.row.chunks[len(z.row.chunks)-1]
		z.chunk.Sum(c.digest[:0])
		if z.left == 0 && whole {
			z.row.digest = c.digest
		} else if z.left == 0 {
			z.file.Sum(z.row.digest[:0])
		}
	}
	_, err := z.zip.Write(p)
	return err
}

func (z *stargz) join(s *stream) error {
	if err := z.begin(); err != nil {
		return err
	}
	z.row.chunks[0].digest, z.row.digest = s.sum, s.sum
	z.left, z.chunkLeft = 0, 0
	return z.zip.Copy(s.piece)
}

func (z *stargz) part(p []byte) error { return z.write(p) }

func (z *stargz) joinLarge(*splice.Large, *splice.Buffers) error { return nil }

// end adds the table of contents as the last file of the tar, in a member of its own.
func (z *stargz) end(l *layer) error {
	if err := z.zip.Next(&z.tocAt); err != nil {
		return err
	}
	if err := z.zip.Sync(); err != nil { // it tells the offsets
		return err
	}
	toc := appendTOC(nil, z.rows)
	z.tocDigest = sha256.Sum256(toc)
	z.row = nil
	header := appendHeader(nil, &Entry{Path: tocName, Kind: File, Mode: 0o644, Size: int64(len(toc))})
	l.count(header)
	if _, err := z.zip.Header(header); err != nil {
		return err
	}
	if _, err := l.Write(toc); err != nil {
		return err
	}
	if _, err := l.Write(make([]byte, padding(int64(len(toc))))); err != nil {
		return err
	}
	return l.endTar()
}

// close adds the footer: an empty member of 51 bytes whose extra field says where the table of
// contents is.
func (z *stargz) close() error {
	if err := z.zip.Close(); err != nil {
		return err
	}
	footer := fmt.Appendf(nil, "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x1a\x00SG\x16\x00%016xSTARGZ\x01\x00\x00\xff\xff", z.tocAt)
	_, err := z.out.Write(append(footer, make([]byte, 8)...))
	return err
}

func (z *stargz) abandon() {}

func (z *stargz) annotations(l *layer) map[string]string {
	return map[string]string{
		tocDigestAnnotation: fmt.Sprintf("sha256:%x", z.tocDigest),
		tarSizeAnnotation:   strconv.FormatInt(l.size, 10),
	}
}
