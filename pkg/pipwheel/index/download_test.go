package index

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const demoFile = "demo-1.0-py3-none-any.whl"

// blob is bytes that differ everywhere.
func blob(n int) []byte {
	b := make([]byte, 0, n+32)
	for i := 0; len(b) < n; i++ {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		b = append(b, sum[:]...)
	}
	return b[:n]
}

func fileOf(s *server, b []byte) File {
	return File{Filename: demoFile, URL: s.URL + "/" + demoFile, Size: int64(len(b)), Hashes: []Hash{{"sha256", sumOf(b)}}}
}

func got(t *testing.T, w *Wheel) []byte {
	t.Helper()
	defer w.Close()
	b, err := io.ReadAll(io.NewSectionReader(w, 0, w.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// breaking serves content with ranges, and breaks off after each of the sizes in turn.
func breaking(s *server, b []byte, etag func() string, sizes ...int) {
	s.on("/"+demoFile, func(w http.ResponseWriter, r *http.Request) {
		if len(sizes) > 0 {
			w = &brokenWriter{ResponseWriter: w, left: sizes[0]}
			sizes = sizes[1:]
		}
		w.Header().Set("ETag", etag())
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	})
}

type brokenWriter struct {
	http.ResponseWriter
	left int
}

func (w *brokenWriter) Write(b []byte) (int, error) {
	if len(b) >= w.left {
		_, _ = w.ResponseWriter.Write(b[:w.left])
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	w.left -= len(b)
	return w.ResponseWriter.Write(b)
}

func one() string { return `"one"` }

func TestDownload(t *testing.T) {
	b := blob(300_000)
	s := newServer(t)
	s.bytes("/"+demoFile, b)
	store := newMemory()
	var seen []int64
	c := newClient(t, Options{NoIndex: true, Wheels: wheels{store}})
	w, err := c.Download(t.Context(), fileOf(s, b), DownloadOptions{Progress: func(n int64) { seen = append(seen, n) }})
	if err != nil || w.Moved != 300_000 || w.SHA256 != sumOf(b) || !bytes.Equal(got(t, w), b) {
		t.Fatalf("%v", err)
	}
	if !slices.IsSorted(seen) || seen[len(seen)-1] != 300_000 {
		t.Errorf("progress: %v", seen)
	}
	if keys := store.keys("wheels"); len(keys) != 1 || keys[0] != sumOf(b) {
		t.Errorf("kept %v", keys)
	}
	offline := newClient(t, Options{NoIndex: true, Wheels: wheels{store}, Offline: true})
	if w, err = offline.Download(t.Context(), fileOf(s, b), DownloadOptions{}); err != nil || w.Moved != 0 || len(s.requests()) != 1 {
		t.Errorf("what is here was fetched: %v, %v", err, s.requests())
	}
	other := fileOf(s, b)
	other.Hashes = []Hash{{"sha256", sum64}}
	if _, err := offline.Download(t.Context(), other, DownloadOptions{}); !is[*OfflineError](err) {
		t.Errorf("%v", err)
	}
}

func is[E error](err error) bool { _, ok := errors.AsType[E](err); return ok }

func TestDownloadGoesOn(t *testing.T) {
	b := blob(500_000)
	s := newServer(t)
	breaking(s, b, one, 100_000, 150_000)
	c := newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}})
	w, err := c.Download(t.Context(), fileOf(s, b), DownloadOptions{})
	if err != nil || w.Moved != 500_000 || !bytes.Equal(got(t, w), b) {
		t.Fatalf("%v", err)
	}
	if got := s.requests(); len(got) != 3 || !strings.HasSuffix(got[1], "bytes=100000-") || !strings.HasSuffix(got[2], "bytes=250000-") {
		t.Errorf("%v", got)
	}
}

// TestDownloadOfAnEarlierRun goes on in another client, in whose store a part lies.
func TestDownloadOfAnEarlierRun(t *testing.T) {
	b := blob(500_000)
	s := newServer(t)
	store := newMemory()
	s.bytes("/"+demoFile, b)
	c := newClient(t, Options{NoIndex: true, Wheels: wheels{store}})
	for part, moved := range map[string]int64{string(b[:200_000]): 300_000, string(b): 0, "wrong": 999_995, string(b) + "x": 500_000} {
		store.partials = map[string][]byte{sumOf(b): []byte(part)}
		delete(store.entries, "wheels/"+sumOf(b))
		w, err := c.Download(t.Context(), fileOf(s, b), DownloadOptions{})
		if err != nil || w.Moved != moved || !bytes.Equal(got(t, w), b) {
			t.Errorf("%d bytes were there: %+v, %v", len(part), w, err)
		}
	}
	// A hash that is not the store's needs the bytes from the start.
	sum := sha512.Sum512(b)
	store.partials = map[string][]byte{sumOf(b): b[:1000]}
	delete(store.entries, "wheels/"+sumOf(b))
	w, err := c.Download(t.Context(), fileOf(s, b), DownloadOptions{Hashes: []Hash{{"sha512", fmt.Sprintf("%x", sum)}}})
	if err != nil || w.Moved != 500_000 {
		t.Errorf("%v", err)
	}
}

// TestDownloadOfAChangingFile breaks off, and the rest is of another file.
func TestDownloadOfAChangingFile(t *testing.T) {
	b := blob(300_000)
	s := newServer(t)
	n := 0
	breaking(s, b, func() string { n++; return fmt.Sprintf(`"%d"`, n) }, 100_000)
	w, err := newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}}).Download(t.Context(), fileOf(s, b), DownloadOptions{})
	if err != nil || w.Moved != 400_000 || !bytes.Equal(got(t, w), b) {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestDownloadGivesUp(t *testing.T) {
	b := blob(300_000)
	s := newServer(t)
	always := make([]int, 100)
	for i := range always {
		always[i] = 10
	}
	breaking(s, b, one, always...)
	store := newMemory()
	c := newClient(t, Options{NoIndex: true, Wheels: wheels{store}})
	if _, err := c.Download(t.Context(), fileOf(s, b), DownloadOptions{}); !errors.Is(err, errBody) {
		t.Errorf("%v", err)
	}
	if n := len(s.requests()); n != idleTries {
		t.Errorf("%d requests", n)
	}
	// Without ranges, every break begins anew: that ends, too.
	s.on("/"+demoFile, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "300000")
		_, _ = (&brokenWriter{w, 200_000}).Write(b)
	})
	if _, err := c.Download(t.Context(), fileOf(s, b), DownloadOptions{}); err == nil || len(s.requests()) > idleTries+maxRestarts+2 {
		t.Errorf("%v after %d requests", err, len(s.requests()))
	}
	if len(store.keys("wheels")) != 0 {
		t.Error("a broken wheel was kept")
	}
}

