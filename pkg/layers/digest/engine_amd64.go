//go:build !purego

package digest

import "github.com/layerpack/layerpack/pkg/layers/internal/cpuid"

// hasSHA says whether the processor has every instruction that blocks and blocksBoth use.
var hasSHA = cpuid.SHA()

// engine is what a Digest computes with: the state is in std if that has begun or the CPU
// lacks the instructions that own needs, else in own.
type engine struct {
	own native
	std portable
}

// portableEngine is an engine that does not use the SHA extensions.
func portableEngine() engine { return engine{std: newPortable()} }

func paired() bool { return hasSHA }

func (e *engine) isPortable() bool { return !hasSHA || e.std.hash != nil }

func (e *engine) write(p []byte) {
	if e.isPortable() {
		e.std.write(p)
		return
	}
	e.own.write(p)
}

func (e *engine) sum(b []byte) []byte {
	if e.isPortable() {
		return e.std.sum(b)
	}
	sum := e.own.sum()
	return append(b, sum[:]...)
}

func (e *engine) reset() {
	if e.isPortable() {
		e.std.reset()
		return
	}
	e.own.reset()
}

func (e *engine) add(p []byte) [Size]byte {
	if e.isPortable() {
		return e.std.add(p)
	}
	var one native
	writeNative(&e.own, &one, p)
	return one.sum()
}

func writeBoth(a, b *engine, p []byte) {
	if a.isPortable() || b.isPortable() {
		a.write(p)
		b.write(p)
		return
	}
	writeNative(&a.own, &b.own, p)
}
