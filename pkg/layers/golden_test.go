package layers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers/deflate"
)

func hexOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// formats are all that a layer can be written in.
func formats() []Compression { return []Compression{Gzip, EStargz, Zstd} }

// The digests in testdata are a promise (docs/design.md, law 4): a change of them is a new
// encoder or RecipeFormat, and a line in the changelog.
func TestGolden(t *testing.T) {
	all := vectors()
	for _, c := range formats() {
		name := "testdata/golden-" + string(c) + ".txt"
		golden, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("encoder %s\nformat %d\n", c.Encoder(), RecipeFormat)
		for _, v := range slices.Sorted(maps.Keys(all)) {
			rec, err := NewBuilder(2).WriteAs(t.Context(), io.Discard, all[v], Options{Compression: c})
			if err != nil {
				t.Fatal(err)
			}
			got += fmt.Sprintf("%s %d %s %d %s\n", v, rec.TarSize, rec.DiffID.Hex, rec.Size, rec.Digest.Hex)
		}
		if got != string(golden) {
			t.Errorf("%s: other bytes than promised; this build makes\n%s", name, got)
		}
	}
}

func TestSameBytesHoweverItIsRun(t *testing.T) {
	for name, entries := range shapes(t) {
		for _, c := range formats() {
			var first bytes.Buffer
			for round, procs := range []int{1, 7} {
				shuffled := slices.Clone(entries)
				rng := rand.New(rand.NewPCG(1, uint64(round)))
				rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				before := runtime.GOMAXPROCS(procs)
				var b bytes.Buffer
				_, err := NewBuilder(procs).WriteAs(t.Context(), &b, shuffled, Options{Compression: c})
				runtime.GOMAXPROCS(before)
				if err != nil {
					t.Fatal(err)
				}
				if round == 0 {
					first = b
				} else if !bytes.Equal(first.Bytes(), b.Bytes()) {
					t.Errorf("%s, %s: other bytes with GOMAXPROCS %d and the entries in another order", name, c, procs)
				}
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

func TestEncodersNameTheirVersions(t *testing.T) {
	if want := fmt.Sprintf("gzip/splice-2/deflate-%d", deflate.Version); Gzip.Encoder() != want || Compression("").Encoder() != want {
		t.Errorf("Encoder is %s, its parts make it %s", Encoder, want)
	}
	if want := fmt.Sprintf("estargz-2/splice-1/deflate-%d", deflate.Version); EStargz.Encoder() != want {
		t.Errorf("eStargz's is %s, its parts make it %s", EStargz.Encoder(), want)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^\s*github\.com/klauspost/compress v(\S+)`).FindSubmatch(mod)
	if version == nil || Zstd.Encoder() != "zstd/klauspost-"+string(version[1])+"/level-3/window-4M/jobs-2" {
		t.Errorf("zstd's is %s, go.mod has %q: new bytes need new golden digests", Zstd.Encoder(), version)
	}
	if got := Compression("lz4").Encoder(); got != "" {
		t.Errorf("an unknown format has the encoder %s", got)
	}
}
