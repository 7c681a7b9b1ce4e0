package index

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// checkListing asks of every page that was read: addresses are what a page may name, digests are
// digests, and packing loses nothing.
func checkListing(t *testing.T, l *listing) {
	t.Helper()
	for _, f := range l.files {
		u, err := url.Parse(f.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || f.Path != "" {
			t.Fatalf("address %q: %v", f.URL, err)
		}
		if !cleanName(f.Filename) {
			t.Fatalf("name %q", f.Filename)
		}
		for _, h := range f.Hashes {
			if back, err := ParseHash(h.String()); err != nil || back != h {
				t.Fatalf("hash %q", h)
			}
		}
	}
	p, err := unpack(string(pack(l, "")), nil)
	if err != nil {
		t.Fatal(err)
	}
	groups, _ := group(l, "")
	if len(groups) != len(p.releases) {
		t.Fatalf("%d versions, packed %d", len(groups), len(p.releases))
	}
	for i, r := range p.releases {
		want := groups[i].files
		got := p.files(r.files)
		if len(got) != len(want) {
			t.Fatalf("%s: %d files, packed %d", r.version, len(got), len(want))
		}
		for i := range got {
			if describe(got[i]) != describe(*want[i]) {
				t.Fatalf("got  %s\nwant %s", describe(got[i]), describe(*want[i]))
			}
		}
	}
}

func FuzzJSONPage(f *testing.F) {
	f.Add([]byte(demoJSON))
	f.Add([]byte(`{"meta":{"api-version":"1.1","project-status":"x"},"files":[{"filename":"a-1.zip","url":"b\u002fa","hashes":{"md5":null},"size":-1,"yanked":""}]}`))
	f.Add([]byte(`{"files":[],"x":[-1.5e+3,true,"\ud800"]}`))
	base := &url.URL{Scheme: "https", Host: "x.example", Path: "/simple/demo/"}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parseJSON(b, base)
		if err != nil {
			return
		}
		if !json.Valid(b) {
			t.Fatalf("not JSON, but read: %q", b)
		}
		checkListing(t, l)
	})
}

// FuzzJSONScanner compares what is skipped with what encoding/json takes for JSON.
func FuzzJSONScanner(f *testing.F) {
	for _, s := range []string{demoJSON, `[1,-0.5E-7,"\u00e9\n",null]`, ` "x" `, `{"a":{}}x`, `01`, `tru`, `"\x"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &jsonScanner{b: b}
		err := s.skip()
		if err == nil {
			err = s.end()
		}
		valid := json.Valid(b) && utf8.Valid(b)
		if deep := err != nil && strings.Contains(err.Error(), "too deep"); valid != (err == nil) && !deep {
			t.Fatalf("%q: %v, encoding/json says %v", b, err, valid)
		}
	})
}

// FuzzHTMLPage compares what is read quickly with what is read by all rules, too.
func FuzzHTMLPage(f *testing.F) {
	f.Add([]byte(demoHTML))
	f.Add([]byte(plainHTML))
	f.Add([]byte(`<base href="https://u:p@y.example/a/?q#f"><a href="a-1.zip#sha256=">x</a><a href=" a-1.tgz?x#egg=1 " data-yanked data-core-metadata=false>`))
	base := &url.URL{Scheme: "https", Host: "x.example", Path: "/simple/demo/"}
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := parseHTML(b, base); err == nil {
			checkListing(t, l)
		}
		quick, slow := newHTMLPage(base), newHTMLPage(base)
		if !quick.quick(b) {
			return
		}
		if err := slow.tokens(b); err != nil {
			t.Fatalf("%q: read quickly, else %v", b, err)
		}
		got, want := said(quick), said(slow)
		if got != want {
			t.Fatalf("%q\ngot  %s\nwant %s", b, got, want)
		}
	})
}

// said is all that was read of a page.
func said(p *htmlPage) string {
	return fmt.Sprintf("%+v %s %v %v", p.list, p.resolve.base, p.resolve.notes(), p.err)
}

func FuzzPipConf(f *testing.F) {
	f.Add(demoConf)
	f.Add("[a]\nb\t=c\n d\n\n[DEFAULT]\nb:1\n[c]d\n")
	f.Fuzz(func(t *testing.T, text string) {
		conf, err := ParsePipConf(text)
		if err != nil {
			return
		}
		for section, options := range conf {
			for name, value := range options {
				if section == "" || name == "" || name != optionName(name) && !strings.HasPrefix(name, "--") || strings.HasSuffix(value, "\n") {
					t.Fatalf("[%q] %q = %q", section, name, value)
				}
			}
		}
		_, _ = PipDefaults([]PipFile{{"x", conf}}, func(string) string { return "" }, "install")
	})
}

func FuzzNetrc(f *testing.F) {
	f.Add("machine a login b password \"c d\"\nmacdef x\ny\n\ndefault login \\\"\n# c\n")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseNetrc(text)
		if err != nil {
			return
		}
		for host, user := range n.machines {
			if user == nil || strings.ToLower(host) == host && n.lookup(host) != user {
				t.Fatalf("%q has no credentials", host)
			}
		}
	})
}

func FuzzEntry(f *testing.F) {
	base := &url.URL{Scheme: "https", Host: "x.example", Path: "/simple/demo/"}
	l, err := parseJSON([]byte(demoJSON), base)
	if err != nil {
		f.Fatal(err)
	}
	f.Add((&entry{etag: "e", page: string(pack(l, "demo"))}).encode())
	f.Add((&entry{missing: true}).encode())
	f.Add((&Metadata{Name: "a", RequiresDist: []string{"b"}}).encode())
	f.Add(validators{"a", "b"}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := decodeEntry(b); err == nil {
			if again, err := decodeEntry(e.encode()); err != nil || again.page != e.page || again.etag != e.etag {
				t.Fatal("an entry changes when it is written again")
			}
			if p, err := unpack(e.page, nil); err == nil {
				for _, r := range p.releases {
					_ = p.files(r.files)
				}
			}
		}
		if m, err := decodeMetadata(b); err == nil && !bytes.Equal(m.encode(), b) {
			if again, err := decodeMetadata(m.encode()); err != nil || again.Name != m.Name {
				t.Fatal("metadata changes when it is written again")
			}
		}
		_, _ = decodeValidators(b)
	})
}

// FuzzZipEnd reads METADATA out of damaged archives.
func FuzzZipEnd(f *testing.F) {
	b, err := fakewheel.Wheel{Name: "demo", Version: "1.0", Deflate: true}.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(append(append([]byte("PK\x06\x06"), make([]byte, 52)...), "PK\x06\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &ranged{url: &url.URL{}, size: int64(len(b)), tail: b}
		if content, err := r.member(t.Context()); err == nil && len(content) > maxMetadata {
			t.Fatalf("%d bytes", len(content))
		}
		r.grow(t.Context())
		if at := infoStart(b, 7); at < 0 || at > 7 {
			t.Fatalf("metadata at %d", at)
		}
		_, _, _, _ = contentRange(string(b))
	})
}
