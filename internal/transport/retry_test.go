package transport

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// failing answers with a status for the first k requests.
func failing(t *testing.T, k int, status int, retryAfter string) (*httptest.Server, *[]string) {
	t.Helper()
	var bodies []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Method+" "+string(body))
		if len(bodies) <= k {
			if retryAfter != "" {
				w.Header().Set("Retry-After", retryAfter)
			}
			w.WriteHeader(status)
			return
		}
		fmt.Fprint(w, "good")
	}))
	t.Cleanup(s.Close)
	return s, &bodies
}

func TestRetriesStatus(t *testing.T) {
	for _, status := range []int{408, 429, 500, 502, 503, 504, 522} {
		for k := 1; k <= 6; k++ {
			clk := newClock()
			s, seen := failing(t, k, status, "")
			c := newClient(t, Options{Backoff: clk.backoff()})
			resp, err := c.Do(get(t, s.URL))
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 200 || string(body) != "good" || len(*seen) != k+1 {
				t.Errorf("%d for %d tries: status %d, %q, %d requests", status, k, resp.StatusCode, body, len(*seen))
			}
			want := []time.Duration{5e8, 1e9, 2e9, 4e9, 8e9, 15e9}[:k]
			if diff := cmp.Diff(want, clk.slept); diff != "" {
				t.Errorf("%d for %d tries: waits (-want +got):\n%s", status, k, diff)
			}
		}
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	clk := newClock()
	date := clk.now.Add(40 * time.Second).Format(http.TimeFormat)
	past := clk.now.Add(-40 * time.Second).Format(http.TimeFormat)
	for _, tt := range []struct {
		header string
		want   time.Duration // the first wait; 0 when there is none
	}{
		{"0", 500 * time.Millisecond},
		{"1", time.Second},
		{"2", 2 * time.Second},
		{date, 40 * time.Second},
		{past, 500 * time.Millisecond},
		{"soon", 500 * time.Millisecond},
		{"-5", 500 * time.Millisecond},
		{"3600", 0},
		{"99999999999999999999", 0},
	} {
		clk := newClock()
		s, seen := failing(t, 1, 429, tt.header)
		c := newClient(t, Options{Backoff: clk.backoff()})
		resp, err := c.Do(get(t, s.URL))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if tt.want == 0 {
			if resp.StatusCode != 429 || len(*seen) != 1 || len(clk.slept) != 0 {
				t.Errorf("%q: status %d after %d requests and %v", tt.header, resp.StatusCode, len(*seen), clk.slept)
			}
			continue
		}
		if resp.StatusCode != 200 || len(clk.slept) != 1 || clk.slept[0] != tt.want {
			t.Errorf("%q: status %d, waits %v, want %v", tt.header, resp.StatusCode, clk.slept, tt.want)
		}
	}
}

func TestBudgetEnds(t *testing.T) {
	clk := newClock()
	s, seen := failing(t, 1000, 503, "")
	c := newClient(t, Options{Backoff: clk.backoff()})
	resp, err := c.Do(get(t, s.URL))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	spent := clk.now.Sub(newClock().now)
	if resp.StatusCode != 503 || spent > DefaultBudget || spent < DefaultBudget-DefaultMax {
		t.Errorf("status %d after %d requests in %s", resp.StatusCode, len(*seen), spent)
	}
}

func TestRepeatsBodiesOnlyWhenMarked(t *testing.T) {
	for _, marked := range []bool{false, true} {
		clk := newClock()
		s, seen := failing(t, 2, 503, "")
		c := newClient(t, Options{Backoff: clk.backoff()})
		ctx := t.Context()
		if marked {
			ctx = Retryable(ctx)
		}
		req, _ := http.NewRequestWithContext(ctx, http.MethodPut, s.URL, bytes.NewReader([]byte("body")))
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		want := []string{"PUT body"}
		if marked {
			want = []string{"PUT body", "PUT body", "PUT body"}
		}
		if diff := cmp.Diff(want, *seen); diff != "" {
			t.Errorf("marked %v (-want +got):\n%s", marked, diff)
		}
	}
}

func TestRetriesBrokenConnection(t *testing.T) {
	clk := newClock()
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n <= 3 {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "good")
	}))
	defer s.Close()
	c := newClient(t, Options{Backoff: clk.backoff()})
	resp, err := c.Do(get(t, s.URL))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestRefusedConnectionFailsSoon(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	clk := newClock()
	c := newClient(t, Options{Backoff: clk.backoff()})
	_, err = c.Do(get(t, url+"/v2/?sig=SECRET"))
	spent := clk.now.Sub(newClock().now)
	if err == nil || spent > 2*refusedBudget || len(clk.slept) == 0 {
		t.Fatalf("error %v after %s", err, spent)
	}
	if strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
}

func TestCertificateErrorIsNotRetried(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	s.Config.ErrorLog = quiet()
	clk := newClock()
	c := newClient(t, Options{Backoff: clk.backoff()})
	_, err := c.Do(get(t, s.URL))
	if err == nil || len(clk.slept) != 0 {
		t.Errorf("error %v, waits %v", err, clk.slept)
	}
}

func TestPlainServerBehindHTTPSSaysTheWayOut(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	clk := newClock()
	c := newClient(t, Options{Backoff: clk.backoff()})
	_, err := c.Do(get(t, strings.Replace(s.URL, "http:", "https:", 1)))
	if err == nil || !strings.Contains(err.Error(), "--plain-http 127.0.0.1:") || len(clk.slept) != 0 {
		t.Errorf("error %v, waits %v", err, clk.slept)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "3600", "-1", "1e3", "Fri, 02 Jan 2026 03:05:00 GMT", "99999999999999999999999", " 7 "} {
		f.Add(s)
	}
	now := newClock().now
	f.Fuzz(func(t *testing.T, s string) {
		if d := RetryAfter(s, now); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %s", s, d)
		}
	})
}
