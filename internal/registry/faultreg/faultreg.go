// Package faultreg is a registry for tests that fails on demand.
//
// Its content is kept by go-containerregistry's in-memory registry; upload sessions are its own, so
// that they survive a broken connection and answer for how far they got. Faults are a script: each
// matches requests and spoils the answer, a given number of times. Every request is logged.
package faultreg

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Fault spoils requests that match.
type Fault struct {
	// Method and Path select requests: "" matches any method; Path is a part of the path.
	Method, Path string
	// Skip leaves the first so many matching requests alone; Times is how many are spoiled after
	// that, 0 for all.
	Skip, Times int
	// Do answers the request in the registry's place; next is the registry.
	Do func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// Request is one entry of the log.
type Request struct {
	Method, Path, Query  string
	Authorization, Range string
	Body                 int64 // bytes read of its body
}

// Registry is an [http.Handler]. Use [New].
type Registry struct {
	inner http.Handler

	mu       sync.Mutex
	faults   []*fault
	log      []*Request
	sessions map[string][]byte
	next     int
}

type fault struct {
	Fault
	seen int
}

// New makes an empty registry without faults.
func New() *Registry {
	return &Registry{
		inner:    registry.New(registry.Logger(log.New(io.Discard, "", 0))),
		sessions: map[string][]byte{},
	}
}

// Add appends to the script. The first fault that matches a request is the one that spoils it.
func (g *Registry) Add(faults ...Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range faults {
		g.faults = append(g.faults, &fault{Fault: f})
	}
}

// Log returns the requests so far.
func (g *Registry) Log() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Request, len(g.log))
	for i, r := range g.log {
		out[i] = *r
	}
	return out
}

// Count returns how many requests so far had the method and had part in their path.
func (g *Registry) Count(method, part string) int {
	n := 0
	for _, r := range g.Log() {
		if r.Method == method && strings.Contains(r.Path, part) {
			n++
		}
	}
	return n
}

// Received returns how many bytes of bodies came for uploads.
func (g *Registry) Received() int64 {
	var n int64
	for _, r := range g.Log() {
		if strings.Contains(r.Path, "/blobs/uploads/") {
			n += r.Body
		}
	}
	return n
}

// ServeHTTP implements [http.Handler].
func (g *Registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		Authorization: r.Header.Get("Authorization"), Range: r.Header.Get("Range"),
	}
	r.Body = &counter{r: r.Body, g: g, entry: entry}
	g.mu.Lock()
	g.log = append(g.log, entry)
	var do func(http.ResponseWriter, *http.Request, http.Handler)
	for _, f := range g.faults {
		if f.Method != "" && f.Method != r.Method || !strings.Contains(r.URL.Path, f.Path) {
			continue
		}
		f.seen++
		if f.seen > f.Skip && (f.Times == 0 || f.seen <= f.Skip+f.Times) {
			do = f.Do
			break
		}
	}
	g.mu.Unlock()
	if do != nil {
		do(w, r, http.HandlerFunc(g.serve))
		return
	}
	g.serve(w, r)
}

func (g *Registry) serve(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/blobs/uploads/") {
		g.upload(w, r)
		return
	}
	g.inner.ServeHTTP(w, r)
}

type counter struct {
	r     io.ReadCloser
	g     *Registry
	entry *Request
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	c.entry.Body += int64(n)
	return n, err
}

func (c *counter) Close() error { return c.r.Close() }

// Digest is the digest of bytes, "sha256:...".
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Error writes an error as the distribution specification has it.
func Error(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":%q,"message":%q}]}`, code, message)
}
