package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/internal/transport"
)

// narrow is a client that may have so many requests and uploads in flight.
func (b *bench) narrow(t *testing.T, requests, uploads int) *Client {
	t.Helper()
	rt, err := transport.New(transport.Options{Backoff: b.backoff(), InFlight: func(string) int { return requests }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rt.CloseIdleConnections)
	return New(Options{Transport: rt, Backoff: b.backoff(), Uploads: func(string) int { return uploads }})
}

func TestUploadsAtATime(t *testing.T) {
	for _, limit := range []int{0, 1, 2} {
		b := setup(t, nil, nil)
		var now, most atomic.Int32
		b.reg.Add(faultreg.Fault{Method: http.MethodPut, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			for n := now.Add(1); ; {
				if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			time.Sleep(2 * time.Millisecond)
			now.Add(-1)
			next.ServeHTTP(w, r)
		}})
		c := b.narrow(t, 0, limit)
		raw, d := content(1000)
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if err := c.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		want := limit
		if want == 0 {
			want = DefaultUploads
		}
		if got := int(most.Load()); got > want {
			t.Errorf("limit %d: %d at a time", limit, got)
		}
	}
}

// Blobs that go from a repository to another of the same registry, by way of us: each upload holds
// a download open. With one slot of each kind, broken connections and tokens that end, nobody
// waits for ever.
func TestStreamingInOneRegistryDoesNotLockUp(t *testing.T) {
	guard := &faultreg.Tokens{}
	b := guarded(t, guard, login{})
	raw, d := content(blobSize)
	b.store(t, raw)
	b.reg.Add(
		faultreg.Fault{Method: http.MethodGet, Path: "/blobs/sha256", Skip: 1, Times: 5, Do: faultreg.ResetDownload(5000)},
		faultreg.Fault{Method: http.MethodPut, Path: "/uploads/", Skip: 2, Times: 2, Do: faultreg.ResetUpload(7000)},
		faultreg.Fault{Method: http.MethodPost, Path: "/uploads/", Skip: 4, Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			guard.Expire()
		}},
	)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := b.narrow(t, 1, 1)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			to := b.repository(t, "copy/"+string(rune('a'+i)))
			err := c.Upload(ctx, to, d, func() (io.ReadCloser, error) { return c.Blob(ctx, b.repo, d) }, nil)
			if err == nil {
				err = c.VerifyBlob(ctx, to, d)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A registry that hides what it has is asked at /v2/ while the first answer is in hand.
func TestPingNeedsNoSecondSlot(t *testing.T) {
	b := setup(t, nil, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			w.Write(make([]byte, 100<<10))
		})
	})
	rt, err := transport.New(transport.Options{Backoff: b.backoff(), InFlight: func(string) int { return 1 }})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.CloseIdleConnections()
	c := New(Options{Transport: rt, Backoff: b.backoff(), Keychain: login{Username: "me", Password: password}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := c.Manifest(ctx, b.repo.Tag("x")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestUploadWaitsAndCanBeCancelled(t *testing.T) {
	b := setup(t, nil, nil)
	c := b.narrow(t, 0, 1)
	release, err := c.uploadSlot(t.Context(), b.repo.Registry)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	raw, d := content(10)
	if err := c.Upload(ctx, b.repo, d, opener(raw), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	release()
	release()
	other, err := name.NewRegistry("other.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.uploadSlot(t.Context(), other); err != nil {
		t.Error(err)
	}
	if err := c.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
		t.Error(err)
	}
}
