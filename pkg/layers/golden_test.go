package layers

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
	"github.com/layerpack/layerpack/pkg/refusal"
)

func hexOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// prose is text that compresses like text, the same on every machine: a linear congruential
// generator chooses the words.
func prose(seed uint32, n int) string {
	words := []string{"import", "numpy", "return", "def", "\n    ", "self", "=", "None", "(x)", "layer", "\n", "0.5", "# why"}
	var b strings.Builder
	for b.Len() < n {
		seed = seed*1664525 + 1013904223
		b.WriteString(words[seed>>16%uint32(len(words))])
		b.WriteByte(' ')
	}
	return b.String()[:n]
}

// vectors are layers whose bytes are frozen.
func vectors() map[string][]Entry {
	deep := []Entry{dir("d")}
	for path := "d"; len(path) < 600; {
		path += "/" + strings.Repeat("n", 90)
		deep = append(deep, dir(path), file(path+"/f.py", prose(uint32(len(path)), 700)))
	}
	many := []Entry{dir("opt")}
	for i := range 300 {
		many = append(many, file(fmt.Sprintf("opt/m%d.py", i), prose(uint32(i), i*37)))
	}
	return map[string][]Entry{
		"nothing": nil,
		"kinds": {
			with(dir("tmp"), func(e *Entry) { e.Mode = 0o1777 }), file("tmp/x", "hello\n"), link("tmp/l", "../é"),
			with(file("tmp/run", "#!/bin/sh\n"), func(e *Entry) { e.Mode, e.UID, e.GID = 0o4755, 1000, 1<<22 }),
		},
		"unicode":  {dir("目录"), file("目录/größe.txt", "ß"), file("目录/"+strings.Repeat("日", 80), "")},
		"removals": {dir("usr"), {Path: "usr/old", Kind: Whiteout}, {Path: "usr/é", Kind: Whiteout}},
		"deep":     deep,
		"many":     many,
		"large":    {file("large", prose(7, 600_000))},
	}
}

// The digests in testdata are a promise (docs/design.md, law 4): a change of them is a new
// Encoder or RecipeFormat, and a line in the changelog.
func TestGolden(t *testing.T) {
	golden, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(golden)) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		want[name] = rest
	}
	if want["encoder"] != Encoder || want["format"] != fmt.Sprint(RecipeFormat) {
		t.Errorf("golden digests are for encoder %s, format %s", want["encoder"], want["format"])
	}
	for name, entries := range vectors() {
		rec, err := Write(t.Context(), &bytes.Buffer{}, entries)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%d %s %d %s", rec.TarSize, rec.DiffID.Hex, rec.Size, rec.Digest.Hex); got != want[name] {
			t.Errorf("other bytes than promised; this build makes\n%s %s", name, got)
		}
	}
	if len(want) != len(vectors())+2 {
		t.Errorf("testdata has %d lines for %d layers", len(want), len(vectors()))
	}
}

func TestSameBytesHoweverItIsRun(t *testing.T) {
	for name, entries := range vectors() {
		var first bytes.Buffer
		if _, err := Write(t.Context(), &first, entries); err != nil {
			t.Fatal(err)
		}
		for round, procs := range []int{1, 7} {
			shuffled := append([]Entry(nil), entries...)
			rng := rand.New(rand.NewPCG(1, uint64(round)))
			rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			before := runtime.GOMAXPROCS(procs)
			var again bytes.Buffer
			_, err := Write(t.Context(), &again, shuffled)
			runtime.GOMAXPROCS(before)
			if err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
				t.Errorf("%s: other bytes with GOMAXPROCS %d and the entries in another order, %v", name, procs, err)
			}
		}
	}
}

// The blocks of one entry, to be read by people; lines of zeros are left out.
func TestGoldenHeader(t *testing.T) {
	want, err := os.ReadFile("testdata/header.hex")
	if err != nil {
		t.Fatal(err)
	}
	dump := hex.Dump(appendHeader(nil, &Entry{Path: "opt/größe/" + strings.Repeat("n", 100), Kind: Symlink, Mode: 0o777, UID: 1 << 21, Target: "../x"}))
	got := ""
	for line := range strings.Lines(dump) {
		if strings.Count(line, " 00") < 16 {
			got += line
		}
	}
	if got != string(want) {
		t.Errorf("the header is\n%s", got)
	}
}

