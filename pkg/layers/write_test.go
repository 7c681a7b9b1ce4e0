package layers

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func dir(path string) Entry { return Entry{Path: path, Kind: Dir, Mode: 0o755} }

func file(path, content string) Entry {
	return Entry{Path: path, Kind: File, Mode: 0o644, Size: int64(len(content)), Origin: "from " + path, Open: opener(strings.NewReader(content))}
}

func opener(r io.ReadSeeker) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		_, err := r.Seek(0, io.SeekStart)
		return io.NopCloser(r), err
	}
}

func link(path, target string) Entry {
	return Entry{Path: path, Kind: Symlink, Mode: 0o777, Target: target, Origin: "from " + path}
}

func with(e Entry, change func(*Entry)) Entry {
	change(&e)
	return e
}

func TestWriteIsAnOrdinaryLayer(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 40_000)
	sum := sha256.Sum256([]byte(big))
	var blob bytes.Buffer
	rec, err := Write(t.Context(), &blob, []Entry{
		file("b/empty", ""), link("b/l", "../b/empty"), dir("b"), with(file("a", big), func(e *Entry) { e.SHA256 = &sum }),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := blob.Bytes()[:10], []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}; !bytes.Equal(got, want) {
		t.Errorf("gzip header % x, want % x", got, want)
	}
	if rec.Size != int64(blob.Len()) || rec.Digest.Hex != hexOf(blob.Bytes()) {
		t.Errorf("record says %d bytes, %s", rec.Size, rec.Digest)
	}
	zr, err := gzip.NewReader(&blob)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	if rec.TarSize != int64(len(plain)) || rec.DiffID.Hex != hexOf(plain) {
		t.Errorf("record says %d bytes, DiffID %s", rec.TarSize, rec.DiffID)
	}
	var names []string
	tr := tar.NewReader(bytes.NewReader(plain))
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		content, err := io.ReadAll(tr)
		if err != nil || h.Name == "a" && string(content) != big {
			t.Errorf("%s: other bytes came back, %v", h.Name, err)
		}
	}
	if got := strings.Join(names, " "); got != "a b/ b/empty b/l" {
		t.Errorf("order: %s", got)
	}
}

