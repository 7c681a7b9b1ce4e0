package digest_test

import "math/rand/v2"

// noise is n bytes, for each n the same.
func noise(n int) []byte {
	p := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(p)
	return p
}
