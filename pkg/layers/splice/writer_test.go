package splice_test

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/splice"
)

// write fills a layer with every kind of thing.
func write(t testing.TB, z *splice.Writer, make func(testing.TB, []byte) member) *layer {
	l := &layer{t: t, z: z}
	l.file(make(t, nil))
	for n := range uint32(40) {
		l.file(make(t, text(int(n)*100, n)))
	}
	l.file(make(t, text(600000, 1)))                   // copied
	l.file(make(t, noise(20000, 2)))                   // copied
	l.file(make(t, bytes.Repeat([]byte("z"), 300000))) // copied, being long
	for n := range uint32(300) {
		l.file(make(t, text(3000+int(n), n)))
	}
	l.file(make(t, append(text(3<<20, 3), noise(2<<20, 4)...))) // in a window
	l.file(make(t, text(700, 5)))
	l.bytes(text(500000, 6))
	l.bytes(nil)
	for _, b := range text(100, 7) {
		l.bytes([]byte{b})
	}
	l.file(make(t, text(60000, 8)))
	l.bytes(noise(300000, 9))
	return l
}

func TestWriter(t *testing.T) {
	for _, level := range []int{flate.NoCompression, flate.BestSpeed, 6} {
		var out bytes.Buffer
		write(t, splice.NewWriter(&out), func(t testing.TB, p []byte) member { return compressed(t, level, p) }).check(&out)
	}
}

func TestWriterEmpty(t *testing.T) {
	var out bytes.Buffer
	(&layer{t: t, z: splice.NewWriter(&out)}).check(&out)
	if out.Len() != 20 {
		t.Errorf("an empty member has %d bytes", out.Len())
	}
}

// Streams of every length: all bit residues, copied and streamed.
func TestResidues(t *testing.T) {
	var out bytes.Buffer
	l := &layer{t: t, z: splice.NewWriter(&out)}
	for n := range uint32(40) {
		m := compressed(t, flate.HuffmanOnly, noise(9000+int(n)*7, n))
		for i := range m.contents {
			m.contents[i] &= 0x3f
		}
		m = compressed(t, flate.HuffmanOnly, m.contents)
		if n&1 == 0 {
			l.member(m)
			continue
		}
		l.large(m)
	}
	l.check(&out)
}

// Pieces stay what they are while others are prepared in the same buffers, and are joined as if alone.
func TestPiecesTogether(t *testing.T) {
	var members []member
	for n := range uint32(120) {
		members = append(members, compressed(t, int(n%7), text(int(n*n*n)/8, n)))
	}
	members = append(members, compressed(t, 6, noise(300_000, 1)), compressed(t, 0, noise(20_000, 2)), compressed(t, 6, text(9000, 3)))
	var alone, together bytes.Buffer
	l := &layer{t: t, z: splice.NewWriter(&alone)}
	for _, m := range members {
		l.bufs.Reset()
		l.member(m)
	}
	l.check(&alone)
	var bufs splice.Buffers
	for range 2 {
		bufs.Reset()
		var pieces []splice.Piece
		for _, m := range members {
			p, err := bufs.Prepare(bytes.NewReader(m.raw), 0, int64(len(m.raw)), int64(len(m.contents)), m.crc)
			if err != nil {
				t.Fatal(err)
			}
			pieces = append(pieces, p)
		}
		together.Reset()
		z := splice.NewWriter(&together)
		for i, p := range pieces {
			if !bytes.Equal(p.Decoded, members[i].contents) {
				t.Fatalf("piece %d was overwritten", i)
			}
			if err := z.Join(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(alone.Bytes(), together.Bytes()) {
			t.Error("pieces prepared together make other bytes")
		}
	}
}

var update = flag.Bool("update", false, "write the golden files")

// The bytes are frozen, whatever the number of encoders and cores.
func TestGolden(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	sums := map[string]bool{}
	for cores, encoders := range map[int]int{1: 0, 2: 1, 8: 3} {
		runtime.GOMAXPROCS(cores)
		var out bytes.Buffer
		write(t, splice.NewParallel(&out, encoders), frozen).check(&out)
		sum := sha256.Sum256(out.Bytes())
		sums[hex.EncodeToString(sum[:])] = true
	}
	if len(sums) != 1 {
		t.Errorf("different bytes: %v", sums)
	}
	const file = "testdata/golden.txt"
	for sum := range sums {
		if *update {
			if err := os.WriteFile(file, []byte(sum+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if sum != strings.TrimSpace(string(want)) {
			t.Errorf("%s, golden %s", sum, want)
		}
	}
}
