package registry

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// drain is a spool that only counts.
type drain struct {
	written int64
	open    bool
}

func (d *drain) Write(p []byte) (int, error) {
	d.written += int64(len(p))
	return len(p), nil
}

func (d *drain) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

func (d *drain) Close() error {
	d.open = false
	return nil
}

// repeated is a gzip stream of n members, each of so many bytes of padding and of noise.
func repeated(t *testing.T, n, padding, noise int) []byte {
	t.Helper()
	random, _ := content(noise)
	return bytes.Repeat(gzipped(t, append(make([]byte, padding), random...)), n)
}

// TestArchiveBomb: an archive that unpacks out of proportion is refused long before it has filled the disk.
func TestArchiveBomb(t *testing.T) {
	raw := repeated(t, 32, 8<<20, 0) // 256 MiB
	for path, open := range map[string]func(context.Context, string, ArchiveOptions) (Archive, error){
		inFile(t, raw): OpenDockerArchive, stdin: OpenOCIArchive,
	} {
		d := &drain{open: true}
		_, err := open(t.Context(), path, ArchiveOptions{Stdin: bytes.NewReader(raw), Spool: func() (Spool, error) { return d, nil }})
		if !refusal.Is(err) || !strings.Contains(err.Error(), "archive:"+path+": ") || !strings.Contains(err.Error(), "more than 200 times its size") {
			t.Errorf("%s: %v", path, err)
		}
		if d.written > freeInflation*3/2 || d.open {
			t.Errorf("%s: %d bytes of %d written, open: %v", path, d.written, len(raw), d.open)
		}
	}
}

// What compresses very well is still an archive: a little of it at any ratio, more at one that files can have.
func TestArchiveInflates(t *testing.T) {
	a := &archive{name: "x"}
	for what, tt := range map[string]struct {
		raw  []byte
		size int64
	}{
		"64 MiB of nothing":         {repeated(t, 8, 8<<20, 0), 64 << 20},
		"100 times, beyond 64 MiB":  {repeated(t, 90, 1<<20, 9<<10), 90 * (1<<20 + 9<<10)},
		"cut within 64 MiB of it":   {repeated(t, 1, 1<<20, 0)[:600], -1},
		"noise, and then a nothing": {append(repeated(t, 1, 0, 200<<10), repeated(t, 12, 8<<20, 0)...), 96<<20 + 200<<10},
	} {
		n, err := a.copy(io.Discard, bytes.NewReader(tt.raw))
		if tt.size >= 0 && (err != nil || n != tt.size) || tt.size < 0 && (!refusal.Is(err) || !strings.Contains(err.Error(), "damaged or cut")) {
			t.Errorf("%s: %d bytes, %v", what, n, err)
		}
	}
}
