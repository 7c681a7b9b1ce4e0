package layers

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Encoder names the compressor with its version and parameters. It is part of every recipe,
// because another compressor makes other bytes of the same entries.
const Encoder = "gzip/klauspost-1.20.3/6"

const copyBuffer = 256 << 10

// Write writes entries as one compressed layer to w and returns its record, without a key.
//
// The entries are written in the order of their paths, whatever order they come in. Every
// folder on the way to an entry must be an entry itself. A file that is not as long as its
// Size or has not its SHA256 fails the whole layer; what has been written by then is no layer.
func Write(ctx context.Context, w io.Writer, entries []Entry) (*Record, error) {
	sorted, err := Sort(entries)
	if err != nil {
		return nil, err
	}
	blob := newMeter(w)
	buffered := bufio.NewWriterSize(blob, copyBuffer)
	// A gzip header as RFC 1952 has it with nothing in it: MTIME 0, XFL 0, OS 255 (unknown).
	zw, err := gzip.NewWriterLevel(buffered, 6)
	if err != nil {
		return nil, fmt.Errorf("starting the compressor: %w", err)
	}
	// The library writes its zero time, year 1, as it is.
	zw.ModTime, zw.OS = time.Unix(0, 0), 255
	tar := newMeter(zw)
	if err := writeTar(ctx, tar, sorted); err != nil {
		return nil, err
	}
	if err := errors.Join(zw.Close(), buffered.Flush()); err != nil {
		return nil, fmt.Errorf("writing a layer: %w", err)
	}
	return &Record{
		Digest: blob.hash(), Size: blob.n,
		DiffID: tar.hash(), TarSize: tar.n,
		MediaType: types.OCILayer,
	}, nil
}

// Sort checks entries and returns them in the order in which they are written: by path, byte
// by byte, so that folders come before what is in them. Two entries of one path, an entry whose
// folder is missing or no folder, and one that no tar header or no Linux can hold are errors.
func Sort(entries []Entry) ([]Entry, error) {
	sorted := slices.Clone(entries)
	slices.SortFunc(sorted, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	folders := map[string]bool{"": true}
	for i := range sorted {
		e := &sorted[i]
		if err := CheckName(e.Path); err != nil {
			return nil, err
		}
		if err := check(e); err != nil {
			return nil, err
		}
		if i > 0 && sorted[i-1].Path == e.Path {
			return nil, refusal.Newf("/"+e.Path, "it comes from both %s and %s", origin(&sorted[i-1]), origin(e))
		}
		parent := ""
		if j := strings.LastIndexByte(e.Path, '/'); j >= 0 {
			parent = e.Path[:j]
		}
		if !folders[parent] {
			return nil, fmt.Errorf("layer entry /%s: the layer has no folder for it", e.Path)
		}
		if e.Kind == Dir {
			folders[e.Path] = true
		}
	}
	return sorted, nil
}

func writeTar(ctx context.Context, w io.Writer, entries []Entry) error {
	buf := make([]byte, copyBuffer)
	var header []byte
	zeros := make([]byte, 2*blockSize)
	for i := range entries {
		e := &entries[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		header = appendHeader(header[:0], e)
		if _, err := w.Write(header); err != nil {
			return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
		}
		if e.Kind != File {
			continue
		}
		if err := copyFile(ctx, w, e, buf); err != nil {
			return err
		}
		if _, err := w.Write(zeros[:padding(e.Size)]); err != nil {
			return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
		}
	}
	if _, err := w.Write(zeros); err != nil {
		return fmt.Errorf("ending a layer: %w", err)
	}
	return nil
}

// copyFile writes the bytes of e to w. It reads on after the last of them until it sees the
// end, and with it what the reader verifies there.
func copyFile(ctx context.Context, w io.Writer, e *Entry, buf []byte) (err error) {
	r, err := e.Open()
	if err != nil {
		return fmt.Errorf("reading %s: %w", origin(e), err)
	}
	defer func() {
		if cerr := r.Close(); cerr != nil {
			err = errors.Join(err, fmt.Errorf("reading %s: %w", origin(e), cerr))
		}
	}()
	sum := sha256.New()
	left := e.Size
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, rerr := r.Read(buf)
		if int64(n) > left {
			return refusal.New(origin(e), fmt.Sprintf("more than the announced %d bytes came", e.Size), changed)
		}
		left -= int64(n)
		if e.SHA256 != nil {
			sum.Write(buf[:n])
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return fmt.Errorf("writing /%s into a layer: %w", e.Path, err)
		}
		if errors.Is(rerr, io.EOF) {
			break
		}
		if rerr != nil {
			return fmt.Errorf("reading %s: %w", origin(e), rerr)
		}
	}
	if left != 0 {
		return refusal.New(origin(e), fmt.Sprintf("%d bytes were announced, %d came", e.Size, e.Size-left), changed)
	}
	if got := sum.Sum(nil); e.SHA256 != nil && [32]byte(got) != *e.SHA256 {
		return refusal.New(origin(e), fmt.Sprintf("the bytes have SHA-256 %x, expected %x", got, *e.SHA256), changed)
	}
	return nil
}

// changed is the way out where bytes are not what was announced.
const changed = "if it changed while it was read, run again; else it is damaged"

func origin(e *Entry) string {
	if e.Origin != "" {
		return e.Origin
	}
	return "/" + e.Path
}

// meter counts and hashes what passes through it.
type meter struct {
	w   io.Writer
	sum hash.Hash
	n   int64
}

func newMeter(w io.Writer) *meter { return &meter{w: w, sum: sha256.New()} }

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.sum.Write(p[:n])
	m.n += int64(n)
	return n, err
}

func (m *meter) hash() v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(m.sum.Sum(nil))}
}
