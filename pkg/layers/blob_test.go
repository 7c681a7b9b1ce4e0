package layers

import (
	"bytes"
	"errors"
	"io"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func TestBlobIsALayer(t *testing.T) {
	for name, entries := range shapes(t) {
		var b bytes.Buffer
		rec, err := Write(t.Context(), &b, entries)
		if err != nil {
			t.Fatal(err)
		}
		blob := &Blob{Record: *rec, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }}
		if err := validate.Layer(blob); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBlobIsOpenedOnDemandAlone(t *testing.T) {
	broken := errors.New("gone")
	blob := &Blob{Record: Record{Size: 7, DiffID: v1.Hash{Hex: "d"}}, Open: func() (io.ReadCloser, error) { return nil, broken }}
	size, err := blob.Size()
	diffID, err2 := blob.DiffID()
	if err != nil || err2 != nil || size != 7 || diffID.Hex != "d" {
		t.Error("what the record says needs no bytes")
	}
	if _, err := blob.Compressed(); !errors.Is(err, broken) {
		t.Errorf("Compressed: %v", err)
	}
	if _, err := blob.Uncompressed(); !errors.Is(err, broken) {
		t.Errorf("Uncompressed: %v", err)
	}
}

func TestUncompressedClosesWhatItOpened(t *testing.T) {
	closed := errors.New("closed")
	blob := &Blob{Open: func() (io.ReadCloser, error) {
		return failingCloser{bytes.NewReader([]byte("no gzip")), closed}, nil
	}}
	if _, err := blob.Uncompressed(); !errors.Is(err, closed) {
		t.Errorf("bytes that are no gzip: %v", err)
	}
	var b bytes.Buffer
	if _, err := Write(t.Context(), &b, nil); err != nil {
		t.Fatal(err)
	}
	blob.Open = func() (io.ReadCloser, error) { return failingCloser{&b, closed}, nil }
	r, err := blob.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); !errors.Is(err, closed) {
		t.Errorf("close: %v", err)
	}
}

func TestRebuild(t *testing.T) {
	entries := []Entry{dir("a"), file("a/b", "content")}
	var first bytes.Buffer
	rec, err := Write(t.Context(), &first, entries)
	if err != nil {
		t.Fatal(err)
	}
	rec.Key = "sha256:1"
	var again bytes.Buffer
	if err := NewBuilder(2).Rebuild(t.Context(), &again, entries, rec); err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Errorf("the same entries: %v", err)
	}
	for name, change := range map[string]func(*Record){
		"digest": func(r *Record) { r.Digest.Hex = "0" }, "DiffID": func(r *Record) { r.DiffID.Hex = "0" },
		"size": func(r *Record) { r.Size++ }, "tar size": func(r *Record) { r.TarSize++ },
	} {
		want := *rec
		change(&want)
		if err := NewBuilder(2).Rebuild(t.Context(), io.Discard, entries, &want); !errors.Is(err, ErrNotReproducible) {
			t.Errorf("a record with another %s: %v", name, err)
		}
	}
	if err := NewBuilder(2).Rebuild(t.Context(), io.Discard, []Entry{dir("../x")}, rec); err == nil || errors.Is(err, ErrNotReproducible) {
		t.Errorf("entries that are refused: %v", err)
	}
}
