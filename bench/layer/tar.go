package layer

import (
	"archive/tar"
	"bufio"
	stdflate "compress/flate"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/flate"

	"github.com/layerpack/layerpack/pkg/layers"
)

// inflater decodes one stream after the other, with one decoder: a new one for each would cost
// more than decoding small files.
type inflater struct {
	in   *bufio.Reader
	flat io.ReadCloser
}

type newFlate func(io.Reader) io.ReadCloser

func stdlibFlate(r io.Reader) io.ReadCloser    { return stdflate.NewReader(r) }
func klauspostFlate(r io.Reader) io.ReadCloser { return flate.NewReader(r) }

func newInflater(f newFlate) *inflater {
	in := bufio.NewReaderSize(nil, 32<<10)
	return &inflater{in, f(in)}
}

// reset begins with the stream that r holds.
func (i *inflater) reset(r io.Reader) (io.Reader, error) {
	i.in.Reset(r)
	// Both packages' Resetter has this one method.
	resetter, ok := i.flat.(interface {
		Reset(r io.Reader, dict []byte) error
	})
	if !ok {
		return nil, errors.New("the decoder cannot be used again")
	}
	return i.flat, resetter.Reset(i.in, nil)
}

// writeTar writes entries with archive/tar, as a program that knows no layers would: it inflates
// what lies compressed, and does not check RECORD's sums.
func writeTar(w io.Writer, entries []layers.Entry, f newFlate) error {
	t, in := tar.NewWriter(w), newInflater(f)
	for i := range entries {
		e := &entries[i]
		if err := writeEntry(t, e, in); err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
	}
	return t.Close()
}

func writeEntry(t *tar.Writer, e *layers.Entry, in *inflater) (err error) {
	h := &tar.Header{
		Typeflag: byte(e.Kind), Name: e.Path, Size: e.Size, Mode: int64(e.Mode), Linkname: e.Target,
		Uid: e.UID, Gid: e.GID, ModTime: time.Unix(layers.ModTime, 0),
	}
	if e.Kind == layers.Dir {
		h.Name += "/"
	}
	if err := t.WriteHeader(h); err != nil || e.Kind != layers.File {
		return err
	}
	var content io.Reader
	if d := e.Deflate; d != nil {
		if content, err = in.reset(io.NewSectionReader(d.Src, d.Offset, d.Len)); err != nil {
			return err
		}
	} else {
		r, err := e.Open()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		content = r
	}
	_, err = io.Copy(t, content)
	return err
}
