package plan

import (
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
)

// packed is a file whose stream was made with more effort than layerpack's own encoder makes.
func packed(t *testing.T, path, content string) layers.Entry {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return layers.Entry{
		Path: path, Kind: layers.File, Mode: 0o644, Size: int64(len(content)),
		Open:    func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
		Deflate: &layers.Span{Src: bytes.NewReader(out.Bytes()), Len: int64(out.Len()), CRC32: crc32.ChecksumIEEE([]byte(content))},
	}
}

// prose is text of n bytes that repeats itself as text does.
func prose(seed uint64, n int) string {
	random := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "w%x ", int(random.ExpFloat64()*400))
	}
	return b.String()[:n]
}

// dividing is a divider of one wheel that installs these files.
func dividing(format layers.Compression, entries ...layers.Entry) (*divider, part) {
	w := Wheel{Wheel: &pipwheel.Wheel{Basename: "x", File: tag.Filename{Name: "x", Version: "1"}}}
	d := &divider{installed: map[string]*installedFiles{"x": {entries: entries}}, weighed: map[string]*weights{}, format: format}
	return d, part{role: layers.RoleNative, wheels: []Wheel{w}}
}

// TestLargeFilesKeepToTheLimit: parts with files of several chunks, which eStargz encodes anew, and text, of which
// zstd makes more than deflate at its best, keep to the limit in each format; without a format, in all.
func TestLargeFilesKeepToTheLimit(t *testing.T) {
	entries := []layers.Entry{packed(t, "large.so", prose(1, chunk+chunk/8))}
	for i := range 30 {
		entries = append(entries, packed(t, fmt.Sprintf("small%d.py", i), prose(uint64(10+i), 30_000)))
	}
	all := []layers.Compression{layers.Gzip, layers.EStargz, layers.Zstd}
	// What the large file and some small ones take as they are in the wheel, to the byte.
	limit := entries[0].Deflate.Len + 5*entries[5].Deflate.Len
	for _, format := range []layers.Compression{layers.EStargz, ""} {
		d, whole := dividing(format, entries...)
		parts, err := d.divide(whole, limit, 0)
		if err != nil || len(parts) < 2 {
			t.Fatalf("%q: %d parts, %v", format, len(parts), err)
		}
		for _, how := range all {
			if format != "" && how != format {
				continue
			}
			for i, p := range parts {
				if size := built(t, layerOf(p.files), how).Size; size > limit && len(p.files) > 1 {
					t.Errorf("divided for %q, as %s: part %d has %d bytes, over %d", format, how, i+1, size, limit)
				}
			}
		}
	}
}

func layerOf(entries []layers.Entry) Layer { return Layer{entries: entries} }

// TestWeigh: what files count as, in each format.
func TestWeigh(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		what         string
		format       layers.Compression
		size, stream int64
		want         int64
	}{
		{"a stream that is longer than its file is copied as it is", layers.Gzip, 10, 5000, 5000 + overhead},
		{"one chunk", layers.EStargz, 4 * mb, mb, mb + overhead},
		{"several", layers.EStargz, 9 * mb, 2 * mb, 2*mb + 2*mb/20 + 2*perChunk + overhead},
		{"gzip copies it", layers.Gzip, 9 * mb, 2 * mb, 2*mb + overhead},
		{"zstd, little saved", layers.Zstd, 1_012_000, 1_000_000, 1_001_000 + overhead},
		{"zstd, much saved", layers.Zstd, 9_000_000, 1_000_000, 1_100_000 + overhead},
		{"any format", "", 9_000_000, 1_000_000, 1_100_000 + overhead},
		{"any format, nothing saved", "", 40 * mb, 40 * mb, 42*mb + 10*perChunk + overhead},
	} {
		d, p := dividing(c.format, layers.Entry{Path: "f", Kind: layers.File, Size: c.size, Deflate: &layers.Span{Len: c.stream}})
		files, err := d.weigh(p.wheels[0])
		if err != nil || files.total != c.want || files.list[0].size != c.want {
			t.Errorf("%s: %+v, want %d, %v", c.what, files, c.want, err)
		}
	}
	// Without a stream a file counts as it is, and what framing it takes.
	d, p := dividing("", layers.Entry{Path: "f", Kind: layers.File, Size: mb})
	if files, err := d.weigh(p.wheels[0]); err != nil || files.total != mb+1024+overhead {
		t.Errorf("%+v, %v", files, err)
	}
}

// TestNoteOfDoubt: it is not said that a file is over the limit where only its margin is.
func TestNoteOfDoubt(t *testing.T) {
	file := layers.Entry{Path: "f.so", Kind: layers.File, Size: 3 * chunk, Deflate: &layers.Span{Len: 1_000_000}}
	for limit, want := range map[int64]string{999_000: "alone is over", 1_010_000: "alone may be over", 1_200_000: ""} {
		d, p := dividing(layers.EStargz, file)
		parts, err := d.divide(p, limit, 0)
		if err != nil || len(parts) != 1 {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
		notes := strings.Join(d.notes(parts, limit, limit), "\n")
		if !strings.Contains(notes, want) || (notes == "") != (want == "") {
			t.Errorf("limit %d: %q, want %q", limit, notes, want)
		}
	}
}
