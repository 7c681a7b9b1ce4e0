package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"sync"
	"testing"
)

// TestReadAlong reads content while it is written, committed and kept, in a store and without one.
func TestReadAlong(t *testing.T) {
	want := wheelContent()
	for name, s := range map[string]*Store{"kept": New(t.TempDir(), ""), "not kept": New("", t.TempDir())} {
		p, err := s.Partial("wheels", "w")
		if err != nil {
			t.Fatal(err)
		}
		there := make(chan int, 1+len(want)/10_000)
		var readers sync.WaitGroup
		for range 2 {
			readers.Go(func() {
				for n := range there {
					b := make([]byte, 10_000)
					if _, err := p.ReadAt(b, int64(n)-10_000); err != nil || !bytes.Equal(b, want[n-10_000:n]) {
						t.Errorf("%s: %d bytes were there: %v", name, n, err)
					}
				}
			})
		}
		for p.Size() < int64(len(want)) {
			if _, err := p.Write(want[p.Size():][:10_000]); err != nil {
				t.Fatal(err)
			}
			there <- int(p.Size())
		}
		c, err := p.Commit(sha256.Sum256(want))
		close(there)
		readers.Wait()
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, len(want)+1)
		if n, err := p.ReadAt(b, 0); !errors.Is(err, io.EOF) || !bytes.Equal(b[:n], want) {
			t.Errorf("%s: after Commit: %v", name, err)
		}
		if err := errors.Join(p.Close(), c.Close()); err != nil {
			t.Error(err)
		}
		if _, err := p.ReadAt(b[:1], 0); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: after Close: %v", name, err)
		}
	}
}

// TestReadAlongOfNothing: neither the header before the content nor what is gone can be read.
func TestReadAlongOfNothing(t *testing.T) {
	p, err := New(t.TempDir(), "").Partial("wheels", "w")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 7)
	if _, err := p.ReadAt(b, 0); err != nil || string(b) != "content" {
		t.Errorf("%q, %v", b, err)
	}
	if n, err := p.ReadAt(b, -1); n != 0 || err == nil {
		t.Errorf("before the start: %d bytes, %v", n, err)
	}
	// What is not what it should be is gone with Commit.
	if _, err := p.Commit(sha256.Sum256([]byte("other"))); !errors.Is(err, ErrDiffers) {
		t.Error(err)
	}
	if n, err := p.ReadAt(b, 0); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("after Reset: %d bytes, %v", n, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if n, err := p.ReadAt(b, 0); n != 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %d bytes, %v", n, err)
	}
}
