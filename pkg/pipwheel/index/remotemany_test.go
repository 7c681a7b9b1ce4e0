package index

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/transport"
)

// wideDoer allows as many requests to a host as the client.
func wideDoer(t *testing.T, n int) Doer {
	t.Helper()
	c, err := transport.New(transport.Options{PlainHTTP: func(string) bool { return true }, InFlight: func(string) int { return n }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// crowd is a server of many wheels, that counts who is served at a time.
type crowd struct {
	*server
	mu        sync.Mutex
	now, most int
	bodies    []string // paths, in the order in which their bodies were asked for
}

// newCrowd serves each wheel's body when let returns.
func newCrowd(t *testing.T, wheels [][]byte, let func(i int, r *http.Request)) *crowd {
	t.Helper()
	c := &crowd{server: newServer(t)}
	for i, b := range wheels {
		path := fmt.Sprintf("/%d/%s", i, demoFile)
		c.on(path, func(w http.ResponseWriter, r *http.Request) {
			c.mu.Lock()
			c.now++
			c.most = max(c.most, c.now)
			if !suffix(r) {
				c.bodies = append(c.bodies, path)
			}
			c.mu.Unlock()
			if !suffix(r) {
				let(i, r)
			}
			defer func() {
				c.mu.Lock()
				c.now--
				c.mu.Unlock()
			}()
			ranges(w, r, b, "")
		})
	}
	return c
}

func (c *crowd) file(i int, b []byte) File {
	f := fileOf(c.server, b)
	f.URL = fmt.Sprintf("%s/%d/%s", c.URL, i, demoFile)
	return f
}

func differing(n, size int) [][]byte {
	all := blob(size + 64*n)
	wheels := make([][]byte, n)
	for i := range wheels {
		wheels[i] = all[64*i:][:size]
	}
	return wheels
}

// TestRemotesOverSlots reads many wheels with few slots, those that were started last first.
func TestRemotesOverSlots(t *testing.T) {
	const n, slots = 64, 4
	const size = firstTail + 50_000
	content := differing(n, size)
	s := newCrowd(t, content, func(int, *http.Request) {})
	c := newClient(t, Options{HTTP: wideDoer(t, 2*slots), NoIndex: true, Wheels: wheels{newMemory()}, Parallel: slots})
	remotes := make([]*Remote, n)
	var all sync.WaitGroup
	for i := range remotes {
		f := s.file(i, content[i])
		f.Size = 0 // so that its end is asked for
		all.Go(func() { remotes[i] = openRemote(t, c, f, DownloadOptions{}) })
	}
	all.Wait()
	for _, r := range remotes {
		r.Start()
	}
	for i, r := range slices.Backward(remotes) {
		all.Go(func() {
			p := make([]byte, 1000)
			if _, err := r.ReadAt(p, 40_000); err != nil || !bytes.Equal(p, content[i][40_000:41_000]) {
				t.Errorf("wheel %d: %v", i, err)
			}
			if sum, moved, err := r.Wait(t.Context()); err != nil || sum != sumOf(content[i]) || moved != size {
				t.Errorf("wheel %d: %d bytes moved, %v", i, moved, err)
			}
		})
	}
	all.Wait()
	if s.most > slots {
		t.Errorf("%d requests at a time", s.most)
	}
	checkNoTransfer(t)
}

// TestRemotesInOrder has one slot: the order is that of Start, not of reading.
func TestRemotesInOrder(t *testing.T) {
	content := differing(6, 1000)
	s := newCrowd(t, content, func(int, *http.Request) {})
	c := newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}, Parallel: 1})
	var remotes []*Remote
	var want []string
	for i := range content {
		remotes = append(remotes, openRemote(t, c, s.file(i, content[i]), DownloadOptions{}))
	}
	for _, i := range []int{3, 1, 5, 0, 4, 2} {
		remotes[i].Start()
		want = append(want, fmt.Sprintf("/%d/%s", i, demoFile))
	}
	for i := range content {
		if _, err := remotes[i].ReadAt(make([]byte, 1), 0); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(s.bodies, want) {
		t.Errorf("brought %v, started %v", s.bodies, want)
	}
}

// TestTailsPassBodies: the ends of wheels do not wait for whole wheels.
func TestTailsPassBodies(t *testing.T) {
	const n = 12
	content := differing(n, smallWheel+1)
	let := make(chan struct{})
	s := newCrowd(t, content, func(_ int, r *http.Request) {
		select {
		case <-let:
		case <-r.Context().Done():
		}
	})
	c := newClient(t, Options{HTTP: wideDoer(t, 4), NoIndex: true, Wheels: wheels{newMemory()}, Parallel: 4})
	ended := time.AfterFunc(5*time.Second, func() {
		t.Error("the ends waited for the bodies")
		close(let)
	})
	var remotes []*Remote
	for i := range content {
		r := openRemote(t, c, s.file(i, content[i]), DownloadOptions{})
		r.Start()
		remotes = append(remotes, r)
	}
	if ended.Stop() {
		close(let)
	}
	for _, r := range remotes {
		if _, _, err := r.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
