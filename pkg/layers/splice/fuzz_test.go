package splice_test

import (
	"bytes"
	"compress/flate"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// FuzzWriter joins what plan says, cut from p over and over.
func FuzzWriter(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 200, 255}, text(1000, 1))
	f.Add([]byte{3, 3, 3, 11, 11, 19}, noise(500, 2))
	f.Fuzz(func(t *testing.T, plan, p []byte) {
		if len(plan) > 40 || len(p) == 0 || len(p) > 5000 {
			return
		}
		var one, two bytes.Buffer
		a := &layer{t: t, z: splice.NewWriter(&one)}
		b := &layer{t: t, z: splice.NewParallel(&two, 2)}
		for i, op := range plan {
			part := p[i*7%len(p):]
			if op&0x80 != 0 {
				part = bytes.Repeat(part, 1+20000/len(part))
			}
			m := compressed(t, []int{flate.HuffmanOnly, 0, 1, 6}[op>>2&3], part)
			for _, l := range []*layer{a, b} {
				switch op & 3 {
				case 0:
					l.bytes(part)
				case 1:
					l.file(m)
				case 2:
					l.member(m)
				default:
					l.large(m)
				}
			}
		}
		a.check(&one)
		b.check(&two)
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Error("encoding beside the caller gives other bytes")
		}
	})
}
