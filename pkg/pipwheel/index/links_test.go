package index

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

func TestFindLinks(t *testing.T) {
	name, b := wheel(t, fakewheel.Wheel{Name: "Demo.Pkg", Version: "1.0", Requires: []string{"x"}})
	files := newMemory()
	files.files = map[string][]byte{
		"wheels/" + name: b, "wheels/other-2.0.tar.gz": nil, "wheels/README": nil, "wheels/deep/demo_pkg-9-py3-none-any.whl": nil,
		"links/page.html": []byte(`<a href="../wheels/` + name + `">x</a><a href="https://x.example/demo_pkg-3.0-py3-none-any.whl">x</a>`),
	}
	s := newServer(t)
	s.page("/flat/", typeHTML, `<a href="demo_pkg-4.0-py3-none-any.whl">x</a><a href="file:///etc/demo_pkg-5.0-py3-none-any.whl">x</a><a href="some-name-1.0.zip">x</a>`)
	s.page("/simple/demo-pkg/", typeHTML, `<a href="demo_pkg-1.0-py3-none-any.whl">x</a><a href="demo_pkg-6.0-py3-none-any.whl">x</a>`)
	o := Options{IndexURL: s.URL + "/simple", FindLinks: []string{"wheels", "links/page.html", s.URL + "/flat/", "wheels"}, Local: local{files}, Wheels: wheels{files}}
	c := newClient(t, o)
	p := project(t, c, "demo_pkg")
	if versions(p) != "6.0 4.0 3.0 1.0" || p.Source != s.URL+"/simple/" {
		t.Errorf("%s", versions(p))
	}
	first := p.Releases[3].Files()
	if len(first) != 2 || first[0].Path != "wheels/"+name || first[1].Filename != "demo_pkg-1.0-py3-none-any.whl" {
		t.Fatalf("%+v", first)
	}
	if k := selector(t, time.Unix(1, 0)).Candidate(p.Releases[3]); k.Wheel == nil || k.Wheel.Path == "" || !k.Wheel.Local() {
		t.Errorf("%+v", k)
	}
	m, err := c.Metadata(t.Context(), first[0])
	if err != nil || len(m.RequiresDist) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	w, err := c.Download(t.Context(), first[0], DownloadOptions{})
	if err != nil || w.SHA256 != sumOf(b) || !bytes.Equal(got(t, w), b) {
		t.Errorf("%v", err)
	}
	if _, err := c.Download(t.Context(), first[0], DownloadOptions{Hashes: []Hash{{"sha256", sum64}}}); !is[*MismatchError](err) {
		t.Errorf("%v", err)
	}
	if p := project(t, c, "other"); versions(p) != "2.0" || p.Source != "" {
		t.Errorf("%s", versions(p))
	}
	if p := project(t, c, "some-name"); versions(p) != "1.0" {
		t.Errorf("%s", versions(p))
	}
	if n := strings.Count(strings.Join(s.requests(), " "), "/flat/"); n != 1 {
		t.Errorf("the page was read %d times", n)
	}

	o.NoIndex = true
	if p := project(t, newClient(t, o), "demo.pkg"); versions(p) != "4.0 3.0 1.0" {
		t.Errorf("--no-index: %s", versions(p))
	}
	for _, missing := range []string{"nowhere", "nowhere.html", s.URL + "/nowhere"} {
		_, err := newClient(t, Options{NoIndex: true, FindLinks: []string{missing}, Local: local{files}}).Project(t.Context(), "demo")
		if err == nil || !strings.Contains(err.Error(), "--find-links "+missing) {
			t.Errorf("%s: %v", missing, err)
		}
	}
}

