package inflate_test

import "bytes"

// guardByte fills what lies before a piece of guarded memory.
const guardByte = 0xa5

// guarded is memory after which, where the system can do so, nothing can be read or written.
type guarded struct{ b []byte }

// last returns the last n bytes, with no capacity beyond.
func (g *guarded) last(n int) []byte { return g.b[len(g.b)-n : len(g.b) : len(g.b)] }

// before returns the bytes before a slice that last returned, filled.
func (g *guarded) before(b []byte) guardBytes {
	end := len(g.b) - cap(b)
	before := g.b[max(0, end-512):end]
	for i := range before {
		before[i] = guardByte
	}
	return before
}

type guardBytes []byte

func (g guardBytes) untouched() bool { return bytes.Count(g, []byte{guardByte}) == len(g) }
