package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// Batches hold the compressed entries, all of them in their order, and no more at a time than is bounded.
func TestBatches(t *testing.T) {
	var entries []Entry
	var want []string
	for i, size := range []int64{0, 1, 70_000, 70_000, 10, 10, batchSize, batchSize + 1, 5, splice.MaxPrepare, splice.MaxPrepare + 1, 7, 0} {
		e := compressedFile(fmt.Sprint(i), "", nil)
		e.Size = size
		e.Deflate.Len = size / 2
		entries = append(entries, e, dir("d"))
		if size > 0 {
			want = append(want, e.Path)
		}
	}
	entries = append(entries, wide("x", 10, batchSize), wide("y", 10, 1), wide("z", 10, splice.MaxPrepare*2))
	want = append(want, "x", "y", "z")
	for range batchCount + 1 {
		entries = append(entries, wide("many", 1, 1))
		want = append(want, "many")
	}
	var got []string
	var runs []int
	b := newBatch()
	for rest := entries; len(rest) > 0; {
		rest = b.fill(rest)
		if b.large != nil {
			got, runs = append(got, b.large.Path), append(runs, -1)
		}
		for _, s := range b.streams {
			got = append(got, s.entry.Path)
		}
		if b.large == nil && len(b.streams) > 0 {
			runs = append(runs, len(b.streams))
		}
		b.empty()
	}
	if !slices.Equal(got, want) {
		t.Errorf("entries %v", got)
	}
	if want := []int{2, 3, 1, 1, 1, 1, -1, 1, 1, 1, -1, batchCount, 1}; !slices.Equal(runs, want) {
		t.Errorf("batches of %v, want %v", runs, want)
	}
}

// What lies about its lengths is a batch of its own, so that the first wrong entry is the one that is named.
func TestBatchesOfLies(t *testing.T) {
	for _, lie := range []Entry{wide("lie", 10, -1), wide("lie", 10, math.MaxInt64), wide("lie", math.MaxInt64, 10)} {
		b := newBatch()
		rest := b.fill([]Entry{wide("a", 10, 10), lie, wide("b", 10, 10)})
		if len(b.streams) != 1 || b.large != nil || len(rest) != 2 {
			t.Errorf("size %d, %d compressed: %d streams before, large %t, %d entries left", lie.Size, lie.Deflate.Len, len(b.streams), b.large != nil, len(rest))
		}
	}
}

// counted counts the readings of a source and cancels at one of them.
type counted struct {
	src    io.ReaderAt
	reads  atomic.Int64
	at     int64
	cancel context.CancelFunc
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	if c.reads.Add(1) == c.at {
		c.cancel()
	}
	return c.src.ReadAt(p, off)
}

// empties is a stream of empty stored blocks without an end.
type empties struct{}

func (empties) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		p[i] = "\x00\x00\x00\xff\xff"[(off+int64(i))%5]
	}
	return len(p), nil
}

// What was cancelled reads no more, neither the rest of a batch nor of a stream that has nothing to count.
func TestCancelledReadsNoMore(t *testing.T) {
	small := compressedFile("", "text", stored("text"))
	entries := []Entry{dir("d")}
	for i := range 400 {
		e := small
		e.Path = fmt.Sprintf("d/%03d", i)
		entries = append(entries, e)
	}
	blank := wide("d/large", 1<<30, 1<<30)
	for _, cores := range []int{1, 4} {
		for _, large := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			src := &counted{src: small.Deflate.Src, at: 20, cancel: cancel}
			all := slices.Clone(entries)
			if large {
				src.src = empties{}
				all = []Entry{dir("d"), blank}
			}
			for i := range all[1:] {
				span := *all[i+1].Deflate
				span.Src = src
				all[i+1].Deflate = &span
			}
			_, err := NewBuilder(cores).WriteAs(ctx, io.Discard, all, Options{})
			if !errors.Is(err, context.Canceled) || src.reads.Load() > src.at+maxBatches {
				t.Errorf("%d cores, large %t: %d readings, %d were before it was cancelled: %v", cores, large, src.reads.Load(), src.at, err)
			}
			cancel()
		}
	}
}

// wide is a file of size bytes that take n compressed ones.
func wide(path string, size, n int64) Entry {
	e := compressedFile(path, "", nil)
	e.Size, e.Deflate.Len = size, n
	return e
}
