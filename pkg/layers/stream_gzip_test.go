package layers

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// tarLike is n bytes in which headers, text, noise and zeros follow each other.
func tarLike(n int) []byte {
	rng := rand.New(rand.NewPCG(7, 7))
	var b []byte
	for i := 0; len(b) < n; i++ {
		b = append(b, bytes.Repeat([]byte{0}, rng.IntN(2000))...)
		b = append(b, strings.Repeat("def f(self):\n    return self.x\n", rng.IntN(300))...)
		for range rng.IntN(3000) {
			b = append(b, byte(rng.Uint32()))
		}
	}
	return b[:n]
}

func TestGzipStream(t *testing.T) {
	for _, n := range []int{0, 1, 512, streamChunk - 1, streamChunk, streamChunk + 1, 3_000_000} {
		content := tarLike(n)
		var first bytes.Buffer
		rec, err := GzipStream(t.Context(), &first, bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		key, err := StreamKey(rec.DiffID)
		if err != nil || rec.Key != key {
			t.Errorf("key %s, want %s (%v)", rec.Key, key, err)
		}
		if rec.TarSize != int64(n) || rec.DiffID.Hex != hexOf(content) || rec.Size != int64(first.Len()) || rec.Digest.Hex != hexOf(first.Bytes()) {
			t.Errorf("%d bytes: record %+v", n, rec)
		}
		zr, err := gzip.NewReader(&first)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(zr)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back as %d (%v)", n, len(got), err)
		}
	}
}

// However the bytes come, and however many cores there are, the layer is the same.
func TestGzipStreamSameBytes(t *testing.T) {
	content := tarLike(2_500_000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	want := ""
	for i, r := range []io.Reader{
		bytes.NewReader(content), iotest.HalfReader(bytes.NewReader(content)), iotest.DataErrReader(bytes.NewReader(content)),
	} {
		runtime.GOMAXPROCS(1 + 3*i)
		rec, err := GzipStream(t.Context(), io.Discard, r)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = rec.Digest.Hex
		}
		if rec.Digest.Hex != want {
			t.Errorf("way %d: %s, want %s", i, rec.Digest.Hex, want)
		}
	}
	// A promise, as those in testdata are: see TestGolden.
	const promised = "stream-1/gzip/splice-2/deflate-4 e73ab6a5ac295f7c5a694e3a270d5d5178f74a2743b03a7779e6e526d03862aa"
	if got := StreamEncoder + " " + want; got != promised {
		t.Errorf("other bytes than promised; this build makes\n%s", got)
	}
}

func TestGzipStreamFails(t *testing.T) {
	broken := errors.New("broken")
	long := tarLike(3_000_000)
	if _, err := GzipStream(t.Context(), io.Discard, io.MultiReader(bytes.NewReader(long), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a source that breaks off: %v", err)
	}
	if _, err := GzipStream(t.Context(), failing{broken}, bytes.NewReader(long)); !errors.Is(err, broken) {
		t.Errorf("a target that breaks: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := GzipStream(ctx, io.Discard, bytes.NewReader(long)); !errors.Is(err, context.Canceled) {
		t.Errorf("a signal: %v", err)
	}
}
