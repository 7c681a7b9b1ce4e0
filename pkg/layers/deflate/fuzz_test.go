package deflate_test

import (
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
)

// FuzzEncode cuts p into history and parts as plan says; what comes out must be what went in,
// for another decoder too.
func FuzzEncode(f *testing.F) {
	f.Add([]byte{10, 0, 20, 1, 30, 2}, text(1000, 1))
	f.Add([]byte{0, 3, 200, 3, 200, 3, 200}, text(3000, 2))
	f.Add([]byte{100, 2, 100, 0, 3}, append(make([]byte, 300), noise(700, 3)...))
	f.Fuzz(func(t *testing.T, plan, p []byte) {
		if len(p) > 100000 || len(plan) == 0 {
			return
		}
		history := min(int(plan[0])*8, len(p))
		in := start(p[:history:history])
		in.header = int(plan[0]) - 1
		if in.header >= history {
			in.header = -1
		}
		p = p[history:]
		for i := 1; i+1 < len(plan) && len(p) > 0; i += 2 {
			n := min(int(plan[i+1])*4, len(p))
			switch kind := deflate.Kind(plan[i] & 3); kind {
			case deflate.Zeros:
				in.add(kind, make([]byte, n))
			case deflate.Parsed:
				in.parsed(t, 1+int(plan[i])>>2%9, p[:n])
			default:
				in.add(kind, p[:n])
			}
			p = p[n:]
		}
		in.add(deflate.Plain, p)
		var e deflate.Encoder
		piece, err := in.encode(&e)
		if err != nil {
			t.Fatal(err)
		}
		in.check(t, piece)
	})
}
