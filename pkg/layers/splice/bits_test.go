package splice

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// fixedBlock is a stream of one block with the fixed codes whose end bit leaves this residue: a
// literal below 144 has 8 bits, one above 9, and header and end code 10 together.
func fixedBlock(residue int) (stream, contents []byte) {
	long := (residue + 6) & 7
	bit := 0
	put := func(v, n int) {
		for i := n - 1; i >= 0; i-- {
			if bit&7 == 0 {
				stream = append(stream, 0)
			}
			stream[bit>>3] |= byte(v>>i&1) << (bit & 7)
			bit++
		}
	}
	put(0b110, 3)
	put(0x30+'a', 8)
	contents = append(contents, 'a')
	for range long {
		put(0b110010000+56, 9)
		contents = append(contents, 200)
	}
	put(0, 7)
	return stream, contents
}

// joinable are streams with the bit residue at which they end.
func joinable(t *testing.T) map[string][]byte {
	all := map[string][]byte{
		"stored":        {1, 3, 0, 0xfc, 0xff, 'x', 'y', 'z'},
		"stored, empty": {1, 0, 0, 0xff, 0xff},
		"fixed, empty":  {3, 0},
		"stored last":   {0, 1, 0, 0xfe, 0xff, 'x', 1, 1, 0, 0xfe, 0xff, 'y'},
		"marks within":  {0, 4, 0, 0xfb, 0xff, 1, 1, 1, 1, 3, 0}, // bytes that look like a last block
	}
	for residue := range 8 {
		p, _ := fixedBlock(residue)
		all["residue "+string(rune('0'+residue))] = p
		if residue > 0 {
			dirty := bytes.Clone(p)
			dirty[len(p)-1] |= 0xff << residue
			all["dirty "+string(rune('0'+residue))] = dirty
		}
	}
	return all
}

// Every stream can be followed by every other, cleared as a whole or in parts.
func TestRealign(t *testing.T) {
	var d inflate.Decoder
	seen := map[int64]bool{}
	for name, p := range joinable(t) {
		want, err := io.ReadAll(flate.NewReader(bytes.NewReader(p)))
		if err != nil {
			t.Fatal(err)
		}
		_, info, err := d.Decode(nil, p, len(want))
		if err != nil || info.Consumed() != int64(len(p)) {
			t.Fatalf("%s: %+v of %d: %v", name, info, len(p), err)
		}
		seen[info.End&7] = true
		whole := bytes.Clone(p)
		clearFinal(whole, 0, info)
		whole = realign(whole, info.End)
		var parts []byte
		for at := range p {
			part := []byte{p[at]}
			clearFinal(part, int64(at), info)
			parts = append(parts, part...)
		}
		if parts = realign(parts, info.End); !bytes.Equal(parts, whole) {
			t.Errorf("%s: in parts %x, whole %x", name, parts, whole)
		}
		if extra, want := len(whole)-len(p), []int{0, 4, 4, 4, 4, 4, 5, 5}[info.End&7]; extra != want {
			t.Errorf("%s: %d bytes more, want %d", name, extra, want)
		}
		for other, q := range joinable(t) {
			next, err := io.ReadAll(flate.NewReader(bytes.NewReader(q)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(flate.NewReader(bytes.NewReader(append(bytes.Clone(whole), q...))))
			if err != nil || !bytes.Equal(got, append(bytes.Clone(want), next...)) {
				t.Errorf("%s, then %s: %q: %v", name, other, got, err)
			}
		}
	}
	if len(seen) != 8 {
		t.Errorf("only the residues %v", seen)
	}
}
