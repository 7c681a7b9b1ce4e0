package index

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// liar asks a server whose page of demo is served by h, and wants an error and nothing kept.
func liar(t *testing.T, h http.HandlerFunc) (requests int, err error) {
	t.Helper()
	s := newServer(t)
	s.on("/simple/demo/", h)
	store := newMemory()
	c := newClient(t, Options{IndexURL: s.URL + "/simple", Pages: store, Now: time.Now})
	c.maxPage = 2 << 20
	_, err = c.Project(t.Context(), "demo")
	if store.puts != 0 {
		t.Errorf("a page was kept: %q", store.keys(pageCollection))
	}
	return len(s.requests()), err
}

func TestLyingPages(t *testing.T) {
	text := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "max-age=600")
			fmt.Fprint(w, body)
		}
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	for range 3 {
		z.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	z.Close()
	for name, c := range map[string]struct {
		answer   http.HandlerFunc
		refused  bool
		requests int
	}{
		"empty":         {text(typeJSON, ""), true, 1},
		"cut JSON":      {text(typeJSON, demoJSON[:len(demoJSON)-20]), true, 1},
		"more after it": {text(typeJSON, demoJSON+"x"), true, 1},
		"no files":      {text(typeJSON, `{"meta": {"api-version": "1.0"}, "name": "demo"}`), true, 1},
		"other shape":   {text(typeJSON, `{"files": {}}`), true, 1},
		"deep JSON":     {text(typeJSON, `{"files": [], "x": `+strings.Repeat("[", 100_000)), true, 1},
		"wrong digest":  {text(typeJSON, `{"files": [{"filename": "demo-1-py3-none-any.whl", "url": "x", "hashes": {"sha256": "short"}}]}`), true, 1},
		"HTML as JSON":  {text(typeJSON, demoHTML), true, 1},
		"long tag":      {text(typeHTML, `<a href="`+strings.Repeat("x", maxToken+1)+`">x</a>`), true, 1},
		"a login page":  {text("text/plain", "please log in"), true, 1},
		"cut length": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typeHTML)
			w.Header().Set("Content-Length", "99999")
			fmt.Fprint(w, demoHTML)
		}, false, bodyTries},
		"said to be huge": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typeJSON)
			w.Header().Set("Content-Length", fmt.Sprint(2<<20+1))
			fmt.Fprint(w, demoJSON)
		}, true, 1},
		"gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typeJSON)
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		}, true, 1},
		"encoded otherwise": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			fmt.Fprint(w, demoJSON)
		}, true, 1},
		"304 unasked": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, true, 1},
		"418":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, false, 1},
		"redirects in a circle": {
			func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, false, 11,
		},
	} {
		n, err := liar(t, c.answer)
		if err == nil || refusal.Is(err) != c.refused || n != c.requests {
			t.Errorf("%s: %v after %d requests", name, err, n)
		}
	}
}

