package baseimage

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// testBase is a base for a test: a configuration and tars.
type testBase struct {
	arch  string
	env   []string
	tars  [][]byte
	blobs [][]byte // the tars as they are, if nil
}

func (b testBase) config() []byte {
	var c imageConfig
	c.Architecture, c.OS, c.Config.Env = b.arch, "linux", b.env
	for _, t := range b.tars {
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, fmt.Sprintf("sha256:%x", sha256.Sum256(t)))
	}
	raw, _ := json.Marshal(c) // strings only
	return raw
}

func (b testBase) layers() []Layer {
	var out []Layer
	for i, blob := range b.tars {
		if b.blobs != nil {
			blob = b.blobs[i]
		}
		out = append(out, Layer{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(blob)), nil }})
	}
	return out
}

func (b testBase) read(t *testing.T) *Profile {
	t.Helper()
	p, err := Read(t.Context(), b.config(), b.layers())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tarOf(t testing.TB, files ...fakebase.File) []byte {
	t.Helper()
	b, err := fakebase.Tar(files)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The profile of the fake base, whole: what the head holds and how it is written.
func TestReadFakeBase(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		b, err := fakebase.New(arch)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Read(t.Context(), b.Config, testBase{tars: b.Tars, blobs: b.Blobs}.layers())
		if err != nil {
			t.Fatal(err)
		}
		var head, tree bytes.Buffer
		if err := p.EncodeHead(&head); err != nil {
			t.Fatal(err)
		}
		if err := p.Tree.Encode(&tree); err != nil {
			t.Fatal(err)
		}
		for file, got := range map[string]string{"testdata/" + arch + ".json": head.String(), "testdata/" + arch + ".tree": tree.String()} {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
		back, err := DecodeProfile(&head, &tree)
		if err != nil {
			t.Fatal(err)
		}
		if back.Tree.Len() != p.Tree.Len() {
			t.Errorf("%d paths come back of %d", back.Tree.Len(), p.Tree.Len())
		}
		var owned bytes.Buffer
		if err := p.EncodeOwned(&owned); err != nil {
			t.Fatal(err)
		}
		if back.Owned, err = DecodeOwned(&owned); err != nil {
			t.Fatal(err)
		}
		back.Tree, p.Tree = nil, nil
		if diff := cmp.Diff(p, back); diff != "" {
			t.Errorf("decoded (-was +is):\n%s", diff)
		}
	}
}

func TestDecodeProfileRefuses(t *testing.T) {
	for name, in := range map[string][2]string{
		"no JSON":       {"{", ""},
		"other version": {`{"version":99}`, ""},
		"cut tree":      {`{"version":3}`, "layerpack-tree 1\n/ d755\n"},
	} {
		if _, err := DecodeProfile(strings.NewReader(in[0]), strings.NewReader(in[1])); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	p, err := DecodeProfile(strings.NewReader(`{"version":3}`), nil)
	if err != nil || p.Tree != nil {
		t.Errorf("without a tree: %+v, %v", p, err)
	}
}

// However a layer is compressed, its first bytes say so.
func TestCompressions(t *testing.T) {
	plain := tarOf(t, fakebase.Text("etc/passwd", 0o644, "root:x:0:0:root:/root:/bin/sh\n"), fakebase.Text("big", 0o644, strings.Repeat("x", 700_000)))
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	write := func(b []byte) { _, _ = w.Write(b); _ = w.Close() } // into memory
	write(plain)
	one := bytes.Clone(gz.Bytes())
	gz.Reset()
	for _, part := range [][]byte{nil, plain[:700], plain[700:512_000], plain[512_000:], nil} {
		w.Reset(&gz)
		write(part)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	zst := enc.EncodeAll(plain, nil)
	skippable := append([]byte{0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3}, zst...)
	for name, blob := range map[string][]byte{
		"plain": plain, "gzip": one, "gzip of stored blocks": fakebase.Gzip(plain), "gzip of five members": gz.Bytes(), "zstd": zst, "zstd after a skippable frame": skippable,
	} {
		p := testBase{tars: [][]byte{plain}, blobs: [][]byte{blob}}.read(t)
		if n, ok := p.Tree.Lookup("big"); !ok || n.Size != 700_000 || len(p.Users) != 1 {
			t.Errorf("%s: big is %+v, users %v", name, n, p.Users)
		}
	}
	for name, blob := range map[string][]byte{
		"xz": []byte("\xfd7zXZ\x00 and more"), "bzip2": []byte("BZh91AY&SY"), "no tar": bytes.Repeat([]byte("no tar"), 200),
		"broken gzip": append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 7}, plain...), "garbage after gzip": append(bytes.Clone(one), "garbage, and more than a header"...),
	} {
		b := testBase{tars: [][]byte{plain}, blobs: [][]byte{blob}}
		if _, err := Read(t.Context(), b.config(), b.layers()); !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	for name, blob := range map[string][]byte{"cut gzip": one[:len(one)-300], "cut tar": plain[:5000], "cut zstd": zst[:len(zst)-5]} {
		b := testBase{tars: [][]byte{plain}, blobs: [][]byte{blob}}
		if _, err := Read(t.Context(), b.config(), b.layers()); err == nil || refusal.Is(err) {
			t.Errorf("%s: %v, want an error that is no refusal: the transfer may be at fault", name, err)
		}
	}
}

func TestDiffIDs(t *testing.T) {
	a, b := tarOf(t, fakebase.Dir("a", 0o755)), tarOf(t, fakebase.Dir("b", 0o755))
	swapped := testBase{tars: [][]byte{a}, blobs: [][]byte{b}}
	if _, err := Read(t.Context(), swapped.config(), swapped.layers()); err == nil || !strings.Contains(err.Error(), "DiffID") {
		t.Errorf("other bytes than the DiffID says: %v", err)
	}
	trailing := testBase{tars: [][]byte{append(bytes.Clone(a), "after the end"...)}, blobs: [][]byte{a}}
	if _, err := Read(t.Context(), trailing.config(), trailing.layers()); err == nil {
		t.Error("what follows the tar does not count for the DiffID")
	}
	two := testBase{tars: [][]byte{a, b}}
	if _, err := Read(t.Context(), two.config(), two.layers()[:1]); !refusal.Is(err) {
		t.Errorf("a layer too few: %v", err)
	}
	ls := two.layers()
	ls[1].DiffID = "sha256:00"
	if _, err := Read(t.Context(), two.config(), ls); err == nil {
		t.Error("the caller's DiffID and the configuration's may differ")
	}
}

type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }
func (brokenReader) Close() error               { return nil }

// A registry that fails is no refusal, and its error stays recognisable.
func TestSourceErrors(t *testing.T) {
	broken := errors.New("connection reset")
	full := tarOf(t, fakebase.Text("a", 0o644, strings.Repeat("a", 1<<20)))
	b := testBase{tars: [][]byte{full}}
	for name, open := range map[string]func() (io.ReadCloser, error){
		"open":  func() (io.ReadCloser, error) { return nil, broken },
		"first": func() (io.ReadCloser, error) { return brokenReader{broken}, nil },
		"midway": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(full[:600_000]), brokenReader{broken})), nil
		},
		"in gzip": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(fakebase.Gzip(full)[:600_000]), brokenReader{broken})), nil
		},
	} {
		_, err := Read(t.Context(), b.config(), []Layer{{Open: func(context.Context) (io.ReadCloser, error) { return open() }}})
		if !errors.Is(err, broken) || refusal.Is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, b.config(), b.layers()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestHostileLayers(t *testing.T) {
	reg := func(name string) fakebase.File { return fakebase.Text(name, 0o644, "x") }
	for name, files := range map[string][]fakebase.File{
		"dotdot":            {reg("../etc/passwd")},
		"dotdot inside":     {reg("a/../../x")},
		"hard link outside": {{Path: "a", Type: tar.TypeLink, Target: "../../etc/passwd"}},
		"hard link nowhere": {{Path: "a", Type: tar.TypeLink, Target: "b"}},
		"below a file":      {reg("a"), reg("a/b")},
		"long name":         {reg(strings.Repeat("n", 300))},
		"deep name":         {reg(strings.Repeat("n/", 400) + "n")},
		"unknown type":      {{Path: "a", Type: 'V'}},
		"contiguous file":   {{Path: "a", Type: tar.TypeCont}},
		"whiteout of ..":    {reg("a/.wh...")},
		"negative owner":    {{Path: "a", Type: tar.TypeReg, UID: -5}},
	} {
		b := testBase{tars: [][]byte{tarOf(t, files...)}}
		_, err := Read(t.Context(), b.config(), b.layers())
		if !refusal.Is(err) || !strings.Contains(err.Error(), "base layer 1") {
			t.Errorf("%s: %v, want a refusal that names the layer", name, err)
		}
	}
}

func TestSparseFilesAreRefused(t *testing.T) {
	raw := tarOf(t, fakebase.Text("x", 0o644, ""))
	old := bytes.Clone(raw) // the old GNU form: type S, and the sizes in the header
	old[156] = tar.TypeGNUSparse
	copy(old[257:], "ustar  \x00")
	copy(old[386:], "00000000000\x0000000000000\x00")
	copy(old[483:], "00000000000\x00")
	sum := 0
	copy(old[148:], "        ")
	for _, c := range old[:512] {
		sum += int(c)
	}
	copy(old[148:], fmt.Sprintf("%06o\x00 ", sum))
	var pax bytes.Buffer
	w := tar.NewWriter(&pax)
	body := "0\n" // GNU.sparse 1.0: the map is in the data
	h := &tar.Header{Name: "x", Typeflag: tar.TypeReg, Size: 512, PAXRecords: map[string]string{"VENDOR.x": "1"}}
	if err := w.WriteHeader(h); err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(append([]byte(body), make([]byte, 510)...)) // into memory
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// archive/tar writes no sparse records itself: a record of the same length is put in the place of another.
	sparse := bytes.Replace(pax.Bytes(), []byte("14 VENDOR.x=1\n"), []byte("14 GNU.sparse=\n"), 1)
	for name, b := range map[string][]byte{"old GNU": old, "PAX": sparse} {
		base := testBase{tars: [][]byte{b}}
		if _, err := Read(t.Context(), base.config(), base.layers()); !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
}

func TestLimits(t *testing.T) {
	b := testBase{tars: [][]byte{
		tarOf(t, fakebase.Dir("a", 0o755), fakebase.Text("a/METADATA", 0o644, "")),
		tarOf(t, fakebase.Text("x.dist-info/METADATA", 0o644, strings.Repeat("Name: x\n", 1000))),
	}}
	for name, change := range map[string]func(*limits){
		"bytes":   func(l *limits) { l.stream = 4096 },
		"entries": func(l *limits) { l.entries = 2 },
		"kept":    func(l *limits) { l.kept = 7999 },
	} {
		lim := defaultLimits()
		change(&lim)
		if _, err := read(t.Context(), b.config(), b.layers(), lim); !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	if _, err := read(t.Context(), b.config(), b.layers(), limits{stream: 1 << 20, entries: 3, kept: 8000, file: 1 << 20, binary: 1 << 20}); err != nil {
		t.Errorf("at the limits: %v", err)
	}
}

func TestConfigIsJudged(t *testing.T) {
	for name, raw := range map[string]string{"no JSON": "{", "windows": `{"os":"windows","architecture":"amd64"}`, "wrong type": `{"os":7}`} {
		if _, err := Read(t.Context(), []byte(raw), nil); !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	p, err := Read(t.Context(), []byte(`{}`), nil)
	if err != nil || p.Platform.OS != "linux" || p.Python != nil || !strings.Contains(p.PythonNote, "no python3") {
		t.Errorf("scratch: %+v, %v", p, err)
	}
}
