//go:build !purego

package deflate

import "github.com/layerpack/layerpack/pkg/layers/internal/cpuid"

// fast says that the processor has what writeTokens uses.
var fast = cpuid.BMI2()

// writeTokens writes n tokens to out, where eight bytes may be written at limit last, after count bits that wait. It
// returns how many whole bytes came, what waits then, and how many tokens were left for want of room.
//
//go:noescape
func writeTokens(c *blockCode, tokens *token, n int, out *byte, limit int, bits, count uint64) (written int, restBits, restCount uint64, left int)

// tokens writes tokens to out, which has room for them and seven bytes more, and returns how many bytes came.
func (w *writer) tokens(out []byte, c *blockCode, tokens []token) int {
	if n := len(tokens); fast && n > 0 && len(out) >= 8 {
		var written, left int
		written, w.bits, w.n, left = writeTokens(c, &tokens[0], n, &out[0], len(out)-8, w.bits, w.n)
		// None is left: where a token has no room, this fails in Go.
		return written + w.tokensEach(out[written:], c, tokens[n-left:])
	}
	return w.tokensEach(out, c, tokens)
}
