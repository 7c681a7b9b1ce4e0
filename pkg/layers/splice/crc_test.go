package splice

import (
	"hash/crc32"
	"testing"
)

func TestCombine(t *testing.T) {
	p := make([]byte, 300000)
	for i := range p {
		p[i] = byte(i * i >> 5)
	}
	for _, cut := range []int{0, 1, 2, 255, 256, 65536, 299999, 300000} {
		a, b := crc32.ChecksumIEEE(p[:cut]), crc32.ChecksumIEEE(p[cut:])
		if got, want := combine(a, b, int64(len(p)-cut)), crc32.ChecksumIEEE(p); got != want {
			t.Errorf("cut at %d: %08x, want %08x", cut, got, want)
		}
	}
	// Lengths beyond 4 GiB: doubling a run of zeros, and the same in one step.
	run, n := crc32.ChecksumIEEE(make([]byte, 1<<20)), int64(1<<20)
	for ; n < 1<<36; n *= 2 {
		run = combine(run, run, n)
	}
	half := uint32(0)
	for range 4 {
		part, m := crc32.ChecksumIEEE(make([]byte, 1<<20)), int64(1<<20)
		for ; m < 1<<34; m *= 2 {
			part = combine(part, part, m)
		}
		half = combine(half, part, m)
	}
	if run != half {
		t.Errorf("64 GiB of zeros: %08x and %08x", run, half)
	}
}

func BenchmarkCombine(b *testing.B) {
	for b.Loop() {
		combine(0x12345678, 0x9abcdef0, 123456)
	}
}
