package layers

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// What is in use stays below 64 MiB however many cores and layers there are and whatever is written.
func TestBoundedMemory(t *testing.T) {
	const most = 64 << 20
	entries := heavy(t)
	for _, formats := range [][]Compression{{Gzip}, {EStargz}, {Zstd, Zstd, Gzip}} {
		before := inUse()
		b := NewBuilder(8)
		w := &held{}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range 2 * MaxAtOnce {
			all.Go(func() {
				if _, err := b.WriteAs(ctx, w, entries, Options{Compression: formats[i%len(formats)]}); err != nil {
					t.Error(err)
				}
			})
		}
		go func() {
			all.Wait()
			cancel()
		}()
		peak := uint64(0)
		for ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			w.hold.Lock()
			inUse() // what is dropped while a collection runs is still counted by it
			peak = max(peak, inUse()-before)
			w.hold.Unlock()
		}
		t.Logf("%s: %d MiB", formats, peak>>20)
		if peak > most {
			t.Errorf("%s: %d bytes", formats, peak)
		}
		runtime.KeepAlive(b)
	}
}

// held is an output that can be held: what writes to it soon waits with all that it has.
type held struct{ hold sync.RWMutex }

func (h *held) Write(p []byte) (int, error) {
	h.hold.RLock()
	defer h.hold.RUnlock()
	return len(p), nil
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// heavy is what needs most: streams as long as are inflated in memory, one longer, short ones, and files that are not compressed.
func heavy(t *testing.T) []Entry {
	t.Helper()
	whole, short, item, plain := prose(1, 4<<20), prose(2, 100_000), prose(3, 131_000), prose(4, 1<<20)
	rawWhole, rawShort := stored(whole), deflated(t, short, 6)
	entries := []Entry{dir("d"), compressedFile("d/01-large", large(), stored(large()))}
	for i := range 3 {
		entries = append(entries,
			compressedFile(fmt.Sprintf("d/%02d-a", i), whole, rawWhole),
			compressedFile(fmt.Sprintf("d/%02d-b", i), short, rawShort),
			with(file(fmt.Sprintf("d/%02d-c", i), plain), func(e *Entry) {
				e.Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(plain)), nil }
			}),
			compressedFile(fmt.Sprintf("d/%02d-d", i), item, stored(item)))
	}
	return entries
}
