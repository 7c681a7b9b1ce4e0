package inflate_test

import (
	"os"
	"syscall"
	"testing"
)

// newGuarded maps memory with a page after it that must not be touched: the test ends there.
func newGuarded(t testing.TB, n int) *guarded {
	t.Helper()
	page := os.Getpagesize()
	n = (n + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, n+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(m); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(m[n:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return &guarded{m[:n]}
}
