package layers

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"
)

// What is in use stays below 64 MiB however many cores there are and whatever is written, with as many layers at a time as there may be.
func TestBoundedMemory(t *testing.T) {
	const most = 64 << 20
	entries := heavy(t)
	for _, c := range formats() {
		before := inUse()
		b := NewBuilder(8)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range MaxAtOnce {
			all.Go(func() {
				if _, err := b.WriteAs(ctx, io.Discard, entries, Options{Compression: c}); err != nil {
					t.Error(err)
				}
			})
		}
		go func() {
			all.Wait()
			cancel()
		}()
		// A collection still counts what is dropped while it runs, such as the encoder of a layer that ends, beside the next one's: what
		// two of them count was in use.
		peak, last := uint64(0), uint64(0)
		for ctx.Err() == nil {
			now := inUse() - before
			peak, last = max(peak, min(now, last)), now
			time.Sleep(time.Millisecond)
		}
		t.Logf("%s: %d MiB", c, peak>>20)
		if peak > most {
			t.Errorf("%s: %d bytes", c, peak)
		}
		runtime.KeepAlive(b)
	}
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// heavy is what needs most: streams as long as are inflated in memory, one longer, and many short ones between them.
func heavy(t *testing.T) []Entry {
	t.Helper()
	whole, short := prose(1, 4<<20), prose(2, 100_000)
	rawWhole, rawShort := stored(whole), deflated(t, short, 6)
	entries := []Entry{dir("d")}
	for i := range 10 {
		entries = append(entries,
			compressedFile(fmt.Sprintf("d/%02d-whole", i), whole, rawWhole),
			compressedFile(fmt.Sprintf("d/%02d-short", i), short, rawShort))
	}
	return append(entries, compressedFile("d/05-large", large(), stored(large())))
}
