//go:build e2e

package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// exchange is one request as it went past the proxy.
type exchange struct {
	method, path, query string
	status              atomic.Int64
	sent, received      atomic.Int64 // bytes of the bodies: of the request, of the response
}

// traffic is all that went past, in the order in which it was asked.
type traffic struct {
	mu  sync.Mutex
	all []*exchange
}

// mark answers a place to look from, with since.
func (l *traffic) mark() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all)
}

func (l *traffic) since(mark int) []*exchange {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*exchange(nil), l.all[mark:]...)
}

// uploaded counts the bytes of blobs that were sent.
func uploaded(all []*exchange) (n int64) {
	for _, e := range all {
		if strings.Contains(e.path, "/blobs/uploads/") {
			n += e.sent.Load()
		}
	}
	return n
}

// downloaded counts the bytes received of the blobs wanted.
func downloaded(all []*exchange, wanted map[string]bool) (n int64) {
	for _, e := range all {
		if _, digest, ok := strings.Cut(e.path, "/blobs/"); ok && wanted[digest] && e.method == http.MethodGet {
			n += e.received.Load()
		}
	}
	return n
}

// manifestsPut lists the paths of manifests that were written.
func manifestsPut(all []*exchange) (paths []string) {
	for _, e := range all {
		if e.method == http.MethodPut && strings.Contains(e.path, "/manifests/") {
			paths = append(paths, e.path)
		}
	}
	return paths
}

// uploadsOf lists the requests that finish an upload of one of the blobs: it was sent, not mounted.
func uploadsOf(all []*exchange, blobs map[string]bool) (paths []string) {
	for _, e := range all {
		q, err := url.ParseQuery(e.query)
		if err == nil && e.method != http.MethodGet && blobs[q.Get("digest")] {
			paths = append(paths, e.method+" "+e.path)
		}
	}
	return paths
}

// mounted counts the blobs that the registry took over from another repository.
func mounted(all []*exchange, blobs map[string]bool) (n int) {
	for _, e := range all {
		q, err := url.ParseQuery(e.query)
		if err == nil && e.method == http.MethodPost && blobs[q.Get("mount")] && e.status.Load() == http.StatusCreated {
			n++
		}
	}
	return n
}

// startProxy puts a proxy that records everything before the server at addr.
func startProxy(t *testing.T, addr string, record *traffic) (host string) {
	t.Helper()
	proxy := httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", addr
			r.Out.Host = r.In.Host // the registry builds its Locations from it: they lead back here
		},
		FlushInterval: -1,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &exchange{method: r.Method, path: r.URL.Path, query: r.URL.RawQuery}
		record.mu.Lock()
		record.all = append(record.all, e)
		record.mu.Unlock()
		r.Body = &countedBody{r.Body, &e.sent}
		proxy.ServeHTTP(&countedWriter{ResponseWriter: w, exchange: e}, r)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

type countedBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}

type countedWriter struct {
	http.ResponseWriter
	exchange *exchange
}

// Unwrap lets the proxy reach what the server's own writer can do besides.
func (w *countedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *countedWriter) WriteHeader(status int) {
	w.exchange.status.Store(int64(status))
	w.ResponseWriter.WriteHeader(status)
}

func (w *countedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.exchange.received.Add(int64(n))
	return n, err
}
