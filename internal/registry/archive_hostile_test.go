package registry

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// readAll reads the image of a docker archive to its last byte.
func readAll(ctx context.Context, path string, o ArchiveOptions) error {
	a, err := OpenDockerArchive(ctx, path, o)
	if err != nil {
		return err
	}
	err = func() error {
		m, err := a.Manifest(ctx, "")
		if err != nil {
			return err
		}
		for d := range a.(*dockerArchive).blobs {
			c, err := a.(*dockerArchive).blobs[d].open(ctx)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, c)
			if err := errors.Join(err, c.Close()); err != nil {
				return err
			}
		}
		if m.Digest != sha256Of(m.Bytes) {
			return errors.New("a wrong digest was given out")
		}
		return nil
	}()
	return errors.Join(err, a.Close())
}

// replaced is members with one of them changed.
func replaced(members []packed, suffix string, change func(*packed)) []packed {
	out := append([]packed(nil), members...)
	for i := range out {
		if strings.HasSuffix(out[i].name, suffix) {
			change(&out[i])
		}
	}
	return out
}

func TestDockerArchiveHostile(t *testing.T) {
	s := newSaved(t, "one")
	good := slices.Clip(s.old(t, nil))
	linked := func(to string) []packed {
		return replaced(good, "layer.tar", func(p *packed) { p.body, p.link = nil, to })
	}
	chain := linked("../l0")
	for i := range maxLinks {
		chain = append(chain, packed{name: fmt.Sprintf("l%d", i), link: fmt.Sprintf("l%d", i+1)})
	}
	for what, tt := range map[string]struct {
		members []packed
		want    string
	}{
		"a name that leads out":      {append(good, packed{name: "../../etc/passwd"}), "leads out of it"},
		"an absolute name":           {append(good, packed{name: "/etc/passwd"}), "leads out of it"},
		"a link that leads out":      {linked("../../../etc/passwd"), "out of the archive"},
		"an absolute link":           {linked("/etc/passwd"), "out of the archive"},
		"a link to nothing":          {linked("../gone/layer.tar"), `it lacks "gone/layer.tar", which`},
		"a link to itself":           {linked("layer.tar"), "is a link to a link"},
		"links to links":             {chain, "is a link to a link"},
		"a layer twice":              {append(good, packed{name: sha256Of([]byte{0}).Hex + "/layer.tar"}), "it is there twice"},
		"the index twice":            {append(good, packed{name: "./manifest.json", body: []byte("[]")}), "it is there twice"},
		"a device":                   {replaced(good, "layer.tar", func(p *packed) { p.body, p.kind = nil, tar.TypeChar }), "it is no plain file"},
		"no layer":                   {replaced(good, "layer.tar", func(p *packed) { p.name = "other" }), "it lacks"},
		"no configuration":           {replaced(good, ".json", func(p *packed) { p.name = strings.ReplaceAll(p.name, ".json", ".jsn") }), "it has no manifest.json"},
		"a layer of other bytes":     {replaced(good, "layer.tar", func(p *packed) { p.body = pack(t) }), "was expected"},
		"another configuration":      {replaced(good, sha256Of(s.config).Hex+".json", func(p *packed) { p.body = []byte("{}") }), "was expected"},
		"a configuration in pieces":  {replaced(good, "manifest.json", func(p *packed) { p.body = []byte(`[{"Config":"VERSION"}]`) }), "it lacks"},
		"no layers in the index":     {replaced(good, "manifest.json", func(p *packed) { p.body = bytes.ReplaceAll(p.body, []byte("Layers"), []byte("Layer_")) }), "manifest.json has 0 layers"},
		"an index that is no list":   {replaced(good, "manifest.json", func(p *packed) { p.body = []byte("{}") }), "manifest.json is damaged"},
		"an empty index":             {replaced(good, "manifest.json", func(p *packed) { p.body = []byte("[]") }), "it lists no image"},
		"a null image":               {replaced(good, "manifest.json", func(p *packed) { p.body = []byte("[null]") }), "a file without a name"},
		"an index that is too large": {replaced(good, "manifest.json", func(p *packed) { p.body = make([]byte, MaxManifest+1) }), "4194304 are read"},
		"too many layers": {replaced(good, "manifest.json", func(p *packed) {
			p.body = toJSON(t, []dockerImage{{Config: "c", Layers: strings.Split(strings.Repeat("x,", 2000)+"x", ",")}})
		}), "has 2001 layers"},
		"bzip2":         {replaced(good, "layer.tar", func(p *packed) { p.body = []byte("BZh91AY") }), "compressed by bzip2"},
		"docker export": {[]packed{{name: "bin/sh"}, {name: "etc/passwd"}}, `it holds files such as "bin/sh", and no image`},
		"an OCI layout": {[]packed{{name: "index.json"}}, "write oci-archive:FILE"},
		"old Docker":    {[]packed{{name: "repositories"}}, "a Docker before 1.10"},
		"nothing":       {nil, "it is empty"},
		"an index that is a link": {append(replaced(good, "manifest.json", func(p *packed) { p.name = "m" }),
			packed{name: "manifest.json", link: "/etc/hostname"}), "out of the archive"},
	} {
		m := newMemo()
		err := readAll(t.Context(), inFile(t, pack(t, tt.members...)), m.ArchiveOptions)
		var wrong *DigestError
		if err == nil || !strings.Contains(err.Error(), tt.want) || !refusal.Is(err) && !errors.As(err, &wrong) {
			t.Errorf("%s: %v, want %s", what, err, tt.want)
		}
		if m.open != 0 {
			t.Errorf("%s: %d spools left open", what, m.open)
		}
	}
}

