package inflate_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"math/rand/v2"
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
		r := bytes.NewReader(c)
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(r), most+1))
		if len(want) > most {
			return
		}
		for _, d := range inflate.Loops() {
			judge(t, d, c, want, wantErr, int64(len(c)-r.Len()))
		}
	})
}

// judge compares with what compress/flate made of c: bytes, error and how many of c it used.
func judge(t *testing.T, d *inflate.Decoder, c, want []byte, wantErr error, used int64) {
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
	if info.Consumed() != used {
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
}

// FuzzLoops compares the inner loops: bytes, matches, positions, errors. History and the wanted length
// are made of two numbers.
func FuzzLoops(f *testing.F) {
	for _, h := range hostile {
		f.Add(h.b.p, uint16(3), uint32(h.want))
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		c, want := randomStream(r, 300)
		f.Add(c, uint16(33000), uint32(want))
	}
	for _, p := range samples() {
		p = p[:min(len(p), 3000)]
		for _, level := range levels {
			f.Add(deflated(f, level, p), uint16(0), uint32(len(p)))
		}
	}
	p := newPair(f)
	history := noise(1<<16, 1)
	f.Fuzz(func(t *testing.T, c []byte, h uint16, want uint32) {
		p.compare(t, "fuzzed", history[:h], c[:min(len(c), pairIn)], int(want&(1<<20-1)))
	})
}
