//go:build e2e

package e2e

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/singleflight"
)

// index stands before the configured index: pages are asked for once and kept, and get the headers of freshness that
// pypi.org sends and mirrors may leave out, so that no client has to ask for them twice in ten minutes.
type index struct {
	upstream *url.URL
	host     string
	dir      string // of the pages
	files    bool   // links lead here too, and files are kept
	record   traffic
	pages    sync.Map // of *sent, by name
	flights  singleflight.Group
}

// startIndex starts one that keeps its pages in a folder. With files the links of its pages lead to itself, and what is
// downloaded whole is kept as well.
func startIndex(t *testing.T, dir string, files bool) *index {
	t.Helper()
	upstream, err := url.Parse(strings.TrimSuffix(cmp.Or(os.Getenv("PIP_INDEX_URL"), "https://pypi.org/simple/"), "/"))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	x := &index{upstream: upstream, dir: dir, files: files}
	server := httptest.NewServer(http.HandlerFunc(x.serve))
	t.Cleanup(server.Close)
	x.host = server.Listener.Addr().String()
	return x
}

func (x *index) simple() string { return "http://" + x.host + "/simple/" }

// env is what a client needs to reach the files of the configured index.
func (x *index) env() (env []string) {
	for _, name := range []string{"SSL_CERT_FILE", "PIP_CERT", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// asked counts the requests since a mark.
func (x *index) asked(mark int) int { return len(x.record.since(mark)) }

func (x *index) serve(w http.ResponseWriter, r *http.Request) {
	x.record.mu.Lock()
	x.record.all = append(x.record.all, &exchange{method: r.Method, path: r.URL.Path})
	x.record.mu.Unlock()
	if name, ok := strings.CutPrefix(r.URL.Path, "/simple/"); ok {
		x.page(w, r, strings.TrimSuffix(name, "/"))
		return
	}
	if scheme, rest, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/files/"), "/"); ok && x.files && strings.HasPrefix(r.URL.Path, "/files/") {
		host, path, _ := strings.Cut(rest, "/")
		x.file(w, r, &url.URL{Scheme: scheme, Host: host, Path: "/" + path})
		return
	}
	forward(&url.URL{Scheme: x.upstream.Scheme, Host: x.upstream.Host, Path: r.URL.Path}, w, r)
}

// absolute are the links of a page.
var absolute = regexp.MustCompile(`"(https?)://([^/"]+)/`)

// sent is a page as clients get it.
type sent struct{ kind, body, etag string }

func (x *index) page(w http.ResponseWriter, r *http.Request, name string) {
	p, err := x.sent(name)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if p.kind == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "max-age=600, public")
	w.Header().Set("ETag", p.etag)
	if r.Header.Get("If-None-Match") == p.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", p.kind)
	_, _ = io.WriteString(w, p.body)
}

func (x *index) sent(name string) (*sent, error) {
	if p, ok := x.pages.Load(name); ok {
		return p.(*sent), nil
	}
	kept := filepath.Join(x.dir, filepath.Base(name))
	got, err, _ := x.flights.Do(kept, func() (any, error) {
		return once(kept, func() (*http.Response, error) {
			ask, err := http.NewRequest(http.MethodGet, x.upstream.String()+"/"+name+"/", nil)
			if err != nil {
				return nil, err
			}
			ask.Header.Set("Accept", "application/vnd.pypi.simple.v1+json, text/html;q=0.5")
			return http.DefaultClient.Do(ask)
		})
	})
	if err != nil {
		return nil, err
	}
	p := &sent{}
	p.kind, p.body, _ = strings.Cut(got.(string), "\n")
	if x.files {
		p.body = absolute.ReplaceAllString(p.body, `"http://`+x.host+`/files/$1/$2/`)
	}
	sum := sha256.Sum256([]byte(p.body))
	p.etag = `"` + hex.EncodeToString(sum[:8]) + `"`
	x.pages.Store(name, p)
	return p, nil
}

// once answers what a file keeps: a content type and a line's end before the body, only the line's end for what is not
// there. Without the file it is asked for.
func once(file string, ask func() (*http.Response, error)) (string, error) {
	text, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return string(text), err
	}
	resp, err := ask()
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if text, err = io.ReadAll(resp.Body); err != nil {
		return "", err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		text = append([]byte(resp.Header.Get("Content-Type")+"\n"), text...)
	case http.StatusNotFound:
		text = []byte("\n")
	default:
		return "", fmt.Errorf("%s: %s", resp.Request.URL.Redacted(), resp.Status)
	}
	return string(text), replaceFile(file, text)
}

// replaceFile writes a file that is never seen half written.
func replaceFile(file string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	return err
}

// file serves a wheel that is asked for whole from what is kept of it; parts come from where they are.
func (x *index) file(w http.ResponseWriter, r *http.Request, from *url.URL) {
	w.Header().Set("Cache-Control", "max-age=365000000, immutable, public")
	sum := sha256.Sum256([]byte(from.String()))
	kept := filepath.Join(x.dir, hex.EncodeToString(sum[:]))
	if _, err := os.Stat(kept); err != nil && (r.Method != http.MethodGet || r.Header.Get("Range") != "" || !strings.HasSuffix(from.Path, ".whl")) {
		forward(from, w, r)
		return
	}
	_, err, _ := x.flights.Do(kept, func() (any, error) {
		return once(kept, func() (*http.Response, error) { return http.Get(from.String()) })
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	x.keptFile(w, r, kept)
}

// keptFile leaves out the line before the content.
func (x *index) keptFile(w http.ResponseWriter, r *http.Request, kept string) {
	f, err := os.Open(kept)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	head := make([]byte, 256)
	n, readErr := f.ReadAt(head, 0)
	kind, _, ok := strings.Cut(string(head[:n]), "\n")
	if err != nil || !ok || kind == "" {
		http.Error(w, fmt.Sprint(err, readErr), http.StatusNotFound)
		return
	}
	skip := int64(len(kind)) + 1
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", info.ModTime(), io.NewSectionReader(f, skip, info.Size()-skip))
}

func forward(to *url.URL, w http.ResponseWriter, r *http.Request) {
	proxy := httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.Out.URL, p.Out.Host = to, to.Host }}
	proxy.ServeHTTP(w, r)
}
