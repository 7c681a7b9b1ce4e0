package index

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestCachingOf(t *testing.T) {
	h := func(pairs ...string) http.Header {
		out := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	date := "Mon, 02 Jan 2006 15:04:05 GMT"
	for name, c := range map[string]struct {
		header http.Header
		want   caching
	}{
		"nothing":    {h(), caching{true, 0}},
		"max-age":    {h("Cache-Control", "public, max-age=600"), caching{true, 10 * time.Minute}},
		"quoted":     {h("Cache-Control", `Max-Age="60"`), caching{true, time.Minute}},
		"first":      {h("Cache-Control", "max-age=60, max-age=600"), caching{true, time.Minute}},
		"age":        {h("Cache-Control", "max-age=600", "Age", "590"), caching{true, 10 * time.Second}},
		"too old":    {h("Cache-Control", "max-age=600", "Age", "700"), caching{true, 0}},
		"no-store":   {h("Cache-Control", "max-age=600", "Cache-Control", "no-store"), caching{}},
		"no-cache":   {h("Cache-Control", "max-age=600, no-cache"), caching{true, 0}},
		"damaged":    {h("Cache-Control", "max-age=-5"), caching{true, 0}},
		"very long":  {h("Cache-Control", "max-age=31536000"), caching{true, maxFresh}},
		"expires":    {h("Date", date, "Expires", "Mon, 02 Jan 2006 15:05:05 GMT"), caching{true, time.Minute}},
		"expired":    {h("Date", date, "Expires", "0"), caching{true, 0}},
		"max-age on": {h("Cache-Control", "max-age=1", "Date", date, "Expires", "Mon, 02 Jan 2006 16:05:05 GMT"), caching{true, time.Second}},
	} {
		if got := cachingOf(c.header); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// cacheServer counts full answers and those that say "as before".
func cacheServer(t *testing.T, control string) (s *server, full, same *int) {
	t.Helper()
	s, full, same = newServer(t), new(int), new(int)
	s.on("/simple/demo/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", typeJSON)
		w.Header().Set("ETag", `W/"one"`)
		w.Header().Set("Cache-Control", control)
		if r.Header.Get("If-None-Match") == `W/"one"` {
			*same++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		*full++
		fmt.Fprint(w, demoJSON)
	})
	return s, full, same
}

func TestCache(t *testing.T) {
	s, full, same := cacheServer(t, "max-age=600")
	store, now := newMemory(), time.Unix(1_700_000_000, 0)
	ask := func(change func(*Options)) (*Project, error) {
		o := Options{IndexURL: s.URL + "/simple", Pages: store, Now: func() time.Time { return now }}
		if change != nil {
			change(&o)
		}
		return newClient(t, o).Project(t.Context(), "demo")
	}
	step := func(what string, change func(*Options), wantFull, wantSame int) {
		t.Helper()
		p, err := ask(change)
		if err != nil || versions(p) != "10.0.0 2.0 1.0" || len(p.Notes) != 3 {
			t.Fatalf("%s: %v", what, err)
		}
		if *full != wantFull || *same != wantSame {
			t.Errorf("%s: %d full answers and %d times unchanged, want %d and %d", what, *full, *same, wantFull, wantSame)
		}
	}
	step("first", nil, 1, 0)
	step("fresh", nil, 1, 0)
	step("refreshed", func(o *Options) { o.Refresh = true }, 1, 1)
	now = now.Add(599 * time.Second)
	step("still fresh", nil, 1, 1)
	now = now.Add(2 * time.Second)
	step("stale", nil, 1, 2)
	step("fresh again", nil, 1, 2)
	now = now.Add(-time.Hour)
	step("the clock went back", nil, 1, 3)
	now = now.Add(1000 * time.Hour)
	step("offline", func(o *Options) { o.Offline, o.HTTP = true, nil }, 1, 3)
	for key, b := range store.entries {
		store.entries[key] = b[:len(b)/2]
	}
	step("damaged", nil, 2, 3)
	step("without a clock", func(o *Options) { o.Now = nil }, 2, 4)
}

// TestCacheWithoutClock asks every time, also for what was kept without a clock.
func TestCacheWithoutClock(t *testing.T) {
	s, full, same := cacheServer(t, "max-age=600")
	store := newMemory()
	for range 3 {
		project(t, newClient(t, Options{IndexURL: s.URL + "/simple", Pages: store}), "demo")
	}
	if *full != 1 || *same != 2 {
		t.Errorf("%d full answers, %d times unchanged", *full, *same)
	}
}

func TestCacheNoStore(t *testing.T) {
	s, full, _ := cacheServer(t, "no-store")
	store := newMemory()
	for range 2 {
		project(t, newClient(t, Options{IndexURL: s.URL + "/simple", Pages: store, Now: time.Now}), "demo")
	}
	if *full != 2 || store.puts != 0 {
		t.Errorf("%d answers, %d kept", *full, store.puts)
	}
}

func TestOffline(t *testing.T) {
	extra, main := newServer(t), newServer(t)
	main.page("/demo/", typeJSON, demoJSON)
	store := newMemory()
	o := Options{IndexURL: main.URL, ExtraIndexURLs: []string{extra.URL}, Pages: store}
	project(t, newClient(t, o), "demo")
	o.Offline, o.HTTP = true, nil
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Project(t.Context(), "demo") // that the first index does not have it is known, too
	if err != nil || p.Source != main.URL+"/" {
		t.Fatalf("%v", err)
	}
	_, err = c.Project(t.Context(), "never")
	if off, ok := errors.AsType[*OfflineError](err); !ok || !strings.Contains(off.Error(), "without --offline") || !strings.Contains(off.What, "never") {
		t.Errorf("%v", err)
	}
	_, err = c.Metadata(t.Context(), *selector(t, time.Time{}).Candidate(p.Releases[0]).Wheel)
	if _, ok := errors.AsType[*OfflineError](err); !ok {
		t.Errorf("metadata: %v", err)
	}
	// Online, an absence is no news: the page may have come since.
	extra.page("/demo/", typeHTML, `<a href="demo-5.0-py3-none-any.whl">x</a>`)
	o.Offline = false
	if p := project(t, newClient(t, o), "demo"); versions(p) != "5.0" {
		t.Errorf("%s", versions(p))
	}
}

func TestCompressedPages(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, demoJSON)
	z.Close()
	s := newServer(t)
	body := b.Bytes()
	s.on("/simple/demo/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding: %s", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", typeJSON)
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(body)
	})
	if p := project(t, newClient(t, Options{IndexURL: s.URL + "/simple"}), "demo"); len(p.Releases) != 3 {
		t.Errorf("%s", versions(p))
	}
	body = body[:len(body)-9]
	if _, err := newClient(t, Options{IndexURL: s.URL + "/simple"}).Project(t.Context(), "demo"); !errors.Is(err, errBody) {
		t.Errorf("a cut body: %v", err)
	}
	if n := len(s.requests()); n != 1+bodyTries {
		t.Errorf("%d requests", n)
	}
}
