package index

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const sum64 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

const demoJSON = `{"meta": {"api-version": "1.4"}, "name": "demo", "project-status": {"status": "archived", "reason": "done"},
 "versions": ["1.0", "2.0"], "unknown": [{"a": 1e9}, null],
 "files": [
  {"filename": "demo-1.0-py3-none-any.whl", "url": "../../files/demo-1.0-py3-none-any.whl", "hashes": {"sha256": "` + sum64 + `", "blake2b": "00"},
   "requires-python": ">=3.8", "size": 123, "upload-time": "2024-01-02T03:04:05.678901Z", "yanked": "broken", "core-metadata": {"sha256": "` + sum64 + `"}},
  {"filename": "demo-2.0-py3-none-any.whl", "url": "https://files.example/demo-2.0-py3-none-any.whl", "hashes": {}, "yanked": false, "core-metadata": true, "dist-info-metadata": false},
  {"filename": "demo-2.0.tar.gz", "url": "demo-2.0.tar.gz#sha256=` + sum64 + `", "hashes": {}, "requires-python": null, "dist-info-metadata": {"sha256": "` + sum64 + `"}},
  {"filename": "demo-10.0.0-cp311-cp311-manylinux_2_17_x86_64.whl", "url": "//user:pass@other.example/a%20b/demo-10.0.0-cp311-cp311-manylinux_2_17_x86_64.whl", "hashes": {"md5": "d41d8cd98f00b204e9800998ecf8427e"}},
  {"filename": "other-3.0-py3-none-any.whl", "url": "other-3.0-py3-none-any.whl", "hashes": {}},
  {"filename": "demo-nonsense-py3-none-any.whl", "url": "x.whl", "hashes": {}},
  {"filename": "demo-4.0-py3-none-any.whl", "url": "file:///etc/passwd", "hashes": {}},
  {"filename": "../demo-5.0-py3-none-any.whl", "url": "x", "hashes": {}}
 ]}`

const demoHTML = `<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.3">
<meta name="pypi:project-status" content="archived"><meta name="pypi:project-status-reason" content="done"></head><body>
<!-- <a href="demo-9.0-py3-none-any.whl">no</a> --><script>"<a href='demo-8.0-py3-none-any.whl'>"</script>
<a href="../../files/demo-1.0-py3-none-any.whl#sha256=` + sum64 + `" data-requires-python="&gt;=3.8" data-yanked="broken" data-core-metadata="sha256=` + sum64 + `">x</a>
<A HREF='https://files.example/demo-2.0-py3-none-any.whl' data-dist-info-metadata=true>demo</A>
<a href="demo-2.0.tar.gz#sha256=` + sum64 + `">demo-2.0.tar.gz</a>
<a href="//user:pass@other.example/a%20b/demo-10.0.0-cp311-cp311-manylinux_2_17_x86_64.whl#md5=d41d8cd98f00b204e9800998ecf8427e">x</a>
<a href="other-3.0-py3-none-any.whl">other</a><a href="demo-4.0-py3-none-any.whl#sha256=zz">bad</a><a href="file:///demo-4.0-py3-none-any.whl">bad</a>
<a href="demo-nonsense-py3-none-any.whl">x</a><a name=here>no link</a> <a href="../">up</a> <a href="http://[bad">x</a></body></html>`

// describe writes a file with all that is known of it.
func describe(f File) string {
	return fmt.Sprintf("%s %s %v %d %s %q %v %q %v %.4s", f.Filename, f.URL, f.Hashes, f.Size, f.Uploaded.Format(time.RFC3339Nano), f.RequiresPython,
		f.Yanked, f.YankedReason, f.HasMetadata, f.MetadataSHA256)
}

func TestPages(t *testing.T) {
	const zero = "0001-01-01T00:00:00Z"
	for kind, body := range map[string]string{typeJSON: demoJSON, typeHTML: demoHTML, "application/vnd.pypi.simple.v1+html": demoHTML, "application/json": demoJSON} {
		t.Run(kind, func(t *testing.T) {
			s := newServer(t)
			s.page("/simple/demo/", kind, body)
			p := project(t, newClient(t, Options{IndexURL: s.URL + "/simple"}), "Demo")
			size, uploaded := 0, zero
			if strings.Contains(kind, "json") {
				size, uploaded = 123, "2024-01-02T03:04:05.678Z"
			}
			want := []string{
				"demo-10.0.0-cp311-cp311-manylinux_2_17_x86_64.whl http://other.example/a%20b/demo-10.0.0-cp311-cp311-manylinux_2_17_x86_64.whl [md5:d41d8cd98f00b204e9800998ecf8427e] 0 " + zero + ` "" false "" false `,
				"demo-2.0-py3-none-any.whl https://files.example/demo-2.0-py3-none-any.whl [] 0 " + zero + ` "" false "" true `,
				"demo-2.0.tar.gz " + s.URL + "/simple/demo/demo-2.0.tar.gz [sha256:" + sum64 + "] 0 " + zero + ` "" false "" ` + fmt.Sprint(strings.Contains(kind, "json")),
				"demo-1.0-py3-none-any.whl " + s.URL + "/files/demo-1.0-py3-none-any.whl [sha256:" + sum64 + "] " + fmt.Sprint(size) + " " + uploaded + ` ">=3.8" true "broken" true aaaa`,
			}
			var got []string
			for _, r := range p.Releases {
				for _, f := range r.Files() {
					got = append(got, describe(f))
				}
			}
			if len(got) != len(want) {
				t.Fatalf("files:\n%s", strings.Join(got, "\n"))
			}
			for i := range want {
				if !strings.HasPrefix(got[i], want[i]) {
					t.Errorf("got  %s\nwant %s", got[i], want[i])
				}
			}
			if versions(p) != "10.0.0 2.0 1.0" || p.Status != "archived" || p.StatusReason != "done" || p.Source != s.URL+"/simple/" {
				t.Errorf("%s, %s %s of %s", versions(p), p.Status, p.StatusReason, p.Source)
			}
			if notes := strings.Join(p.Notes, "\n"); len(p.Notes) != 3 || !strings.Contains(notes, "another name") || !strings.Contains(notes, "PEP 440") || !strings.Contains(notes, "left out") {
				t.Errorf("notes: %s", notes)
			}
		})
	}
}