func TestWriteRefuses(t *testing.T) {
	broken := errors.New("disk on fire")
	var other [32]byte
	for name, c := range map[string]struct {
		entries []Entry
		want    string
		refused bool
	}{
		"bad name":        {[]Entry{dir("a/../b")}, `a/../b: the path has an empty, "." or ".." part`, true},
		"twice":           {[]Entry{file("a", "x"), link("a", "x")}, "/a: it comes from both from a and from a", true},
		"folder missing":  {[]Entry{dir("a"), file("a/b/c", "x")}, "layer entry /a/b/c: the layer has no folder for it", false},
		"folder a file":   {[]Entry{file("a", ""), file("a/b", "")}, "layer entry /a/b: the layer has no folder for it", false},
		"folder a link":   {[]Entry{link("a", "b"), file("a/b", "")}, "layer entry /a/b: the layer has no folder for it", false},
		"mode":            {[]Entry{with(dir("a"), func(e *Entry) { e.Mode = 0o10000 })}, "layer entry /a: mode 010000 is more than 07777", false},
		"owner":           {[]Entry{with(dir("a"), func(e *Entry) { e.UID = -1 })}, "layer entry /a: owner -1:0 is outside 0 to 4294967294", false},
		"group":           {[]Entry{with(dir("a"), func(e *Entry) { e.GID = 1<<32 - 1 })}, "layer entry /a: owner 0:4294967295 is outside 0 to 4294967294", false},
		"no bytes":        {[]Entry{{Path: "a", Kind: File}}, "layer entry /a: a file needs bytes: size 0, Open given: false", false},
		"negative size":   {[]Entry{with(file("a", ""), func(e *Entry) { e.Size = -1 })}, "layer entry /a: a file needs bytes: size -1, Open given: true", false},
		"no kind":         {[]Entry{{Path: "a"}}, `layer entry /a: kind '\x00' is none that a layer holds`, false},
		"hard link":       {[]Entry{{Path: "a", Kind: '1'}}, "layer entry /a: kind '1' is none that a layer holds", false},
		"target empty":    {[]Entry{link("a", "")}, "from a: the link points to nothing; mend or remove the link", true},
		"target binary":   {[]Entry{link("a", "\xff")}, "from a: the link's target is not UTF-8, and layers hold no other; mend or remove the link", true},
		"target with NUL": {[]Entry{link("a", "b\x00")}, "from a: the link's target has a NUL byte; mend or remove the link", true},
		"target long":     {[]Entry{link("a", strings.Repeat("a", 4096))}, "from a: the link's target has 4096 bytes, Linux holds 4095; mend or remove the link", true},
		"removed, long": {
			[]Entry{{Path: strings.Repeat("n", 252), Kind: Whiteout}},
			"/" + strings.Repeat("n", 252) + ": its name is too long to be removed by a layer; use a base without it", true,
		},
		"short": {
			[]Entry{with(file("a", "x"), func(e *Entry) { e.Size = 3 })},
			"from a: 3 bytes were announced, 1 came; if it changed while it was read, run again; else it is damaged", true,
		},
		"long": {
			[]Entry{with(file("a", "xyz"), func(e *Entry) { e.Size, e.Origin = 2, "" })},
			"/a: more than the announced 2 bytes came; if it changed while it was read, run again; else it is damaged", true,
		},
		"hash": {
			[]Entry{with(file("a", "x"), func(e *Entry) { e.SHA256 = &other })},
			"from a: the bytes have SHA-256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881, expected " +
				strings.Repeat("0", 64) + "; if it changed while it was read, run again; else it is damaged", true,
		},
		"open": {
			[]Entry{with(file("a", "x"), func(e *Entry) { e.Open = func() (io.ReadCloser, error) { return nil, broken } })},
			"reading from a: disk on fire", false,
		},
		"read": {
			[]Entry{with(file("a", "x"), func(e *Entry) {
				e.Open = func() (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(broken)), nil }
			})},
			"reading from a: disk on fire", false,
		},
		// What a reader verifies it says at its end, after the last byte.
		"read at the end": {
			[]Entry{with(file("a", "x"), func(e *Entry) {
				e.Open = func() (io.ReadCloser, error) {
					return io.NopCloser(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(broken))), nil
				}
			})},
			"reading from a: disk on fire", false,
		},
		"cut after the last byte": {
			[]Entry{with(file("a", "x"), func(e *Entry) {
				e.Open = func() (io.ReadCloser, error) {
					return io.NopCloser(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF))), nil
				}
			})},
			"reading from a: unexpected EOF", false,
		},
		"close": {
			[]Entry{with(file("a", "x"), func(e *Entry) {
				e.Open = func() (io.ReadCloser, error) { return failingCloser{strings.NewReader("x"), broken}, nil }
			})},
			"reading from a: disk on fire", false,
		},
	} {
		_, err := Write(t.Context(), io.Discard, c.entries)
		if err == nil || err.Error() != c.want || refusal.Is(err) != c.refused {
			t.Errorf("%s:\n got %v\nwant %s", name, err, c.want)
		}
	}
}

type failingCloser struct {
	io.Reader
	err error
}

func (f failingCloser) Close() error { return f.err }

// full is a disk with room for n bytes.
type full struct{ n int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return f.n, errFull
	}
	f.n -= len(p)
	return len(p), nil
}

func TestWriteSaysThatTheDiskIsFull(t *testing.T) {
	noise := make([]byte, 1<<20)
	for i := range noise {
		sum := sha256.Sum256(noise[:i&0xff])
		noise[i] = sum[i&31] ^ byte(i>>8)
	}
	e := file("a", string(noise))
	for _, room := range []int{0, 1000, 300_000} {
		if _, err := Write(t.Context(), &full{room}, []Entry{e}); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

func TestWriteStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Write(ctx, io.Discard, []Entry{dir("a")}); !errors.Is(err, context.Canceled) {
		t.Errorf("before it began: %v", err)
	}
	// Inside a file that does not end.
	ctx, cancel = context.WithCancel(t.Context())
	reads := 0
	endless := with(file("a", ""), func(e *Entry) {
		e.Size = 1 << 50
		e.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(readerFunc(func(p []byte) (int, error) {
				if reads++; reads == 3 {
					cancel()
				}
				return len(p), nil
			})), nil
		}
	})
	if _, err := Write(ctx, io.Discard, []Entry{endless}); !errors.Is(err, context.Canceled) || reads != 3 {
		t.Errorf("in a file, after %d reads: %v", reads, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
