package index

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestCredentials(t *testing.T) {
	s, other := newServer(t), newServer(t)
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", typeHTML)
		fmt.Fprintf(w, `<a href="%s/f/demo-1-py3-none-any.whl" data-core-metadata>x</a>`, s.URL)
	}
	meta := "Metadata-Version: 2.1\nName: demo\nVersion: 1\n"
	for _, at := range []string{"/a/simple/demo/", "/b/simple/demo/"} {
		s.on(at, page)
	}
	s.page("/f/demo-1-py3-none-any.whl.metadata", "text/plain", meta)
	s.on("/moved/demo/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/demo/", http.StatusFound)
	})
	other.on("/demo/", page)
	with := func(path, user string) string { return strings.Replace(s.URL, "://", "://"+user+"@", 1) + path }

	netrc, err := ParseNetrc("machine 127.0.0.1 login net password rc")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"LAYERPACK_INDEX_127_0_0_1_USERNAME": "en", "LAYERPACK_INDEX_127_0_0_1_PASSWORD": "v"}
	for name, c := range map[string]struct {
		options Options
		at      string
		want    string
	}{
		"url":                 {Options{IndexURL: with("/a/simple", "us%40er:p%3Aw")}, "/a/simple/demo/", basic("us@er", "p:w")},
		"none":                {Options{IndexURL: s.URL + "/a/simple"}, "/a/simple/demo/", ""},
		"netrc":               {Options{IndexURL: s.URL + "/a/simple", Netrc: netrc}, "/a/simple/demo/", basic("net", "rc")},
		"env":                 {Options{IndexURL: s.URL + "/a/simple", Netrc: netrc, Hosts: []string{s.URL}, Getenv: func(k string) string { return env[k] }}, "/a/simple/demo/", basic("en", "v")},
		"env of another host": {Options{IndexURL: s.URL + "/a/simple", Hosts: []string{"https://127.0.0.1", "http://127-0-0-1"}, Getenv: func(k string) string { return env[k] }}, "/a/simple/demo/", ""},
		"two on one host": {
			Options{IndexURL: with("/b/simple", "b:2"), ExtraIndexURLs: []string{with("/a/simple", "a:1")}, Netrc: netrc}, "/a/simple/demo/", basic("a", "1"),
		},
	} {
		client := newClient(t, c.options)
		p := project(t, client, "demo")
		if got := s.sent(c.at); got != c.want {
			t.Errorf("%s: page: got %q, want %q", name, got, c.want)
		}
		if _, err := client.Metadata(t.Context(), p.Releases[0].Files()[0]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := s.sent("/f/demo-1-py3-none-any.whl.metadata"); got != c.want {
			t.Errorf("%s: file: got %q, want %q", name, got, c.want)
		}
	}

	project(t, newClient(t, Options{IndexURL: with("/moved", "secret:word")}), "demo")
	if s.sent("/moved/demo/") == "" || other.sent("/demo/") != "" {
		t.Errorf("a redirect took %q to another host", other.sent("/demo/"))
	}
}

// TestNoCredentialInErrors runs into every error that holds an address.
func TestNoCredentialInErrors(t *testing.T) {
	s := newServer(t)
	s.on("/401/demo/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	s.page("/kind/demo/", "text/plain", "x")
	s.page("/json/demo/", typeJSON, "x")
	s.page("/html/demo/", typeHTML, `<meta name="pypi:repository-version" content="9">`)
	s.page("/link/demo/", typeHTML, `<a href="http://user:s3cret@127.0.0.1:1/demo-1-py3-none-any.whl?sig=s3cret">x</a>`)
	with := func(base, path string) string {
		return strings.Replace(base, "://", "://user:s3cret@", 1) + path + "?token=s3cret"
	}
	store := newMemory()
	s.page("/good/demo/", typeHTML, `<a href="demo-1-py3-none-any.whl?sig=s3cret#sha256=`+sumOf([]byte("x"))+`" data-core-metadata>x</a>`)
	s.page("/good/demo/demo-1-py3-none-any.whl.metadata", "text/plain", "Name: demo\nVersion: 1\n")
	c := newClient(t, Options{IndexURL: with(s.URL, "/good"), Pages: store, Wheels: wheels{newMemory()}})
	if _, err := c.Metadata(t.Context(), project(t, c, "demo").Releases[0].Files()[0]); err != nil {
		t.Error(err)
	}
	for key := range store.entries {
		if strings.Contains(key, "s3cret") {
			t.Errorf("a key of the cache: %s", key)
		}
	}
	for _, path := range []string{"/404", "/401", "/kind", "/json", "/html"} {
		_, err := newClient(t, Options{IndexURL: with(s.URL, path)}).Project(t.Context(), "demo")
		if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		_, err = newClient(t, Options{NoIndex: true, FindLinks: []string{with(s.URL, path)}}).Project(t.Context(), "demo")
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("--find-links %s: %v", path, err)
		}
	}
	for _, d := range []Doer{doer(t), http.DefaultClient} {
		_, err := newClient(t, Options{HTTP: d, IndexURL: with("http://127.0.0.1:1", "/simple")}).Project(t.Context(), "demo")
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%T: %v", d, err)
		}
	}
	p := project(t, newClient(t, Options{IndexURL: s.URL + "/link"}), "demo")
	f := p.Releases[0].Files()[0]
	c = newClient(t, Options{IndexURL: s.URL + "/link", Wheels: wheels{newMemory()}})
	_, err1 := c.Metadata(t.Context(), f)
	_, err2 := c.Download(t.Context(), f, DownloadOptions{})
	for _, err := range []error{err1, err2} {
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
	if strings.Contains(f.URL, "user") {
		t.Errorf("credentials of a page were taken over: %s", f.URL)
	}
	if got := newClient(t, Options{IndexURL: with("https://x.example", "/")}).Indexes(); strings.Contains(strings.Join(got, " "), "s3cret") {
		t.Errorf("%v", got)
	}
}

func TestTrustedHost(t *testing.T) {
	for host, want := range map[string]bool{"a.example": true, "a.example:80": true, "b.example:81": true, "b.example": false, "b.example:82": false, "[::1]:80": true, "": false} {
		if got := TrustedHost([]string{"A.example", "b.example:81", "[::1]", ""}, host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
	_, err := newClient(t, Options{IndexURL: "http://plain.example/simple", TrustedHosts: []string{"other.example"}}).Project(t.Context(), "demo")
	if err == nil || !strings.Contains(err.Error(), "--trusted-host plain.example") {
		t.Errorf("%v", err)
	}
}