func TestPageAddresses(t *testing.T) {
	s := newServer(t)
	s.page("/moved/demo/", typeHTML, `<base href="/files/"><base href="/no/"><a href="demo-1.0-py3-none-any.whl">x</a>`)
	s.page("/there/demo/", typeHTML, `<a href="demo-1.0-py3-none-any.whl">x</a>`)
	s.on("/simple/demo/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/there/demo/", http.StatusFound) })
	for index, want := range map[string]string{"/moved": "/files/demo-1.0-py3-none-any.whl", "/simple/": "/there/demo/demo-1.0-py3-none-any.whl"} {
		p := project(t, newClient(t, Options{IndexURL: s.URL + index}), "demo")
		if got := p.Releases[0].Files()[0].URL; got != s.URL+want {
			t.Errorf("%s: %s", index, got)
		}
	}
}

func TestNegotiation(t *testing.T) {
	s := newServer(t)
	accept := ""
	s.on("/simple/demo/", func(w http.ResponseWriter, r *http.Request) {
		accept = r.Header.Get("Accept")
		w.Header().Set("Content-Type", typeJSON)
		fmt.Fprint(w, demoJSON)
	})
	project(t, newClient(t, Options{IndexURL: s.URL + "/simple"}), "demo")
	if !strings.HasPrefix(accept, "application/vnd.pypi.simple.v1+json,") || !strings.HasSuffix(accept, "text/html;q=0.01") {
		t.Errorf("Accept: %s", accept)
	}
	for kind, body := range map[string]string{
		"application/vnd.pypi.simple.v2+json": demoJSON, "text/plain": demoHTML, "": "{}",
		typeJSON: `{"meta": {"api-version": "2.0"}, "files": []}`, typeHTML: `<meta name="pypi:repository-version" content="2.0">`,
	} {
		s.page("/simple/demo/", kind, body)
		_, err := newClient(t, Options{IndexURL: s.URL + "/simple"}).Project(t.Context(), "demo")
		if err == nil {
			t.Errorf("%q was accepted", kind)
		}
	}
}

func TestFirstIndexCounts(t *testing.T) {
	private, extra, public := newServer(t), newServer(t), newServer(t)
	page := func(v string) string { return `<a href="demo-` + v + `-py3-none-any.whl">x</a>` }
	extra.page("/demo/", typeHTML, page("1.0"))
	public.page("/demo/", typeHTML, page("99.0"))
	public.page("/other/", typeHTML, `<a href="other-1-py3-none-any.whl">x</a>`)
	c := newClient(t, Options{IndexURL: public.URL, ExtraIndexURLs: []string{private.URL, extra.URL, public.URL}})
	if p := project(t, c, "demo"); versions(p) != "1.0" || p.Source != extra.URL+"/" {
		t.Errorf("%s of %s", versions(p), p.Source)
	}
	if got := public.requests(); len(got) != 0 {
		t.Errorf("the public index heard of the name: %v", got)
	}
	project(t, c, "other")
	_, err := c.Project(t.Context(), "Missing.Name")
	missing, ok := errors.AsType[*NotFoundError](err)
	if !ok || missing.Name != "missing-name" || len(missing.Asked) != 3 {
		t.Errorf("%v", err)
	}
	private.on("/demo/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	_, err = newClient(t, Options{IndexURL: public.URL, ExtraIndexURLs: []string{private.URL}}).Project(t.Context(), "demo")
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != http.StatusForbidden || !strings.Contains(err.Error(), "netrc") {
		t.Errorf("a 403 let the next index in: %v", err)
	}
}

func TestOneRequestPerName(t *testing.T) {
	s := newServer(t)
	s.page("/simple/demo/", typeJSON, demoJSON)
	c := newClient(t, Options{IndexURL: s.URL + "/simple", Parallel: 4})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Project(t.Context(), "demo"); err != nil {
				t.Error(err)
			}
			if _, err := c.Project(t.Context(), "missing"); err == nil {
				t.Error("a project that is not there")
			}
		})
	}
	wg.Wait()
	got := s.requests()
	slices.Sort(got)
	if !slices.Equal(got, []string{"/simple/demo/", "/simple/missing/"}) {
		t.Errorf("asked %v", got)
	}
}

func TestAbsentAs403(t *testing.T) {
	for host, want := range map[string]bool{"download.pytorch.org": true, "pytorch.org": true, "notpytorch.org": false, "pytorch.org.example": false} {
		if got := absentAs403(&url.URL{Host: host}); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{
		{IndexURL: "ftp://x/"},
		{IndexURL: "/a/folder"},
		{IndexURL: "https://"},
		{IndexURL: "https://x"},
		{NoIndex: true, FindLinks: []string{""}},
		{NoIndex: true, FindLinks: []string{"/folder"}},
		{IndexURL: "file://host/x"},
		{HTTP: http.DefaultClient, IndexURL: "https://user:s3cret@[bad"},
	} {
		_, err := New(o)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
