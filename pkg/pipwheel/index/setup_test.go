package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/transport"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

const (
	typeJSON = "application/vnd.pypi.simple.v1+json"
	typeHTML = "text/html; charset=utf-8"
)

var errMiss = errors.New("miss")

// memory is a Store, a Wheels and a Local in memory.
type memory struct {
	mu       sync.Mutex
	entries  map[string][]byte
	partials map[string][]byte
	files    map[string][]byte
	puts     int
}

func newMemory() *memory {
	return &memory{entries: map[string][]byte{}, partials: map[string][]byte{}, files: map[string][]byte{}}
}

func (m *memory) Get(collection, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.entries[collection+"/"+key]; ok {
		return b, nil
	}
	return nil, errMiss
}

func (m *memory) Delete(collection, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, collection+"/"+key)
	return nil
}

func (m *memory) Put(collection, key string, content []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[collection+"/"+key] = bytes.Clone(content)
	m.puts++
	return nil
}

// keys are those of a collection.
func (m *memory) keys(collection string) (keys []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k := range m.entries {
		if rest, ok := strings.CutPrefix(k, collection+"/"); ok {
			keys = append(keys, rest)
		}
	}
	return keys
}

type content struct{ *bytes.Reader }

func (content) Close() error { return nil }

type wheels struct{ *memory }

func (w wheels) Open(key string) (Content, error) {
	b, err := w.Get("wheels", key)
	if err != nil {
		return nil, err
	}
	return content{bytes.NewReader(b)}, nil
}

func (w wheels) Partial(key string) (Partial, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &partial{w: w, key: key, b: bytes.Clone(w.partials[key])}, nil
}

type partial struct {
	w    wheels
	key  string
	mu   sync.Mutex
	b    []byte
	done bool
}

func (p *partial) Size() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int64(len(p.b))
}

func (p *partial) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.b = append(p.b, b...)
	return len(b), nil
}

func (p *partial) ReadAt(b []byte, off int64) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.NewReader(p.b).ReadAt(b, off)
}

func (p *partial) Reset() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.b = nil
	return nil
}

func (p *partial) Commit(want [32]byte) (Content, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sha256.Sum256(p.b) != want {
		p.b = nil
		return nil, errors.New("the content differs")
	}
	p.done = true
	return content{bytes.NewReader(p.b)}, p.w.Put("wheels", p.key, p.b)
}

func (p *partial) Close() error {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	delete(p.w.partials, p.key)
	if !p.done && len(p.b) > 0 {
		p.w.partials[p.key] = p.b
	}
	return nil
}

type local struct{ *memory }

func (l local) Files(folder string) (files []LocalFile, err error) {
	for name, b := range l.files {
		if path.Dir(name) == folder {
			files = append(files, LocalFile{path.Base(name), name, int64(len(b))})
		}
	}
	if files == nil {
		return nil, fmt.Errorf("%s: %w", folder, fs.ErrNotExist)
	}
	return files, nil
}

func (l local) Page(file string, _ int64) ([]byte, error) {
	if b, ok := l.files[file]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("%s: %w", file, fs.ErrNotExist)
}

func (l local) Open(file string) (Content, error) {
	b, err := l.Page(file, 0)
	return content{bytes.NewReader(b)}, err
}

// server is an index: what it has, and what it was asked.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	routes map[string]http.HandlerFunc
	asked  []string // "path", with " Range" where one was asked for
	auth   map[string]string
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{routes: map[string]http.HandlerFunc{}, auth: map[string]string{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		line := r.URL.Path
		if v := r.Header.Get("Range"); v != "" {
			line += " " + v
		}
		s.asked = append(s.asked, line)
		s.auth[r.URL.Path] = r.Header.Get("Authorization")
		h := s.routes[r.URL.Path]
		s.mu.Unlock()
		if h == nil {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) on(path string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes[path] = h
}

func (s *server) page(path, kind, body string) {
	s.on(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, body)
	})
}

// bytes serves content, with ranges.
func (s *server) bytes(path string, b []byte) {
	s.on(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(b)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	})
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func (s *server) sent(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.auth[path]
}

// doer is the client that the program uses, without waits.
func doer(t *testing.T) Doer {
	t.Helper()
	c, err := transport.New(transport.Options{
		PlainHTTP: func(string) bool { return true }, Stall: 300 * time.Millisecond,
		Backoff: transport.Backoff{Sleep: func(context.Context, time.Duration) error { return nil }, Budget: 3 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	if o.HTTP == nil {
		o.HTTP = doer(t)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wheel makes one.
func wheel(t *testing.T, w fakewheel.Wheel) (name string, b []byte) {
	t.Helper()
	b, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return w.Filename(), b
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func target() pipwheel.Target {
	return pipwheel.Target{Version: "3.11.4", Implementation: "cpython", Machine: "x86_64", Libc: pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36}}
}

func selector(t *testing.T, newer time.Time) *Selector {
	t.Helper()
	s, err := NewSelector(target(), newer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// versions lists the releases in their order.
func versions(p *Project) string {
	list := make([]string, len(p.Releases))
	for i, r := range p.Releases {
		list[i] = r.Version.String()
	}
	return strings.Join(list, " ")
}

func project(t *testing.T, c *Client, name string) *Project {
	t.Helper()
	p, err := c.Project(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
