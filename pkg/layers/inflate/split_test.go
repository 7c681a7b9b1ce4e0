package inflate_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// after is the stream c behind stored blocks of n bytes, 5 bytes of header per 65,535.
func after(n int, c []byte) []byte {
	var b []byte
	for n > 0 {
		k := min(n, 0xffff)
		b = append(b, 0, byte(k), byte(k>>8), ^byte(k), ^byte(k>>8))
		b = append(b, noise(k, 1)...)
		n -= k
	}
	return append(b, c...)
}

// streams decodes c with both inner loops and returns what Stream said and emitted.
func (p *pair) streams(t *testing.T, what string, c []byte, want int64) string {
	t.Helper()
	var first string
	var out []byte
	for name, d := range p.loops {
		var got []byte
		info, err := d.Stream(bytes.NewReader(c), int64(len(c)), want, func(b []byte) error {
			got = append(got, b...)
			return nil
		})
		said := fmt.Sprintf("%+v, %v", info, err)
		if first == "" {
			first, out = said, got
		}
		if said != first || !bytes.Equal(got, out) {
			t.Fatalf("%s: %s says %s (%d bytes), the other %s (%d bytes)", what, name, said, len(got), first, len(out))
		}
	}
	return first
}

// The end of the buffer for input comes at every byte of a stream, and so does the limit of
// output.
func TestLoopsAgreeAtSplits(t *testing.T) {
	p := newPair(t)
	b := slices.Concat(text(400, 1), noise(20, 2), bytes.Repeat([]byte("x"), 270), text(150, 1), bytes.Repeat([]byte("abc"), 90))
	for _, level := range []int{-2, 1, 9} {
		c := deflated(t, level, b)
		for back := -40; back < len(c)+10; back += 1 + back&1 {
			n := inflate.StreamIn - 5 - back
			all := after(n, c)
			p.streams(t, fmt.Sprintf("level %d, input ends %d bytes on", level, back), all, int64(n+len(b)))
			p.streams(t, fmt.Sprintf("level %d, input ends %d bytes on, cut", level, back), all[:len(all)-max(1, back%7)], int64(n+len(b)))
		}
		for back := -4; back < len(b)+4; back += 1 + back&31 {
			n := inflate.Window + inflate.StreamOut - back
			p.streams(t, fmt.Sprintf("level %d, output ends %d bytes on", level, back), after(n, c), int64(n+len(b)))
			p.streams(t, fmt.Sprintf("level %d, output ends %d bytes on, too long", level, back), after(n, c), int64(n+len(b)-1))
		}
	}
}
