package index

import (
	"bytes"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const remoteSize = 3 << 20

func openRemote(t *testing.T, c *Client, f File, o DownloadOptions) *Remote {
	t.Helper()
	r, err := c.Remote(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// readAll reads in pieces from the end to the start, which is the order that needs most waiting.
func readAll(r io.ReaderAt, size int64) ([]byte, error) {
	b := make([]byte, size)
	const piece = 300_001
	for off := (size - 1) / piece * piece; off >= 0; off -= piece {
		p := b[off:min(off+piece, size)]
		if n, err := r.ReadAt(p, off); n < len(p) {
			return nil, err
		}
	}
	return b, nil
}

func TestRemote(t *testing.T) {
	b := blob(remoteSize)
	s := newServer(t)
	s.bytes("/"+demoFile, b)
	store := newMemory()
	var seen []int64
	c := newClient(t, Options{NoIndex: true, Wheels: wheels{store}})
	r := openRemote(t, c, fileOf(s, b), DownloadOptions{Progress: func(n int64) { seen = append(seen, n) }})
	p := make([]byte, firstTail+10)
	n, err := r.ReadAt(p, remoteSize-firstTail)
	if n != firstTail || err != io.EOF || !bytes.Equal(p[:n], b[remoteSize-firstTail:]) {
		t.Errorf("%d bytes of the end: %v", n, err)
	}
	for off, want := range map[int64]error{remoteSize - 1: nil, remoteSize: io.EOF, remoteSize + 1: io.EOF} {
		if n, err := r.ReadAt(p[:1], off); err != want || (n == 1) != (want == nil) {
			t.Errorf("at %d: %d bytes, %v", off, n, err)
		}
	}
	if _, err := r.ReadAt(p, -1); err == nil {
		t.Error("bytes before the start")
	}
	if got := s.requests(); len(got) != 1 || r.Moved() != firstTail || r.Size() != remoteSize {
		t.Errorf("%v, %d bytes moved", got, r.Moved())
	}
	// Across the boundary between what arrives and the end.
	if n, err := r.ReadAt(p, remoteSize-firstTail-5); n != firstTail+5 || err != io.EOF || !bytes.Equal(p[:n], b[remoteSize-firstTail-5:]) {
		t.Errorf("%d bytes, %v", n, err)
	}
	for range 2 {
		sum, moved, err := r.Wait(t.Context())
		if err != nil || sum != sumOf(b) || moved != remoteSize {
			t.Errorf("%s, %d bytes moved, %v", sum, moved, err)
		}
	}
	if all, err := readAll(r, r.Size()); err != nil || !bytes.Equal(all, b) {
		t.Errorf("%v", err)
	}
	if got := s.requests(); len(got) != 2 || !strings.HasSuffix(got[1], fmt.Sprintf("bytes=0-%d", remoteSize-firstTail-1)) {
		t.Errorf("the end moved twice: %v", got)
	}
	if !slices.IsSorted(seen) || seen[len(seen)-1] != remoteSize {
		t.Errorf("progress: %v", seen)
	}
	if keys := store.keys("wheels"); len(keys) != 1 || keys[0] != sumOf(b) {
		t.Errorf("kept %v", keys)
	}
	offline := newClient(t, Options{NoIndex: true, Wheels: wheels{store}, Offline: true})
	if all, err := readAll(openRemote(t, offline, fileOf(s, b), DownloadOptions{}), remoteSize); err != nil || !bytes.Equal(all, b) {
		t.Errorf("%v", err)
	}
	offline = newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}, Offline: true})
	if _, err := offline.Remote(t.Context(), fileOf(s, b), DownloadOptions{}); !is[*OfflineError](err) {
		t.Errorf("%v", err)
	}
}

// TestRemoteRequests is what each way needs.
func TestRemoteRequests(t *testing.T) {
	b := blob(remoteSize)
	small := b[:smallWheel]
	whole := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Write(b) }
	}
	s512 := Hash{"sha512", fmt.Sprintf("%x", sha512.Sum512(b))}
	for name, c := range map[string]struct {
		content []byte
		answer  http.HandlerFunc // nil serves ranges
		change  func(*File, *DownloadOptions)
		before  int // requests before something is read
		after   int
	}{
		"ranges":                    {content: b, before: 1, after: 2},
		"size unknown":              {content: b, change: func(f *File, _ *DownloadOptions) { f.Size = 0 }, before: 1, after: 2},
		"small":                     {content: small, before: 0, after: 1},
		"all in the end":            {content: b[:1000], change: func(f *File, _ *DownloadOptions) { f.Size = 0 }, before: 1, after: 1},
		"no ranges":                 {content: b, answer: whole(b), before: 1, after: 2},
		"no ranges, size unknown":   {content: b, answer: whole(b), change: func(f *File, _ *DownloadOptions) { f.Size = 0 }, before: 2, after: 2},
		"no hash":                   {content: b, change: func(f *File, _ *DownloadOptions) { f.Hashes = nil }, before: 1, after: 1},
		"another hash":              {content: b, change: func(f *File, _ *DownloadOptions) { f.Hashes = []Hash{s512} }, before: 1, after: 1},
		"further hashes":            {content: b, change: func(_ *File, o *DownloadOptions) { o.Hashes = []Hash{s512} }, before: 1, after: 1},
		"hash of the caller":        {content: b, change: func(f *File, o *DownloadOptions) { o.Hashes, f.Hashes = f.Hashes, nil }, before: 1, after: 2},
		"one allowed hash":          {content: b, change: func(f *File, o *DownloadOptions) { o.AnyOf, f.Hashes = f.Hashes, nil }, before: 1, after: 2},
		"one of two allowed hashes": {content: b, change: func(f *File, o *DownloadOptions) { o.AnyOf, f.Hashes = append(f.Hashes, s512), nil }, before: 1, after: 1},
	} {
		s := newServer(t)
		s.bytes("/"+demoFile, c.content)
		if c.answer != nil {
			s.on("/"+demoFile, c.answer)
		}
		f, o := fileOf(s, c.content), DownloadOptions{}
		if c.change != nil {
			c.change(&f, &o)
		}
		store := newMemory()
		r := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: wheels{store}}), f, o)
		before := len(s.requests())
		all, err := readAll(r, r.Size())
		if err != nil || !bytes.Equal(all, c.content) {
			t.Errorf("%s: %v", name, err)
		}
		sum, moved, err := r.Wait(t.Context())
		if err != nil || sum != sumOf(c.content) || moved != int64(len(c.content)) {
			t.Errorf("%s: %s, %d bytes moved, %v", name, sum, moved, err)
		}
		if got := s.requests(); before != c.before || len(got) != c.after {
			t.Errorf("%s: %d requests before reading, then %v", name, before, got)
		}
	}
}

