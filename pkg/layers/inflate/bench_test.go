package inflate_test

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	kflate "github.com/klauspost/compress/flate"

	"github.com/layerpack/layerpack/pkg/layers/inflate"
)

func benchmark(b *testing.B, run func(b *testing.B, c []byte, n int)) {
	for name, p := range map[string][]byte{
		"text1M":  text(1<<20, 1),
		"text2K":  text(2<<10, 1),
		"mixed1M": bytes.Repeat(append(text(3000, 1), noise(2000, 2)...), 210),
	} {
		c := deflated(b, 6, p)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(p)))
			run(b, c, len(p))
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	benchmark(b, func(b *testing.B, c []byte, n int) {
		out := make([]byte, 0, n+inflate.Slack)
		for name, d := range inflate.Loops() {
			b.Run(name, func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					if _, _, err := d.Decode(out, c, n); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

func BenchmarkStream(b *testing.B) {
	benchmark(b, func(b *testing.B, c []byte, n int) {
		var d inflate.Decoder
		for b.Loop() {
			if _, err := d.Stream(bytes.NewReader(c), int64(len(c)), int64(n), func([]byte) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkStandard(b *testing.B) {
	benchmarkReader(b, flate.NewReader(nil), func(r io.Reader, c []byte) error {
		return r.(flate.Resetter).Reset(bytes.NewReader(c), nil)
	})
}

func BenchmarkKlauspost(b *testing.B) {
	benchmarkReader(b, kflate.NewReader(nil), func(r io.Reader, c []byte) error {
		return r.(kflate.Resetter).Reset(bytes.NewReader(c), nil)
	})
}

func benchmarkReader(b *testing.B, r io.Reader, reset func(io.Reader, []byte) error) {
	benchmark(b, func(b *testing.B, c []byte, n int) {
		out := make([]byte, n)
		for b.Loop() {
			if err := reset(r, c); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(r, out); err != nil {
				b.Fatal(err)
			}
		}
	})
}
