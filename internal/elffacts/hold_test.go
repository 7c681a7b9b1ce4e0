package elffacts

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"testing"
)

// TestFactsHoldNothing: what was read of a file is given up with it; an image has hundreds of libraries.
func TestFactsHoldNothing(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	held := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var keep []*Facts
	before := held()
	for range 20 {
		f, err := Read(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }, int64(len(b)))
		if err != nil || f == nil {
			t.Fatalf("%s: %v %v", program, f, err)
		}
		keep = append(keep, f)
	}
	if n := int64(held()) - int64(before); n > 4<<20 {
		t.Errorf("facts of 20 files hold %d MiB", n>>20)
	}
	runtime.KeepAlive(keep)
}
