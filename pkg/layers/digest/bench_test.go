package digest_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/digest"
)

// BenchmarkWrite compares one and two digests of the same bytes with crypto/sha256, of which
// two cost twice the one.
func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{512, 4 << 10, 64 << 10} {
		p := noise(n)
		run := func(name string, write func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					write()
				}
			})
		}
		std, one, two := sha256.New(), digest.New(), digest.New()
		run("standard", func() { std.Write(p) })
		run("Write", func() { one.Write(p) })
		run("WriteBoth", func() { digest.WriteBoth(one, two, p) })
		one.Reset()
		run("Add", func() { one.Add(p) })
	}
}