// TestLinksByQuery: pages of one address that differ in the query alone are two pages.
func TestLinksByQuery(t *testing.T) {
	s := newServer(t)
	s.on("/flat", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", typeHTML)
		fmt.Fprintf(w, `<a href="demo-%s.0-py3-none-any.whl">x</a>`, r.URL.Query().Get("page"))
	})
	store := newMemory()
	for range 2 {
		c := newClient(t, Options{NoIndex: true, Pages: store, FindLinks: []string{s.URL + "/flat?page=1", s.URL + "/flat?page=2", s.URL + "/flat?page=1"}})
		if got := versions(project(t, c, "demo")); got != "2.0 1.0" {
			t.Errorf("%s", got)
		}
	}
	if n := strings.Count(strings.Join(s.requests(), " "), "/flat"); n != 4 {
		t.Errorf("%d requests: %q", n, s.requests())
	}
	for key := range store.entries {
		if strings.Contains(key, "page=") {
			t.Errorf("a key of the cache: %s", key)
		}
	}
}

// TestFlatAndIndex reads one address as both.
func TestFlatAndIndex(t *testing.T) {
	s := newServer(t)
	s.page("/demo/", typeHTML, `<a href="demo-1.0-py3-none-any.whl">x</a><a href="other-1.0-py3-none-any.whl">x</a>`)
	store := newMemory()
	for range 2 {
		o := Options{IndexURL: s.URL, Pages: store, FindLinks: []string{s.URL + "/demo/"}}
		c := newClient(t, o)
		if a, b := versions(project(t, c, "demo")), versions(project(t, c, "other")); a != "1.0" || b != "1.0" {
			t.Errorf("%q, %q", a, b)
		}
	}
}

func TestIndexOnTheHost(t *testing.T) {
	files := newMemory()
	files.files = map[string][]byte{
		"/simple/demo/index.html":                    []byte(`<a href="../../f/demo-2.0-py3-none-any.whl#sha256=` + sum64 + `">x</a>`),
		"/simple/other/other-1.0-py3-none-any.whl":   {},
		"/simple/other/stranger-1-py3-none-any.whl":  {},
		"/simple/other/other-1.0-cp39-cp39-what.txt": {},
	}
	c := newClient(t, Options{IndexURL: "file:///simple", Local: local{files}})
	f := project(t, c, "demo").Releases[0].Files()[0]
	if f.Path != "/f/demo-2.0-py3-none-any.whl" || f.URL != "" || f.SHA256() != sum64 {
		t.Errorf("%+v", f)
	}
	if p := project(t, c, "other"); versions(p) != "1.0" || p.Releases[0].Files()[0].Path != "/simple/other/other-1.0-py3-none-any.whl" {
		t.Errorf("%s", versions(p))
	}
	if _, err := c.Project(t.Context(), "missing"); !is[*NotFoundError](err) {
		t.Errorf("%v", err)
	}
}

func TestFileAt(t *testing.T) {
	f, err := FileAt("https://u:p@x.example/a/demo-1.0%2Blocal-py3-none-any.whl?t=1#sha256=" + sum64 + "&egg=demo")
	if err != nil || f.Filename != "demo-1.0+local-py3-none-any.whl" || f.URL != "https://x.example/a/demo-1.0%2Blocal-py3-none-any.whl?t=1" || f.SHA256() != sum64 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err = FileAt("file:///w/demo-1.0-py3-none-any.whl"); err != nil || f.Path != "/w/demo-1.0-py3-none-any.whl" {
		t.Errorf("%+v, %v", f, err)
	}
	for _, text := range []string{"https://x.example/demo-1.0.tar.gz", "git+https://x.example/r", "", "https://u:s3cret@x.example/"} {
		if _, err := FileAt(text); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", text, err)
		}
	}
	s := newServer(t)
	b := blob(10)
	s.bytes("/demo-1.0-py3-none-any.whl", b)
	if f, err = FileAt(strings.Replace(s.URL, "://", "://u:p@", 1) + "/demo-1.0-py3-none-any.whl"); err != nil {
		t.Fatal(err)
	}
	if _, err := newClient(t, Options{NoIndex: true, Wheels: wheels{newMemory()}}).Download(t.Context(), f, DownloadOptions{}); err != nil || s.sent("/demo-1.0-py3-none-any.whl") != basic("u", "p") {
		t.Errorf("%v, %q", err, s.sent("/demo-1.0-py3-none-any.whl"))
	}
}
