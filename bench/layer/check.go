package layer

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/layerpack/layerpack/bench/wheels"
	"github.com/layerpack/layerpack/pkg/layers"
)

// Listing is the digest of what a layer holds: path, kind, mode, target and SHA-256 of every entry,
// in the order of paths.
type Listing string

func listing(lines []string) Listing {
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return Listing(hex.EncodeToString(sum[:]))
}

func line(path string, kind byte, mode int64, target string, content []byte) string {
	return fmt.Sprintf("%s %c %o %q %x", strings.TrimSuffix(path, "/"), kind, mode, target, content)
}

// Want reads the wheels without any contender's help and says what a layer of them must hold, and how
// many bytes of contents.
func Want(files []string) (l Listing, size int64, err error) {
	set, err := wheels.Open(files)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, set.Close()) }()
	lines := make([]string, 0, len(set.Entries))
	for i := range set.Entries {
		e := &set.Entries[i]
		sum := sha256.New()
		if e.Kind == layers.File {
			r, err := e.Open()
			if err != nil {
				return "", 0, err
			}
			n, err := io.Copy(sum, r)
			size += n
			if err := errors.Join(err, r.Close()); err != nil {
				return "", 0, err
			}
			if e.SHA256 != nil && !bytes.Equal(sum.Sum(nil), e.SHA256[:]) {
				return "", 0, fmt.Errorf("%s: not the bytes that RECORD says", e.Origin)
			}
		}
		lines = append(lines, line(e.Path, byte(e.Kind), int64(e.Mode), e.Target, sum.Sum(nil)))
	}
	return listing(lines), size, nil
}

// Check reads a contender's blob with decoders that did not write it and compares it with what the
// contender says of it and with want.
func Check(blob string, made *Made, want Listing) (err error) {
	f, err := os.Open(blob)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	compressed := newSummed(io.Discard)
	raw, done, err := decompress(bufio.NewReaderSize(io.TeeReader(f, compressed), outBuffer))
	if err != nil {
		return err
	}
	defer done()
	contents := newSummed(io.Discard)
	got, err := list(io.TeeReader(raw, contents))
	if err != nil {
		return err
	}
	if _, err := io.Copy(contents, raw); err != nil { // what follows the tar's end
		return err
	}
	if _, err := io.Copy(compressed, f); err != nil {
		return err
	}
	switch {
	case compressed.hex() != made.Digest || compressed.n != made.Size:
		return fmt.Errorf("the blob has %d bytes with SHA-256 %s, said were %d with %s", compressed.n, compressed.hex(), made.Size, made.Digest)
	case contents.hex() != made.DiffID:
		return fmt.Errorf("the tar has SHA-256 %s, said was %s", contents.hex(), made.DiffID)
	case got != want:
		return errors.New("the layer does not hold what the wheels do")
	}
	return nil
}

func decompress(r *bufio.Reader) (raw io.Reader, done func(), err error) {
	magic, err := r.Peek(4)
	if err != nil {
		return nil, nil, err
	}
	if bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) { // RFC 8878, section 3.1.1
		z, err := zstd.NewReader(r)
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	z, err := gzip.NewReader(r)
	return z, func() {}, err
}

// list reads a tar; what eStargz adds for itself is left out.
func list(r io.Reader) (Listing, error) {
	t := tar.NewReader(r)
	var lines []string
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return listing(lines), nil
		}
		if err != nil {
			return "", err
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, t); err != nil {
			return "", err
		}
		switch h.Name {
		case "stargz.index.json", ".prefetch.landmark", ".no.prefetch.landmark":
		default:
			lines = append(lines, line(h.Name, h.Typeflag, h.Mode, h.Linkname, sum.Sum(nil)))
		}
	}
}
