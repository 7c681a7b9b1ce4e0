package layers

import (
	"fmt"
	"slices"
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

// wide is a file of size bytes that take n compressed ones.
func wide(path string, size, n int64) Entry {
	e := compressedFile(path, "", nil)
	e.Size, e.Deflate.Len = size, n
	return e
}
