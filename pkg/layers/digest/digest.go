package digest

import "hash"

const (
	// Size is the length of a SHA-256 in bytes.
	Size = 32
	// BlockSize is the length of a message block in bytes.
	BlockSize = 64
)

// Digest is the SHA-256 of what was written to it; it is a hash.Hash. The zero value is an
// empty one and ready. It must not be copied once it was written to, nor be used by two
// goroutines at a time.
type Digest struct {
	engine engine
}

var _ hash.Hash = (*Digest)(nil)

// New returns an empty digest.
func New() *Digest { return new(Digest) }

// Write adds p. It never fails.
func (d *Digest) Write(p []byte) (int, error) {
	d.engine.write(p)
	return len(p), nil
}

// Sum appends the SHA-256 of what was written so far to b. It does not change the digest.
func (d *Digest) Sum(b []byte) []byte { return d.engine.sum(b) }

// Reset makes the digest an empty one.
func (d *Digest) Reset() { d.engine.reset() }

// Size is 32, the length of a sum in bytes.
func (d *Digest) Size() int { return Size }

// BlockSize is 64, the length of a message block in bytes.
func (d *Digest) BlockSize() int { return BlockSize }

// Add adds p and returns the SHA-256 of p alone. That costs little more than a Write when
// what was written before is a whole number of message blocks, as before a file's contents
// in a tar.
func (d *Digest) Add(p []byte) [Size]byte { return d.engine.add(p) }

// Paired reports whether two sums of the same bytes cost little more than one here: if not, the second is better
// computed elsewhere, on another core.
func Paired() bool { return paired() }

// WriteBoth adds p to a and to b, as a.Write(p) and b.Write(p) would. It costs little more
// than one of these when both are at the same place of a message block: the numbers of bytes
// written to them are the same modulo BlockSize, which no WriteBoth changes.
func WriteBoth(a, b *Digest, p []byte) { writeBoth(&a.engine, &b.engine, p) }
