package deflate

import (
	"bytes"
	"errors"
	"fmt"
)

// final is an empty last block with the fixed codes.
var final = [2]byte{3, 0}

// verify decodes a piece after the history that it was encoded after.
func (e *Encoder) verify(piece, buf []byte, start int) error {
	e.decoded = append(e.decoded[:0], buf[:start]...)
	e.closed = append(append(e.closed[:0], piece...), final[:]...)
	got, _, err := e.check.Decode(e.decoded, e.closed, len(buf)-start)
	if err == nil && !bytes.Equal(got[start:], buf[start:]) {
		err = errors.New("other bytes")
	}
	if err != nil {
		return fmt.Errorf("deflate: encoded bytes do not decode to the input: %w; this is a fault of the encoder, please report it", err)
	}
	return nil
}