func TestEncoderNamesItsVersions(t *testing.T) {
	if want := fmt.Sprintf("gzip/splice-1/deflate-%d", deflate.Version); Encoder != want {
		t.Errorf("Encoder is %s, its parts make it %s", Encoder, want)
	}
}

// Entries whose bytes lie compressed give the same layer on any number of cores, and the same
// tar as entries that are read.
func TestSplicedIsTheSame(t *testing.T) {
	entries, plain := compressed(t)
	want, err := NewBuilder(1).Write(t.Context(), io.Discard, entries, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, cores := range []int{2, 8} {
		var tapped atomic.Int64
		got, err := NewBuilder(cores).Write(t.Context(), io.Discard, entries, func(_ *Entry, content []byte) { tapped.Add(int64(len(content))) })
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d cores: %+v, one core %+v", cores, got, want)
		}
		if tapped.Load() == 0 {
			t.Errorf("%d cores: nothing was tapped", cores)
		}
	}
	read, err := Write(t.Context(), io.Discard, plain)
	if err != nil {
		t.Fatal(err)
	}
	if read.DiffID != want.DiffID || read.TarSize != want.TarSize {
		t.Errorf("spliced %s (%d bytes), read %s (%d bytes)", want.DiffID, want.TarSize, read.DiffID, read.TarSize)
	}
}

// A compressed stream that is not what its entry says fails the layer, wherever it stands.
func TestSplicedRefuses(t *testing.T) {
	good, _ := compressed(t)
	for name, spoil := range map[string]func(*Entry){
		"checksum": func(e *Entry) { e.Deflate.CRC32++ },
		"size":     func(e *Entry) { e.Size++ },
		"cut":      func(e *Entry) { e.Deflate.Len-- },
		"trailing": func(e *Entry) { e.Deflate.Offset-- },
		"digest":   func(e *Entry) { e.SHA256 = &[32]byte{1} },
	} {
		for _, i := range []int{1, 40} {
			entries := slices.Clone(good)
			span := *entries[i].Deflate
			entries[i].Deflate = &span
			spoil(&entries[i])
			_, err := NewBuilder(2).Write(t.Context(), io.Discard, entries, nil)
			if !refusal.Is(err) {
				t.Errorf("%s of entry %d: %v", name, i, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := NewBuilder(2)
	if _, err := b.Write(ctx, io.Discard, good, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if len(b.buffers) != cap(b.buffers) {
		t.Errorf("%d of %d buffers came back", len(b.buffers), cap(b.buffers))
	}
}

// compressed makes entries of all sizes with their bytes in one DEFLATE archive, and the same
// without it. The second one is too large to be inflated in memory.
func compressed(t *testing.T) (entries, plain []Entry) {
	t.Helper()
	var archive bytes.Buffer
	entries = []Entry{dir("d")}
	for i := range 60 {
		n := i * i * 10
		if i == 0 {
			n = 5 << 20
		}
		text := prose(uint32(i), n)
		archive.WriteByte(0xff)
		e := file(fmt.Sprintf("d/%02d.py", i), text)
		sum := sha256.Sum256([]byte(text))
		e.SHA256 = &sum
		e.Deflate = &Span{Offset: int64(archive.Len()), CRC32: crc32.ChecksumIEEE([]byte(text))}
		w, err := flate.NewWriter(&archive, 6)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		e.Deflate.Len = int64(archive.Len()) - e.Deflate.Offset
		entries = append(entries, e)
	}
	src := bytes.NewReader(archive.Bytes())
	for i, e := range entries {
		if e.Deflate != nil {
			entries[i].Deflate.Src = src
		}
		e.Deflate = nil
		plain = append(plain, e)
	}
	return entries, plain
}