// TestRemoteOfTheHost reads a file of --find-links where it lies.
func TestRemoteOfTheHost(t *testing.T) {
	b := blob(1000)
	files := newMemory()
	files.files["/links/"+demoFile] = b
	f := File{Filename: demoFile, Path: "/links/" + demoFile}
	c := newClient(t, Options{NoIndex: true, Local: local{files}})
	r := openRemote(t, c, f, DownloadOptions{})
	all, err := readAll(r, r.Size())
	sum, moved, waitErr := r.Wait(t.Context())
	if err := errors.Join(err, waitErr); err != nil || !bytes.Equal(all, b) || sum != sumOf(b) || moved != 0 {
		t.Errorf("%s, %d bytes moved, %v", sum, moved, err)
	}
	f.Hashes = []Hash{{"sha256", sum64}}
	if _, err := c.Remote(t.Context(), f, DownloadOptions{}); !is[*MismatchError](err) {
		t.Errorf("%v", err)
	}
}

// TestRemoteOfAnEarlierRun: what lies there is not shown before it is verified, but used.
func TestRemoteOfAnEarlierRun(t *testing.T) {
	b := blob(remoteSize)
	for name, c := range map[string]struct {
		part  string
		moved int64
	}{
		"begun":            {string(b[:1<<20]), 2 << 20},
		"into the end":     {string(b[:remoteSize-1000]), firstTail},
		"whole":            {string(b), firstTail},
		"wrong":            {strings.Repeat("x", 1<<20), 2<<20 + remoteSize},
		"too long":         {string(b) + "x", firstTail + remoteSize},
		"wrong to the end": {strings.Repeat("x", remoteSize), firstTail + remoteSize},
	} {
		s := newServer(t)
		s.bytes("/"+demoFile, b)
		store := newMemory()
		store.partials[sumOf(b)] = []byte(c.part)
		r := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: wheels{store}}), fileOf(s, b), DownloadOptions{})
		all, err := readAll(r, r.Size())
		_, moved, waitErr := r.Wait(t.Context())
		if err := errors.Join(err, waitErr); err != nil || !bytes.Equal(all, b) || moved != c.moved {
			t.Errorf("%s: %d bytes moved, %v", name, moved, err)
		}
	}
}

// TestRemoteRefusedAtOnce is what the first request tells.
func TestRemoteRefusedAtOnce(t *testing.T) {
	b := blob(remoteSize)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		is     func(error) bool
	}{
		"another size": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 1000-%d/%d", 999+firstTail, 1000+firstTail))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(b[:firstTail])
		}, is[*MismatchError]},
		"absent":    {http.NotFound, is[*StatusError]},
		"forbidden": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, is[*StatusError]},
		"broken": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", remoteSize-firstTail, remoteSize-1, remoteSize))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = (&brokenWriter{w, 1000}).Write(b)
		}, func(err error) bool { return errors.Is(err, errBody) && !refusal.Is(err) }},
	} {
		s := newServer(t)
		s.on("/"+demoFile, c.answer)
		_, err := newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}}).Remote(t.Context(), fileOf(s, b), DownloadOptions{})
		if !c.is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := fileOf(newServer(t), b)
	if _, err := newClient(t, Options{NoIndex: true}).Remote(t.Context(), f, DownloadOptions{}); err == nil {
		t.Error("a wheel is kept nowhere")
	}
	if _, err := newClient(t, Options{NoIndex: true}).Remote(t.Context(), f, DownloadOptions{Size: 1}); !is[*MismatchError](err) {
		t.Errorf("%v", err)
	}
}

// TestRemoteOfManyReaders reads one wheel from many goroutines, and waits for it from others.
func TestRemoteOfManyReaders(t *testing.T) {
	b := blob(remoteSize)
	s := newServer(t)
	s.bytes("/"+demoFile, b)
	r := openRemote(t, newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}}), fileOf(s, b), DownloadOptions{})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for j := range 50 {
				off := int64((i*7919 + j*104_729) * 31 % remoteSize)
				p := make([]byte, min(5000, remoteSize-off))
				if n, err := r.ReadAt(p, off); n != len(p) || !bytes.Equal(p, b[off:off+int64(n)]) {
					t.Errorf("at %d: %v", off, err)
				}
			}
		})
		all.Go(func() {
			if _, _, err := r.Wait(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(s.requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}
