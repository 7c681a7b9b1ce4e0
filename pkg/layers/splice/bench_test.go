package splice_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	kgzip "github.com/klauspost/compress/gzip"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// benchMembers are like a small-file package, or one of native libraries.
func benchMembers(b *testing.B) map[string][]member {
	all := map[string][]member{}
	for n := range uint32(300) {
		all["small"] = append(all["small"], compressed(b, 6, text(500+int(n*n)%20000, n)))
	}
	for n := range uint32(3) {
		p := bytes.Repeat(append(text(3000, n), noise(2000, n)...), 200)
		all["large"] = append(all["large"], compressed(b, 6, p))
	}
	return all
}

func BenchmarkWriter(b *testing.B) {
	for name, members := range benchMembers(b) {
		for _, encoders := range []int{0, 2} {
			b.Run(name+[]string{"", "", "/parallel"}[encoders], func(b *testing.B) {
				var bufs splice.Buffers
				size := 0
				for b.Loop() {
					z := splice.NewParallel(io.Discard, encoders)
					size = 0
					for _, m := range members {
						p, err := bufs.Prepare(bytes.NewReader(m.raw), 0, int64(len(m.raw)), int64(len(m.contents)), m.crc)
						if err != nil {
							b.Fatal(err)
						}
						if err := z.Join(p); err != nil {
							b.Fatal(err)
						}
						size += len(m.contents)
					}
					if err := z.Close(); err != nil {
						b.Fatal(err)
					}
				}
				b.SetBytes(int64(size))
			})
		}
	}
}

func BenchmarkStandard6(b *testing.B) {
	benchmarkGzip(b, func() (io.WriteCloser, error) { return gzip.NewWriterLevel(io.Discard, 6) })
}

func BenchmarkKlauspost6(b *testing.B) {
	benchmarkGzip(b, func() (io.WriteCloser, error) { return kgzip.NewWriterLevel(io.Discard, 6) })
}

func benchmarkGzip(b *testing.B, open func() (io.WriteCloser, error)) {
	for name, members := range benchMembers(b) {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				z, err := open()
				if err != nil {
					b.Fatal(err)
				}
				size = 0
				for _, m := range members {
					if _, err := z.Write(m.contents); err != nil {
						b.Fatal(err)
					}
					size += len(m.contents)
				}
				if err := z.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(size))
		})
	}
}
