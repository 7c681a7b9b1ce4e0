//go:build !amd64 || purego

package digest

// engine is what a Digest computes with.
type engine = portable

// portableEngine is an engine that does not use the SHA extensions: here every one.
func portableEngine() engine { return newPortable() }

func paired() bool { return false }

func writeBoth(a, b *engine, p []byte) {
	a.write(p)
	b.write(p)
}
