package layers

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"
)

// decode reads a blob with a decoder that is not ours.
func decode(t *testing.T, c Compression, blob []byte) []byte {
	t.Helper()
	var r io.Reader
	var err error
	if c == Zstd {
		r, err = zstd.NewReader(bytes.NewReader(blob))
	} else {
		r, err = gzip.NewReader(bytes.NewReader(blob))
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// namesOf lists the tar in a gzip blob.
func namesOf(t *testing.T, blob []byte) (names []string) {
	t.Helper()
	tr := tar.NewReader(bytes.NewReader(decode(t, Gzip, blob)))
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
}

// A record in every format is what a decoder makes of the blob, and the blob is a layer.
func TestEveryFormat(t *testing.T) {
	for name, entries := range shapes(t) {
		for _, c := range formats() {
			var b bytes.Buffer
			rec, err := NewBuilder(3).WriteAs(t.Context(), &b, entries, Options{Compression: c})
			if err != nil {
				t.Fatal(err)
			}
			plain := decode(t, c, b.Bytes())
			if rec.Digest.Hex != hexOf(b.Bytes()) || rec.Size != int64(b.Len()) || rec.DiffID.Hex != hexOf(plain) || rec.TarSize != int64(len(plain)) {
				t.Errorf("%s, %s: record %+v of %d bytes that hold %d", name, c, rec, b.Len(), len(plain))
			}
			checkBlob(t, &Blob{Record: *rec, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }}, plain)
			tr := tar.NewReader(bytes.NewReader(plain))
			left := len(entries)
			for h, err := tr.Next(); !errors.Is(err, io.EOF); h, err = tr.Next() {
				if err != nil {
					t.Fatalf("%s, %s: %v", name, c, err)
				}
				if h.Name != tocName && !strings.HasSuffix(h.Name, ".landmark") {
					left--
				}
			}
			if left != 0 {
				t.Errorf("%s, %s: %d entries are missing", name, c, left)
			}
		}
	}
}

func checkBlob(t *testing.T, b *Blob, plain []byte) {
	t.Helper()
	r, err := b.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%s: uncompressed it has %d bytes, not %d: %v", b.Record.MediaType, len(got), len(plain), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	d, err := partial.Descriptor(b)
	if err != nil || !reflect.DeepEqual(d.Annotations, b.Record.Annotations) || d.MediaType != b.Record.MediaType || d.Digest != b.Record.Digest || d.Size != b.Record.Size {
		t.Errorf("the descriptor is %+v, the record %+v: %v", d, b.Record, err)
	}
}

func TestMediaTypes(t *testing.T) {
	for c, want := range map[Compression]types.MediaType{
		"": "application/vnd.oci.image.layer.v1.tar+gzip", Gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
		EStargz: "application/vnd.oci.image.layer.v1.tar+gzip", Zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
	} {
		rec, err := NewBuilder(1).WriteAs(t.Context(), io.Discard, nil, Options{Compression: c})
		if err != nil || rec.MediaType != want || (len(rec.Annotations) == 2) != (c == EStargz) {
			t.Errorf("%q: %+v, %v", c, rec, err)
		}
	}
	_, err := NewBuilder(1).WriteAs(t.Context(), io.Discard, nil, Options{Compression: "lz4"})
	if err == nil || err.Error() != `layers are compressed by gzip, estargz or zstd, not by "lz4"` {
		t.Errorf("an unknown format: %v", err)
	}
}

// A recipe knows how its layer is made again.
func TestRecipeOptions(t *testing.T) {
	entries := tree()
	for _, c := range formats() {
		r := Recipe{Format: RecipeFormat, Encoder: c.Encoder(), Role: RoleFiles}
		if c == EStargz {
			r.Prioritize = []string{"lib/z"}
		}
		o, err := r.Options()
		if err != nil || o.Compression != c {
			t.Fatalf("%s: %+v, %v", c, o, err)
		}
		b := NewBuilder(2)
		rec, err := b.WriteAs(t.Context(), io.Discard, entries, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.RebuildAs(t.Context(), io.Discard, entries, rec, o); err != nil {
			t.Errorf("%s: %v", c, err)
		}
		if c != Gzip {
			if err := b.Rebuild(t.Context(), io.Discard, entries, rec); !errors.Is(err, ErrNotReproducible) {
				t.Errorf("%s made again as gzip: %v", c, err)
			}
		}
	}
	if _, err := (&Recipe{Encoder: "gzip/other-1"}).Options(); err == nil || !strings.Contains(err.Error(), "gzip/other-1") {
		t.Errorf("an encoder that is not ours: %v", err)
	}
}

// A failure in any format is the one that happened, and leaves nothing running that writes.
func TestEveryFormatFails(t *testing.T) {
	broken := errors.New("disk on fire")
	good, _ := compressed(t)
	for _, c := range formats() {
		for _, cores := range []int{1, 3} {
			for _, room := range []int{0, 5, 3000, 20_000} {
				b := NewBuilder(cores)
				if _, err := b.WriteAs(t.Context(), &full{room}, good, Options{Compression: c}); !errors.Is(err, errFull) {
					t.Errorf("%s, %d cores, room for %d bytes: %v", c, cores, room, err)
				}
				if len(b.batches) != cap(b.batches) {
					t.Errorf("%s, %d cores, room for %d bytes: %d of %d batches came back", c, cores, room, len(b.batches), cap(b.batches))
				}
			}
		}
		entries := append(slices.Clone(good), with(file("d/z", "x"), func(e *Entry) {
			e.Open = func() (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(broken)), nil }
		}))
		w := &counting{}
		if _, err := NewBuilder(3).WriteAs(t.Context(), w, entries, Options{Compression: c}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", c, err)
		}
		w.closed = true // the race detector, or the panic of a later write, would tell
		ctx, cancel := context.WithCancel(t.Context())
		endless := with(file("e", ""), func(e *Entry) {
			e.Size = 1 << 50
			e.Open = func() (io.ReadCloser, error) {
				return io.NopCloser(readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })), nil
			}
		})
		if _, err := NewBuilder(3).WriteAs(ctx, io.Discard, []Entry{endless}, Options{Compression: c}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s in an endless file: %v", c, err)
		}
	}
}

type counting struct{ closed bool }

func (c *counting) Write(p []byte) (int, error) {
	if c.closed {
		panic(fmt.Sprintf("%d bytes are written after the end", len(p)))
	}
	return len(p), nil
}
