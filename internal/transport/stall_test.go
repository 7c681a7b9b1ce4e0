package transport

import (
	"bytes"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// hanging serves up to a point and is then silent until the test ends.
func hanging(t *testing.T, before func(http.ResponseWriter, *http.Request)) *httptest.Server {
	t.Helper()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before(w, r)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(release) })
	return s
}

func TestStalledHeaders(t *testing.T) {
	s := hanging(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, Options{Stall: 20 * time.Millisecond, Backoff: newClock().backoff()})
	req := get(t, s.URL)
	_, err := c.Do(req.WithContext(Once(req.Context())))
	if !errors.Is(err, ErrStalled) {
		t.Errorf("got %v", err)
	}
}

func TestStalledBody(t *testing.T) {
	for _, lead := range []int{0, 1, 5000} {
		s := hanging(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Write(make([]byte, lead))
			w.(http.Flusher).Flush()
		})
		c := newClient(t, Options{Stall: 20 * time.Millisecond})
		resp, err := c.Do(get(t, s.URL))
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if !errors.Is(err, ErrStalled) || n != int64(lead) || !Transient(err) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// A byte now and then keeps a connection alive, but is no progress.
func TestTrickledBody(t *testing.T) {
	stop := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			select {
			case <-stop:
				return
			case <-r.Context().Done():
				return
			case <-time.After(5 * time.Millisecond):
				w.Write([]byte{'.'})
				w.(http.Flusher).Flush()
			}
		}
	}))
	defer s.Close()
	defer close(stop)
	c := newClient(t, Options{Stall: 100 * time.Millisecond})
	resp, err := c.Do(get(t, s.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, ErrStalled) {
		t.Errorf("got %v", err)
	}
}

func TestStalledUpload(t *testing.T) {
	s := hanging(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, Options{Stall: 20 * time.Millisecond})
	// Larger than the buffers of a loopback connection.
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL, bytes.NewReader(make([]byte, 32<<20)))
	if _, err := c.Do(req); !errors.Is(err, ErrStalled) {
		t.Errorf("got %v", err)
	}
}

// A slow source is not a stalled connection.
func TestSlowSource(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer s.Close()
	c := newClient(t, Options{Stall: 20 * time.Millisecond})
	pr, pw := io.Pipe()
	go func() {
		for range 4 {
			time.Sleep(60 * time.Millisecond)
			pw.Write([]byte("x"))
		}
		pw.Close()
	}()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL, pr)
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
