//go:build !amd64 || purego

package deflate

// tokens writes tokens to out, which has room for them and seven bytes more, and returns how many bytes came.
func (w *writer) tokens(out []byte, c *blockCode, tokens []token) int {
	return w.tokensEach(out, c, tokens)
}