func TestSlowAndBusyServers(t *testing.T) {
	n := 0
	s := newServer(t)
	s.on("/demo/", func(w http.ResponseWriter, _ *http.Request) {
		if n++; n < 3 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.Header().Set("Content-Type", typeJSON)
		fmt.Fprint(w, demoJSON)
	})
	if project(t, newClient(t, Options{IndexURL: s.URL}), "demo"); n != 3 {
		t.Errorf("429: %d requests", n)
	}
	// A server that stays busy, and one that falls silent in the middle of its page.
	n, err := liar(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if !is[*StatusError](err) || n != 1 {
		t.Errorf("429: %v after %d requests", err, n)
	}
	stop := make(chan struct{})
	n, err = liar(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", typeJSON)
		fmt.Fprint(w, demoJSON[:100])
		_ = http.NewResponseController(w).Flush()
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	close(stop)
	if err == nil || n != bodyTries {
		t.Errorf("silence: %v after %d requests", err, n)
	}
}

func TestLyingMetadata(t *testing.T) {
	for name, c := range map[string]struct {
		beside string
		sum    string // of what is promised
	}{
		"wrong hash":    {demoMetadata, sum64},
		"cut":           {demoMetadata[:60], sumOf([]byte(demoMetadata))},
		"other name":    {strings.Replace(demoMetadata, "Demo", "Evil", 1), ""},
		"other version": {strings.Replace(demoMetadata, "Version: 1.0", "Version: 1.1", 1), ""},
		"empty":         {"", ""},
		"not UTF-8":     {"Name: demo\nVersion: 1.0\nRequires-Dist: \xff\n", ""},
	} {
		s := newServer(t)
		s.page("/"+demoFile+".metadata", "text/plain", c.beside)
		store := newMemory()
		f := fileOf(s, nil)
		f.HasMetadata, f.MetadataSHA256 = true, c.sum
		if name == "other name" {
			f.MetadataSHA256 = sumOf([]byte(c.beside)) // right for the lie
		}
		_, err := newClient(t, Options{NoIndex: true, Pages: store, Wheels: wheels{store}}).Metadata(t.Context(), f)
		if !refusal.Is(err) || store.puts != 0 || name == "wrong hash" && !strings.Contains(err.Error(), "its sha256 is "+sumOf([]byte(demoMetadata))+", expected "+sum64) {
			t.Errorf("%s: %v, kept %d", name, err, store.puts)
		}
	}
}

// TestLyingWheels asks for the metadata of wheels that are not what their names say.
func TestLyingWheels(t *testing.T) {
	_, evil := wheel(t, fakewheel.Wheel{Name: "evil", Version: "1.0"})
	_, good := wheel(t, fakewheel.Wheel{Name: "demo", Version: "1.0"})
	damaged := bytes.Replace(good, []byte("Name: demo"), []byte("Name: dem0"), 1)
	twoInfos, err := fakewheel.Wheel{Name: "demo", Version: "1.0", Files: map[string]string{"demo-1.1.dist-info/METADATA": "x"}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"another's": evil, "damaged": damaged, "no zip": []byte(strings.Repeat("x", 1000)), "cut": good[:len(good)-30], "empty": {}, "two dist-infos": twoInfos,
		"huge directory": hugeDirectory(good),
	} {
		for _, ranges := range []bool{true, false} {
			s := newServer(t)
			if ranges {
				s.bytes("/"+demoFile, b)
			} else {
				s.on("/"+demoFile, func(w http.ResponseWriter, _ *http.Request) { w.Write(b) })
			}
			store := newMemory()
			f := fileOf(s, b)
			_, err := newClient(t, Options{NoIndex: true, Pages: store, Wheels: wheels{newMemory()}}).Metadata(t.Context(), f)
			if !refusal.Is(err) || store.puts != 0 {
				t.Errorf("%s, ranges %v: %v", name, ranges, err)
			}
		}
	}
}

// hugeDirectory says that the central directory has 4 GiB.
func hugeDirectory(b []byte) []byte {
	b = bytes.Clone(b)
	copy(b[len(b)-endSize+12:], "\xfe\xff\xff\xff")
	return b
}

func TestLyingDownloads(t *testing.T) {
	b := blob(100_000)
	for name, c := range map[string]struct {
		answer   http.HandlerFunc
		requests int
	}{
		"other bytes": {func(w http.ResponseWriter, _ *http.Request) { w.Write(blob(200_000)[100_000:]) }, 1},
		"too long":    {func(w http.ResponseWriter, _ *http.Request) { w.Write(blob(100_001)) }, 1},
		"too long, chunked": {func(w http.ResponseWriter, _ *http.Request) {
			for range 200 {
				w.Write(b[:1000])
				w.(http.Flusher).Flush()
			}
		}, 1},
		"too short, and says so": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99999")
			w.Write(b[:99_999])
		}, 1},
		"too short": {func(w http.ResponseWriter, _ *http.Request) { w.Write(b[:99_999]) }, maxRestarts + 2},
		"encoded": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(b)
		}, 1},
		"range unasked": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-99999/100000")
			w.WriteHeader(http.StatusPartialContent)
			w.Write(b)
		}, maxRestarts + 1},
		"absent": {func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, 1},
	} {
		s := newServer(t)
		s.on("/"+demoFile, c.answer)
		store := newMemory()
		_, err := newClient(t, Options{NoIndex: true, Wheels: wheels{store}}).Download(t.Context(), fileOf(s, b), DownloadOptions{})
		if err == nil || len(store.keys("wheels")) != 0 || len(s.requests()) != c.requests {
			t.Errorf("%s: %v after %v; kept %v", name, err, s.requests(), store.keys("wheels"))
		}
		if status := is[*StatusError](err); refusal.Is(err) == (status || name == "range unasked" || name == "too short") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