func TestDownloadHashes(t *testing.T) {
	b := blob(1000)
	s := newServer(t)
	s.bytes("/"+demoFile, b)
	s512 := Hash{"sha512", fmt.Sprintf("%x", sha512.Sum512(b))}
	good, m5 := Hash{"sha256", sumOf(b)}, Hash{"md5", fmt.Sprintf("%x", md5.Sum(b))}
	wrong := Hash{"sha256", sum64}
	wrong512 := Hash{"sha512", strings.Repeat("a", 128)}
	for name, c := range map[string]struct {
		index   []Hash
		options DownloadOptions
		ok      bool
		asked   int
	}{
		"index":                  {[]Hash{good}, DownloadOptions{}, true, 1},
		"index, md5":             {[]Hash{m5}, DownloadOptions{}, true, 1},
		"index, wrong":           {[]Hash{wrong}, DownloadOptions{}, false, 1},
		"index, one wrong":       {[]Hash{good, wrong512}, DownloadOptions{}, false, 1},
		"none":                   {nil, DownloadOptions{}, true, 1},
		"lock":                   {nil, DownloadOptions{Hashes: []Hash{good, s512}}, true, 1},
		"lock, wrong":            {nil, DownloadOptions{Hashes: []Hash{wrong512}}, false, 1},
		"lock against index":     {[]Hash{wrong}, DownloadOptions{Hashes: []Hash{good}}, false, 0},
		"any, one right":         {nil, DownloadOptions{AnyOf: []Hash{wrong, good}}, true, 1},
		"any, other algorithm":   {[]Hash{good}, DownloadOptions{AnyOf: []Hash{wrong512, s512}}, true, 1},
		"any, none right":        {nil, DownloadOptions{AnyOf: []Hash{wrong, wrong512}}, false, 1},
		"any, index says no":     {[]Hash{good}, DownloadOptions{AnyOf: []Hash{wrong}}, false, 0},
		"any, only one":          {nil, DownloadOptions{AnyOf: []Hash{good}}, true, 1},
		"any, only one, wrong":   {nil, DownloadOptions{AnyOf: []Hash{wrong}}, false, 1},
		"size of the lock":       {[]Hash{good}, DownloadOptions{Size: 1000}, true, 1},
		"size of the lock wrong": {[]Hash{good}, DownloadOptions{Size: 1001}, false, 1},
	} {
		before := len(s.requests())
		store := newMemory()
		f := fileOf(s, b)
		f.Hashes, f.Size = c.index, 0
		w, err := newClient(t, Options{NoIndex: true, Wheels: wheels{store}}).Download(t.Context(), f, c.options)
		if (err == nil) != c.ok || len(s.requests())-before != c.asked {
			t.Errorf("%s: %v, %d requests", name, err, len(s.requests())-before)
		}
		if err == nil && w.SHA256 != sumOf(b) {
			t.Errorf("%s: %s", name, w.SHA256)
		}
		if err != nil && (!is[*MismatchError](err) || len(store.keys("wheels"))+len(store.partials) != 0) {
			t.Errorf("%s: %v; kept %v %v", name, err, store.keys("wheels"), store.partials)
		}
	}
}

// TestUnhashed is a server that gives no hashes: what it still has is not fetched again.
func TestUnhashed(t *testing.T) {
	b := blob(1000)
	s := newServer(t)
	s.bytes("/"+demoFile, b)
	store := newMemory()
	f := fileOf(s, b)
	f.Hashes = nil
	download := func(offline bool) *Wheel {
		t.Helper()
		w, err := newClient(t, Options{NoIndex: true, Wheels: wheels{store}, Pages: store, Offline: offline}).Download(t.Context(), f, DownloadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	for i, want := range []int64{1000, 0, 0} {
		if w := download(i == 2); w.Moved != want || w.SHA256 != sumOf(b) {
			t.Errorf("run %d moved %d", i, w.Moved)
		}
	}
	changed := blob(2000)[1000:]
	s.bytes("/"+demoFile, changed)
	if w := download(false); w.Moved != 1000 || !bytes.Equal(got(t, w), changed) {
		t.Error("a changed file was not fetched again")
	}
}
