package registry

import (
	"context"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/internal/transport"
)

// clock is a time that passes only by sleeping.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a client and the registry it speaks to.
type bench struct {
	*Client
	reg   *faultreg.Registry
	clock *clock
	repo  name.Repository
	base  string // the server's host:port
}

// login is a keychain with one answer for every registry.
type login authn.AuthConfig

func (l login) Resolve(authn.Resource) (authn.Authenticator, error) {
	return authn.FromConfig(authn.AuthConfig(l)), nil
}

// setup serves handler (nil: the fault registry itself) on this machine.
func setup(t *testing.T, keys authn.Keychain, wrap func(http.Handler) http.Handler) *bench {
	t.Helper()
	b := &bench{reg: faultreg.New(), clock: newClock()}
	var handler http.Handler = b.reg
	if wrap != nil {
		handler = wrap(handler)
	}
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	b.base = strings.TrimPrefix(s.URL, "http://")
	b.Client = New(Options{Transport: b.transport(t), Keychain: keys, Backoff: b.backoff()})
	b.repo = b.repository(t, "team/app")
	return b
}

func (b *bench) backoff() transport.Backoff {
	return transport.Backoff{
		Now:    b.clock.time,
		Random: func() float64 { return 0 },
		Sleep: func(ctx context.Context, d time.Duration) error {
			b.clock.pass(d)
			return ctx.Err()
		},
	}
}

func (b *bench) transport(t *testing.T) *transport.Client {
	t.Helper()
	rt, err := transport.New(transport.Options{Version: "test", Backoff: b.backoff()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rt.CloseIdleConnections)
	return rt
}

func (b *bench) repository(t *testing.T, path string) name.Repository {
	t.Helper()
	repo, err := name.NewRepository(b.base + "/" + path)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// content is a blob of n bytes that do not compress.
func content(n int) ([]byte, v1.Descriptor) {
	raw := make([]byte, n)
	src := rand.NewChaCha8([32]byte{1})
	src.Read(raw)
	return raw, descriptor(raw)
}

func descriptor(raw []byte) v1.Descriptor {
	h, err := v1.NewHash(faultreg.Digest(raw))
	if err != nil {
		panic(err)
	}
	return v1.Descriptor{Digest: h, Size: int64(len(raw))}
}

func opener(raw []byte) func() (io.ReadCloser, error) { return bytesBody(raw) }

// store uploads a blob in good order and forgets the requests it took.
func (b *bench) store(t *testing.T, raw []byte) v1.Descriptor {
	t.Helper()
	d := descriptor(raw)
	if err := b.Upload(t.Context(), b.repo, d, opener(raw), nil); err != nil {
		t.Fatal(err)
	}
	return d
}

// read reads a blob of the registry through the client.
func (b *bench) read(t *testing.T, d v1.Descriptor) ([]byte, error) {
	t.Helper()
	r, err := b.Blob(t.Context(), b.repo, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// points are where connections break in a blob of n bytes.
func points(n int) []int {
	out := []int{0, 1, 511, 512, 4095, 64 << 10, n - 1}
	for i := 1; i < 16; i++ {
		out = append(out, n/16*i)
	}
	return out
}
