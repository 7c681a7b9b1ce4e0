package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestInFlight(t *testing.T) {
	for _, limit := range []int{0, 1, 3} {
		var now, most atomic.Int32
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for n := now.Add(1); ; {
				if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			time.Sleep(2 * time.Millisecond)
			now.Add(-1)
			io.WriteString(w, "x")
		}))
		c := newClient(t, Options{InFlight: func(string) int { return limit }})
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				resp, err := c.Do(get(t, s.URL))
				if err != nil {
					t.Error(err)
					return
				}
				if i%2 == 0 {
					io.ReadAll(resp.Body) // all of it, and closed later
				}
				resp.Body.Close()
			})
		}
		wg.Wait()
		want := limit
		if want == 0 {
			want = DefaultInFlight
		}
		if got := int(most.Load()); got > want || got < min(want, 2) {
			t.Errorf("limit %d: %d at a time", limit, got)
		}
		s.Close()
	}
}

// What ends a request without an answer gives its slot back.
func TestSlotsComeBack(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/away":
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		}
	}))
	s.Config.ErrorLog = quiet()
	defer s.Close()
	clk := newClock()
	c := newClient(t, Options{InFlight: func(string) int { return 1 }, Backoff: clk.backoff()})
	for _, path := range []string{"/abort", "/busy", "/away", "/", "/abort", "/"} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		resp, err := c.Do(get(t, s.URL+path).WithContext(ctx))
		if err == nil {
			resp.Body.Close()
		}
		if errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: waited for a slot that nobody held", path)
		}
		cancel()
	}
}

func TestWaitingForASlotCanBeCancelled(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") }))
	defer s.Close()
	c := newClient(t, Options{InFlight: func(string) int { return 1 }})
	held, err := c.Do(get(t, s.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Do(get(t, s.URL).WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	// A body passes by: it may be read from the very answer that holds the slot.
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL, held.Body)
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	// Another host has slots of its own.
	other := httptest.NewServer(s.Config.Handler)
	defer other.Close()
	if resp, err = c.Do(get(t, other.URL)); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// A 5xx that is read by nobody but the retries, and errors, hold nothing after their end.
func TestRetriesHoldNoSlot(t *testing.T) {
	var n atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) < 4 {
			w.WriteHeader(http.StatusBadGateway)
			io.WriteString(w, strings.Repeat("x", 1000))
		}
	}))
	defer s.Close()
	clk := newClock()
	c := newClient(t, Options{InFlight: func(string) int { return 1 }, Backoff: clk.backoff()})
	resp, err := c.Do(get(t, s.URL))
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(err)
	}
	resp.Body.Close()
}
