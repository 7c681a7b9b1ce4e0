package layers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
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
		for round, procs := range []int{1, 2, 7} {
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

func TestEncoderNamesItsLibrary(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := strings.Split(strings.TrimPrefix(Encoder, "gzip/klauspost-"), "/")[0]
	if !strings.Contains(string(mod), "github.com/klauspost/compress v"+version+" ") && !strings.Contains(string(mod), "github.com/klauspost/compress v"+version+"\n") {
		t.Errorf("go.mod has another version of the compressor than %s", Encoder)
	}
}
