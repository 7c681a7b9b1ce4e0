package index

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// TestCancelled ends one caller's context: another who waits for the same asks again.
func TestCancelled(t *testing.T) {
	s := newServer(t)
	started := make(chan struct{}, 2)
	var n atomic.Int32
	s.on("/demo/", func(w http.ResponseWriter, r *http.Request) {
		started <- struct{}{}
		if n.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", typeHTML)
	})
	c := newClient(t, Options{IndexURL: s.URL})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := c.Project(ctx, "demo"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	<-started
	wg.Go(func() {
		if _, err := c.Project(t.Context(), "demo"); err != nil {
			t.Errorf("another's end was ours: %v", err)
		}
	})
	cancel()
	wg.Wait()
	if _, err := c.Project(ctx, "demo"); err != nil {
		t.Errorf("what is known needs no context: %v", err)
	}
	if _, err := c.Project(ctx, "other"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestOrigin marks requests to addresses that a page names, and no others.
func TestOrigin(t *testing.T) {
	s, files := newServer(t), newServer(t)
	name, b := wheel(t, fakewheel.Wheel{Name: "demo", Version: "1.0"})
	s.page("/demo/", typeHTML, `<a href="`+files.URL+"/"+name+`">x</a><a href="demo-2.0-py3-none-any.whl">x</a>`)
	_, b2 := wheel(t, fakewheel.Wheel{Name: "demo", Version: "2.0"})
	files.bytes("/"+name, b)
	s.bytes("/demo/demo-2.0-py3-none-any.whl", b2)
	var marked []string
	c := newClient(t, Options{IndexURL: s.URL, Wheels: wheels{newMemory()}, Origin: func(ctx context.Context, to, from *url.URL) context.Context {
		marked = append(marked, from.Host+" "+to.Host)
		return ctx
	}})
	for _, r := range project(t, c, "demo").Releases {
		f := *selector(t, time.Time{}).Candidate(r).Wheel
		if _, err := c.Metadata(t.Context(), f); err != nil {
			t.Error(err)
		}
		if _, err := c.Download(t.Context(), f, DownloadOptions{}); err != nil {
			t.Error(err)
		}
	}
	want := s.Listener.Addr().String() + " " + files.Listener.Addr().String()
	if len(marked) != 2 || marked[0] != want || marked[1] != want {
		t.Errorf("%v", marked)
	}
}

// TestParallel downloads many at once, within the bound.
func TestParallel(t *testing.T) {
	s := newServer(t)
	var now, most atomic.Int32
	b := blob(1000)
	s.on("/"+demoFile, func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		w.Write(b)
	})
	c := newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}, Parallel: 3})
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			f := fileOf(s, b)
			f.Hashes = nil
			if _, err := c.Download(t.Context(), f, DownloadOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most.Load() > 3 || most.Load() < 2 {
		t.Errorf("%d at once", most.Load())
	}
}
