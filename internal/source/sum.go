package source

import (
	"context"
	"crypto/sha256"
	"io"
)

// hashBuffer is the length of the buffers files are hashed through, in bytes.
const hashBuffer = 256 << 10

// sum returns the SHA-256 of all of r, or ctx's error once ctx is done, reading
// through buffer.
func sum(ctx context.Context, r io.Reader, buffer []byte) (digest [sha256.Size]byte, err error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(h, reading(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	}), buffer); err != nil {
		return digest, err
	}
	h.Sum(digest[:0])
	return digest, nil
}

// reading is an [io.Reader] made of one function.
type reading func(p []byte) (int, error)

func (f reading) Read(p []byte) (int, error) { return f(p) }
