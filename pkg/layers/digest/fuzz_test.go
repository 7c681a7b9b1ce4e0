package digest_test

import (
	"crypto/sha256"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/digest"
)

// FuzzDigest writes p as plan says to two digests, in pairs of what to do and how many bytes:
// whatever the pieces, they hold the SHA-256 of what went into each.
func FuzzDigest(f *testing.F) {
	f.Add([]byte{2, 64, 0, 3, 2, 200}, noise(300))
	f.Add([]byte{0, 63, 1, 63, 2, 1, 2, 130, 3, 70, 4, 0, 2, 64}, noise(900))
	f.Add([]byte{66, 255, 34, 130, 5, 1, 3, 255}, noise(20000))
	f.Fuzz(func(t *testing.T, plan, p []byte) {
		for name, start := range engines {
			a, b := start(), start()
			var inA, inB []byte
			rest := p
			for i := 0; i+1 < len(plan); i += 2 {
				n := min(int(plan[i+1])<<(plan[i]>>5), len(rest))
				part := rest[:n]
				rest = rest[n:]
				switch plan[i] % 32 % 6 {
				case 0:
					_, _ = a.Write(part)
					inA = append(inA, part...)
				case 1:
					_, _ = b.Write(part)
					inB = append(inB, part...)
				case 2:
					digest.WriteBoth(a, b, part)
					inA, inB = append(inA, part...), append(inB, part...)
				case 3:
					if got, want := a.Add(part), sha256.Sum256(part); got != want {
						t.Fatalf("%s: Add returned %x, not %x", name, got, want)
					}
					inA = append(inA, part...)
				case 4:
					b.Reset()
					inB = nil
				case 5:
					check(t, name+" on the way", a, inA)
				}
			}
			check(t, name+" first", a, inA)
			check(t, name+" second", b, inB)
		}
	})
}
