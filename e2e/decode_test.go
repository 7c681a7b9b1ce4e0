//go:build e2e

package e2e

import (
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// decoder turns the file of a blob into its tar.
type decoder struct {
	name   string
	decode func(t *testing.T, blob string) (diffID string)
}

// gzipDecoders are everyone's decoders of gzip; an eStargz layer is one too.
func gzipDecoders() []decoder {
	return []decoder{
		{"compress/gzip", within(func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) })},
		{"gzip", filter("gzip", "-dc")},
		{"pigz", filter("pigz", "-dc")},
		{"unpigz", filter("unpigz", "-c")},
		{"igzip", filter("igzip", "-dc")},
		{"python3", filter("python3", "-c", `import gzip, shutil, sys
shutil.copyfileobj(gzip.GzipFile(fileobj=sys.stdin.buffer), sys.stdout.buffer, 1 << 20)`)},
	}
}

func zstdDecoders() []decoder {
	return []decoder{
		{"klauspost/compress", within(func(r io.Reader) (io.ReadCloser, error) {
			d, err := zstd.NewReader(r)
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		})},
		{"zstd", filter("zstd", "-dc")},
	}
}

// within decodes inside this process.
func within(open func(io.Reader) (io.ReadCloser, error)) func(*testing.T, string) string {
	return func(t *testing.T, blob string) string {
		t.Helper()
		f, err := os.Open(blob)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := open(f)
		if err != nil {
			t.Fatalf("%s: %v", blob, err)
		}
		defer r.Close()
		return digestOf(t, r)
	}
}

// filter decodes by a program that reads the blob and writes the tar.
func filter(name string, args ...string) func(*testing.T, string) string {
	return func(t *testing.T, blob string) string {
		t.Helper()
		f, err := os.Open(blob)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd := exec.Command(name, args...)
		var words strings.Builder
		cmd.Stdin, cmd.Stderr = f, &words
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		digest := digestOf(t, out)
		// A word of warning, such as of trailing garbage, is a fault even where the status is 0.
		if err := cmd.Wait(); err != nil || words.Len() > 0 {
			t.Errorf("%s of %s: %v\n%s", cmd, blob, err, &words)
		}
		return digest
	}
}

// testDecode: layers of every format come out of everyone's decoder as the tar that the config
// promises, and all engines that take the format unpack the image.
func testDecode(t *testing.T, r *rig) {
	wheels := r.nativeAndSmall(t)
	readers := newReaders(t, r)
	diffIDs := map[string][]string{}
	for _, format := range []struct {
		name, mediaType string
		decoders        []decoder
	}{
		{"gzip", "application/vnd.oci.image.layer.v1.tar+gzip", gzipDecoders()},
		{"estargz", "application/vnd.oci.image.layer.v1.tar+gzip", gzipDecoders()},
		{"zstd", "application/vnd.oci.image.layer.v1.tar+zstd", zstdDecoders()},
	} {
		t.Run(format.name, func(t *testing.T) {
			p := r.pack(t, r.host+"/decode/"+format.name+":1", wheels, "--compression", format.name)
			total := int64(0)
			for i, l := range p.layers {
				total += l.size
				diffIDs[format.name] = append(diffIDs[format.name], l.diffID)
				if got := p.image.manifest.Layers[p.base+i].MediaType; got != format.mediaType {
					t.Errorf("layer %s is of type %s, want %s", l.digest, got, format.mediaType)
				}
			}
			t.Logf("%d layers of %.1f MB", len(p.layers), float64(total)/1e6)
			for _, d := range format.decoders {
				t.Run(d.name, func(t *testing.T) {
					for _, l := range p.layers {
						if got := d.decode(t, l.blob); got != l.diffID {
							t.Errorf("%s decodes %s to %s, its DiffID is %s", d.name, l.digest, got, l.diffID)
						}
					}
				})
			}
			for _, e := range readers {
				if format.name == "zstd" && !e.zstd {
					continue
				}
				t.Run(e.name, func(t *testing.T) { e.pull(t, p, wheels) })
			}
		})
	}
	if a, b := strings.Join(diffIDs["gzip"], " "), strings.Join(diffIDs["zstd"], " "); a != b || a == "" {
		t.Errorf("the tars in gzip layers are\n%s\nthose in zstd layers\n%s", a, b)
	}
}
