package inflate_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"testing"

	kflate "github.com/klauspost/compress/flate"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

// FuzzDecode compares with two other decoders: what is accepted they decode to the same bytes,
// and what they accept is refused only for reasons that zlib has, or as a bomb.
func FuzzDecode(f *testing.F) {
	for _, h := range hostile {
		f.Add(h.b.p)
	}
	for _, p := range samples() {
		p = p[:min(len(p), 3000)]
		for _, level := range levels {
			f.Add(deflated(f, level, p))
		}
	}
	f.Fuzz(func(t *testing.T, c []byte) {
		const most = 1 << 20
		var d inflate.Decoder
		r := bytes.NewReader(c)
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(r), most+1))
		if len(want) > most {
			return
		}
		got, info, err := d.Decode(nil, c, len(want))
		if wantErr != nil {
			if err == nil {
				t.Fatalf("compress/flate refuses (%v) what is accepted", wantErr)
			}
			return
		}
		if err != nil {
			if !errors.Is(err, inflate.ErrCodes) && !errors.Is(err, inflate.ErrBomb) {
				t.Fatalf("refused (%v), compress/flate accepts", err)
			}
			return
		}
		if !bytes.Equal(got, want) {
			t.Fatal("compress/flate has other bytes")
		}
		if used := int64(len(c) - r.Len()); info.Consumed() != used {
			t.Fatalf("consumed %d bytes, compress/flate %d", info.Consumed(), used)
		}
		if k, err := io.ReadAll(kflate.NewReader(bytes.NewReader(c))); err != nil || !bytes.Equal(k, want) {
			t.Fatalf("klauspost has other bytes: %v", err)
		}

		var streamed bytes.Buffer
		again, err := d.Stream(bytes.NewReader(c), int64(len(c)), int64(len(want)), func(b []byte) error {
			streamed.Write(b)
			return nil
		})
		if err != nil || again != info || !bytes.Equal(streamed.Bytes(), want) {
			t.Fatalf("streamed: %+v, whole: %+v: %v", again, info, err)
		}
		_, matches, _, err := d.DecodeMatches(nil, c, len(want), nil)
		if err == nil {
			err = replay(want, matches)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}
