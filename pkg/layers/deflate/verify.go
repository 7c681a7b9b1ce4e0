package deflate

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// verify decodes the piece that out holds from at on, after the history that it was encoded
// after, and compares. It writes into out's spare room.
func (e *Encoder) verify(out []byte, at int, buf []byte, start int) error {
	closed := append(out, 3, 0) // an empty last block with the fixed codes
	want := len(buf) - start
	history := buf[:start]
	e.decoded = slices.Grow(e.decoded[:0], len(history)+want+inflate.Slack)
	e.decoded = append(e.decoded, history...)
	got, _, err := e.check.Decode(e.decoded, closed[at:], want)
	if err == nil && !bytes.Equal(got[len(history):], buf[start:]) {
		err = errors.New("other bytes")
	}
	if err != nil {
		return fmt.Errorf("deflate: encoded bytes do not decode to the input: %w; this is a fault of the encoder, please report it", err)
	}
	return nil
}
