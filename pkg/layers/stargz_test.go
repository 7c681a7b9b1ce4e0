package layers

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	digest "github.com/opencontainers/go-digest"
)

// lazily writes entries as eStargz and opens the blob as stargz-snapshotter does.
func lazily(t *testing.T, entries []Entry, prioritize ...string) (*Record, []byte, *estargz.Reader, estargz.TOCEntryVerifier) {
	t.Helper()
	var b bytes.Buffer
	rec, err := NewBuilder(2).WriteAs(t.Context(), &b, entries, Options{Compression: EStargz, Prioritize: prioritize})
	if err != nil {
		t.Fatal(err)
	}
	r, err := estargz.Open(io.NewSectionReader(bytes.NewReader(b.Bytes()), 0, int64(b.Len())))
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.VerifyTOC(digest.Digest(rec.Annotations[estargz.TOCJSONDigestAnnotation]))
	if err != nil {
		t.Fatal(err)
	}
	if got := rec.Annotations[estargz.StoreUncompressedSizeAnnotation]; got != fmt.Sprint(rec.TarSize) {
		t.Errorf("the tar has %d bytes, the annotation says %s", rec.TarSize, got)
	}
	return rec, b.Bytes(), r, v
}

// Every chunk can be read and verified alone, from the bytes up to the next one.
func TestStargzChunks(t *testing.T) {
	for name, entries := range shapes(t) {
		_, blob, r, v := lazily(t, entries)
		for i := range entries {
			e := &entries[i]
			if e.Kind != File {
				continue
			}
			var got bytes.Buffer
			for at := int64(0); at < e.Size; {
				ce, ok := r.ChunkEntryForOffset(e.Path, at)
				if !ok || ce.ChunkOffset != at || ce.ChunkSize <= 0 || ce.ChunkSize > chunkSize {
					t.Fatalf("%s: %s has no chunk at %d: %+v", name, e.Path, at, ce)
				}
				zr, err := gzip.NewReader(bytes.NewReader(blob[ce.Offset:ce.NextOffset()]))
				if err != nil {
					t.Fatalf("%s: %s at %d: %v", name, e.Path, at, err)
				}
				verifier, err := v.Verifier(ce)
				if err != nil {
					t.Fatalf("%s: %s at %d: %v", name, e.Path, at, err)
				}
				if _, err := io.CopyN(io.MultiWriter(&got, verifier), zr, ce.ChunkSize); err != nil || !verifier.Verified() {
					t.Fatalf("%s: %s at %d is not what its digest says: %v", name, e.Path, at, err)
				}
				at += ce.ChunkSize
			}
			if toc, ok := r.Lookup(e.Path); !ok || toc.Size != e.Size || toc.Digest != "sha256:"+hexOf(got.Bytes()) {
				t.Errorf("%s: %s has other contents: %+v", name, e.Path, toc)
			}
			if e.Size > 0 {
				checkReading(t, r, e, got.Bytes())
			}
		}
	}
}

// checkReading reads a file through the peer's own reader.
func checkReading(t *testing.T, r *estargz.Reader, e *Entry, want []byte) {
	t.Helper()
	sr, err := r.OpenFile(e.Path)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, sr.Size())
	if _, err := sr.ReadAt(got, 0); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes are read, %d were written: %v", e.Path, len(got), len(want), err)
	}
}

// A gzip member begins at the top of the blob, of every chunk, of the table of contents and of
// the footer, as docs/estargz.md says, and nowhere else: many members are slow in pigz.
func TestStargzMembers(t *testing.T) {
	for name, entries := range shapes(t) {
		_, blob, _, _ := lazily(t, entries)
		want := []int64{0}
		for _, row := range tocOf(t, blob).Entries {
			if row.Offset > 0 {
				want = append(want, row.Offset)
			}
		}
		toc, footer, err := estargz.OpenFooter(io.NewSectionReader(bytes.NewReader(blob), 0, int64(len(blob))))
		if err != nil || footer != estargz.FooterSize {
			t.Fatalf("%s: footer of %d bytes, %v", name, footer, err)
		}
		want = append(want, toc, int64(len(blob))-footer)
		if got := members(t, blob); !slices.Equal(got, want) {
			t.Errorf("%s: members begin at %v, the table of contents says %v", name, got, want)
		}
	}
}

