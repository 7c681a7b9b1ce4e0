package layers

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Entries whose bytes lie compressed give the same layer on any number of cores, and the same
// tar as entries that are read, but for the offsets that eStargz keeps in it.
func TestSplicedIsTheSame(t *testing.T) {
	entries, plain := compressed(t)
	for _, c := range formats() {
		want, err := NewBuilder(1).WriteAs(t.Context(), io.Discard, entries, Options{Compression: c})
		if err != nil {
			t.Fatal(err)
		}
		for _, cores := range []int{2, 8} {
			var tapped atomic.Int64
			tap := func(_ *Entry, content []byte) { tapped.Add(int64(len(content))) }
			got, err := NewBuilder(cores).WriteAs(t.Context(), io.Discard, entries, Options{Compression: c, Tap: tap})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %d cores: %+v, one core %+v", c, cores, got, want)
			}
			if tapped.Load() == 0 {
				t.Errorf("%s, %d cores: nothing was tapped", c, cores)
			}
		}
		read, err := NewBuilder(3).WriteAs(t.Context(), io.Discard, plain, Options{Compression: c})
		if err != nil {
			t.Fatal(err)
		}
		if (read.DiffID == want.DiffID) != (c != EStargz) {
			t.Errorf("%s: spliced %s (%d bytes), read %s (%d bytes)", c, want.DiffID, want.TarSize, read.DiffID, read.TarSize)
		}
	}
}

// A compressed stream that is not what its entry says fails the layer, wherever it stands.
func TestSplicedRefuses(t *testing.T) {
	good, _ := compressed(t)
	for name, spoil := range map[string]func(*Entry){
		"checksum": func(e *Entry) { e.Deflate.CRC32++ },
		"size":     func(e *Entry) { e.Size++ },
		"cut":      func(e *Entry) { e.Deflate.Len-- },
		"trailing": func(e *Entry) { e.Deflate.Offset-- },
		"digest":   func(e *Entry) { e.SHA256 = &[32]byte{1} },
	} {
		for k, i := range []int{1, 40, 1, 40, 1, 40} {
			c := formats()[k/2]
			entries := slices.Clone(good)
			span := *entries[i].Deflate
			entries[i].Deflate = &span
			spoil(&entries[i])
			_, err := NewBuilder(2).WriteAs(t.Context(), io.Discard, entries, Options{Compression: c})
			if !refusal.Is(err) {
				t.Errorf("%s: %s of entry %d: %v", c, name, i, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := NewBuilder(2)
	for _, c := range formats() {
		if _, err := b.WriteAs(ctx, io.Discard, good, Options{Compression: c}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", c, err)
		}
	}
	if len(b.batches) != cap(b.batches) {
		t.Errorf("%d of %d batches came back", len(b.batches), cap(b.batches))
	}
}

// A disk that is full while a large file is copied is no fault of the file.
func TestLargeOnAFullDisk(t *testing.T) {
	full := errors.New("no space left")
	for _, c := range []Compression{Gzip, EStargz, Zstd} {
		entries, _ := compressed(t)
		_, err := NewBuilder(2).WriteAs(t.Context(), failing{full}, entries, Options{Compression: c})
		if !errors.Is(err, full) || refusal.Is(err) {
			t.Errorf("%s: %v", c, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