// TestArchiveCut: an archive that ends anywhere is no image, and no reason to panic.
func TestArchiveCut(t *testing.T) {
	raw := pack(t, newSaved(t, "one").modern(t, true)...)
	whole := bytes.LastIndex(raw, []byte("RepoTags")) // within the last file that is needed
	for _, way := range []struct {
		what string
		raw  []byte
		end  int
	}{{"plain", raw, whole}, {"gzip", gzipped(t, raw), len(gzipped(t, raw))}} {
		for n := 0; n < way.end; n += 97 {
			m := newMemo()
			m.Stdin = bytes.NewReader(way.raw[:n])
			for _, path := range []string{inFile(t, way.raw[:n]), stdin} {
				if err := readAll(t.Context(), path, m.ArchiveOptions); !refusal.Is(err) {
					t.Fatalf("%s: %d of %d bytes: %v", way.what, n, len(way.raw), err)
				}
			}
			if m.open != 0 {
				t.Fatalf("%d spools left", m.open)
			}
		}
	}
}

func TestArchiveFiles(t *testing.T) {
	dir := t.TempDir()
	m := newMemo()
	for what, tt := range map[string]struct{ path, want string }{
		"none":     {filepath.Join(dir, "none"), "there is no such file"},
		"a folder": {dir, "oci:DIR reads a folder"},
		"zstd":     {inFile(t, []byte("\x28\xb5\x2f\xfd..")), "compressed by zstd; decompress it first"},
		"xz":       {inFile(t, []byte("\xfd7zXZ\x00..")), "compressed by xz"},
		"text":     {inFile(t, bytes.Repeat([]byte("text"), 1000)), "it is no tar"},
		"empty":    {inFile(t, nil), "it is empty"},
		"no stdin": {stdin, "there is no standard input"},
	} {
		for _, open := range []func(context.Context, string, ArchiveOptions) (Archive, error){OpenDockerArchive, OpenOCIArchive} {
			if _, err := open(t.Context(), tt.path, m.ArchiveOptions); !refusal.Is(err) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want %s", what, err, tt.want)
			}
		}
	}
	// A pipe is spooled, as standard input is.
	s := newSaved(t, "one")
	pipe := filepath.Join(dir, "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	go func() { _ = os.WriteFile(pipe, pack(t, s.old(t, nil)...), 0o600) }()
	wantImage(t, pipe, m.ArchiveOptions, s)
	if m.open != 0 {
		t.Errorf("%d spools left", m.open)
	}
}

// TestArchiveIndexBounded: an archive of names costs no more memory than it may.
func TestArchiveIndexBounded(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	long := strings.Repeat("d", 900<<10)
	for i := range 20 {
		must(t, w.WriteHeader(&tar.Header{Name: fmt.Sprintf("%s%d", long, i), Format: tar.FormatPAX}))
	}
	must(t, w.Close())
	if _, err := OpenOCIArchive(t.Context(), inFile(t, b.Bytes()), newMemo().ArchiveOptions); !refusal.Is(err) || !strings.Contains(err.Error(), "more files than") {
		t.Error(err)
	}
	if _, err := OpenOCIArchive(t.Context(), inFile(t, sparseTar(t)), newMemo().ArchiveOptions); !refusal.Is(err) || !strings.Contains(err.Error(), "stored as a sparse file") {
		t.Error(err)
	}
}

// sparseTar is an archive whose index.json is stored sparse, in the old GNU form.
func sparseTar(tb testing.TB) []byte {
	tb.Helper()
	raw := pack(tb, packed{name: "index.json", body: make([]byte, 512)})
	raw[156] = tar.TypeGNUSparse
	copy(raw[257:265], "ustar  \x00")
	copy(raw[386:], "00000000000\x0000000001000\x00") // one piece, at 0, of 512 bytes
	copy(raw[483:], "00000001000\x00")                // of 512 bytes in all
	copy(raw[148:156], "        ")
	sum := 0
	for _, c := range raw[:512] {
		sum += int(c)
	}
	copy(raw[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return raw
}
