package inflate_test

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

func deflated(t testing.TB, level int, p []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(p); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTmp(t *testing.T) {
	var d inflate.Decoder
	for n := 0; n < 100000; n = n*3/2 + 1 {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(i * i >> 7 & 63)
		}
		for _, l := range []int{0, 1, 6, 9, -2} {
			c := deflated(t, l, p)
			got, info, err := d.Decode(nil, c, n)
			if err != nil || !bytes.Equal(got, p) || info.Consumed() != int64(len(c)) {
				t.Fatal(n, l, err, info, len(c))
			}
			var o bytes.Buffer
			info2, err := d.Stream(bytes.NewReader(c), int64(len(c)), int64(n), func(b []byte) error { o.Write(b); return nil })
			if err != nil || info2 != info || !bytes.Equal(o.Bytes(), p) {
				t.Fatal(n, l, err, info, info2)
			}
		}
	}
	_ = io.EOF
}