func members(t *testing.T, blob []byte) (at []int64) {
	t.Helper()
	src := bytes.NewReader(blob)
	for src.Len() > 0 {
		at = append(at, int64(len(blob)-src.Len()))
		zr, err := gzip.NewReader(src)
		if err != nil {
			t.Fatal(err)
		}
		zr.Multistream(false)
		if _, err := io.Copy(io.Discard, zr); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func tocOf(t *testing.T, blob []byte) *estargz.JTOC {
	t.Helper()
	at, _, err := estargz.OpenFooter(io.NewSectionReader(bytes.NewReader(blob), 0, int64(len(blob))))
	if err != nil {
		t.Fatal(err)
	}
	r, err := new(estargz.GzipDecompressor).DecompressTOC(bytes.NewReader(blob[at:]))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	toc := &estargz.JTOC{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(toc); err != nil {
		t.Fatal(err)
	}
	return toc
}

// The table of contents is that of the peers, but for offsets: of estargz.Build, which makes a
// landmark of its own (mode 0, no time), and of its Writer, which keeps ours.
func TestStargzSaysWhatPeersSay(t *testing.T) {
	ignore := cmp.Options{cmpopts.IgnoreFields(estargz.TOCEntry{}, "Offset"), cmpopts.IgnoreUnexported(estargz.TOCEntry{}), cmpopts.EquateEmpty()}
	for name, entries := range shapes(t) {
		for _, first := range [][]string{nil, prioritized(entries)} {
			var plain bytes.Buffer
			if _, err := NewBuilder(2).WriteAs(t.Context(), &plain, entries, Options{Compression: Zstd}); err != nil {
				t.Fatal(err)
			}
			_, blob, _, _ := lazily(t, entries, first...)
			ours := tocOf(t, blob)

			built, err := estargz.Build(section(plain.Bytes()), estargz.WithPrioritizedFiles(first), estargz.WithCompressionLevel(gzip.NoCompression))
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := io.ReadAll(built)
			if err != nil {
				t.Fatal(err)
			}
			if err := built.Close(); err != nil {
				t.Fatal(err)
			}
			rows := tocOf(t, theirs).Entries
			if len(rows) != len(ours.Entries) {
				t.Fatalf("%s %v: estargz.Build has %d rows, ours are %d", name, first, len(rows), len(ours.Entries))
			}
			for i, row := range rows {
				opts := ignore
				if strings.HasSuffix(row.Name, ".landmark") {
					opts = append(slices.Clone(opts), cmpopts.IgnoreFields(estargz.TOCEntry{}, "Mode", "ModTime3339"))
				}
				if d := cmp.Diff(row, ours.Entries[i], opts...); d != "" {
					t.Errorf("%s %v: estargz.Build has another row (-theirs +ours)\n%s", name, first, d)
				}
			}

			var appended bytes.Buffer
			w := estargz.NewWriterLevel(&appended, gzip.NoCompression)
			if err := w.AppendTarLossLess(bytes.NewReader(withoutTOC(t, blob))); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tocOf(t, appended.Bytes()), ours, ignore...); d != "" {
				t.Errorf("%s %v: estargz.Writer says otherwise (-theirs +ours)\n%s", name, first, d)
			}
		}
	}
}

func section(b []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b)))
}

// withoutTOC is the tar of a blob up to the table of contents.
func withoutTOC(t *testing.T, blob []byte) []byte {
	t.Helper()
	at, _, err := estargz.OpenFooter(section(blob))
	if err != nil {
		t.Fatal(err)
	}
	zr, err := gzip.NewReader(bytes.NewReader(blob[:at]))
	if err != nil {
		t.Fatal(err)
	}
	tar, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return tar
}

// prioritized are some paths of entries, the last first.
func prioritized(entries []Entry) (paths []string) {
	for i := len(entries) - 1; i >= 0; i -= 3 {
		if entries[i].Kind != Whiteout {
			paths = append(paths, "/"+entries[i].Path)
		}
	}
	return paths
}
