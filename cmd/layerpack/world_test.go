package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// world is what surrounds the program in one script: registries that watch what passes.
type world struct {
	main, other, private *server
	index, extra         *packageIndex

	mu   sync.Mutex
	base map[string]bool // digests of the layers of bases
	told [3]int          // of each registry's requests
}

type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func newWorld(atEnd func(func())) *world {
	w := &world{base: map[string]bool{}}
	open := func(next http.Handler) http.Handler { return next }
	w.main, w.other, w.private = newServer(atEnd, open), newServer(atEnd, open), newServer(atEnd, guarded)
	w.index, w.extra = newPackageIndex(atEnd), newPackageIndex(atEnd)
	return w
}

func (w *world) servers() []*server { return []*server{w.main, w.other, w.private} }

// guarded asks for a name and a password (RFC 7617).
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "robot" || password != "s3cret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="private"`)
			faultreg.Error(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// server is a registry that counts.
type server struct {
	host string
	reg  *faultreg.Registry

	mu    sync.Mutex
	moved []transfer
}

// transfer is one request that moved a blob or wrote a manifest.
type transfer struct {
	kind   string // "up", "down", "manifest" or "tag"
	digest string // of a blob
	name   string // repository:tag
	bytes  int64
}

func newServer(atEnd func(func()), guard func(http.Handler) http.Handler) *server {
	s := &server{reg: faultreg.New()}
	h := httptest.NewUnstartedServer(guard(s))
	h.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.Start()
	atEnd(h.Close)
	s.host = strings.TrimPrefix(h.URL, "http://")
	return s
}

var (
	blobPath     = regexp.MustCompile(`^/v2/(.+)/blobs/(sha256:.+)$`)
	uploadPath   = regexp.MustCompile(`^/v2/(.+)/blobs/uploads/`)
	manifestPath = regexp.MustCompile(`^/v2/(.+)/manifests/(.+)$`)
)

// ServeHTTP lets a request through and notes what it moved.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var t transfer
	count := &counter{w: w, r: r.Body}
	if m := blobPath.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodGet {
		t = transfer{kind: "down", digest: m[2]}
	} else if uploadPath.MatchString(r.URL.Path) && (r.Method == http.MethodPut || r.Method == http.MethodPatch) {
		t = transfer{kind: "up", digest: r.URL.Query().Get("digest")}
	} else if m := manifestPath.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodPut {
		t = transfer{kind: "tag", name: path.Base(m[1]) + ":" + m[2]}
		if strings.HasPrefix(m[2], "sha256:") {
			t.kind = "manifest"
		}
	}
	if t.kind == "" {
		s.reg.ServeHTTP(w, r)
		return
	}
	defer func() {
		t.bytes = count.in
		if t.kind == "down" {
			t.bytes = count.out
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.moved = append(s.moved, t)
	}()
	r.Body = io.NopCloser(count)
	s.reg.ServeHTTP(count, r)
}

// take returns what moved since the last call.
func (s *server) take() []transfer {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := s.moved
	s.moved = nil
	return moved
}

// wrote reports whether a manifest was written, by digest or by tag; it takes nothing.
func (s *server) wrote() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.moved {
		if t.kind == "manifest" || t.kind == "tag" {
			return true
		}
	}
	return false
}

// counter counts the bytes of one request and its answer.
type counter struct {
	w       http.ResponseWriter
	r       io.Reader
	in, out int64
}

func (c *counter) Header() http.Header    { return c.w.Header() }
func (c *counter) WriteHeader(status int) { c.w.WriteHeader(status) }

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.out += int64(n)
	return n, err
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.in += int64(n)
	return n, err
}
