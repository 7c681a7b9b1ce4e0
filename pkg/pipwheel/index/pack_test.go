package index

import (
	"bytes"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"
)

func parsed(t *testing.T, body string) *listing {
	t.Helper()
	base, err := url.Parse("https://x.example/simple/demo/")
	if err != nil {
		t.Fatal(err)
	}
	l, err := parseJSON([]byte(body), base)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPackKeepsEverything(t *testing.T) {
	l := &listing{status: "active", reason: "r", notes: []string{"n"}, files: []File{
		{
			Filename: "demo-1.0-py3-none-any.whl", URL: "https://x.example/f/demo-1.0-py3-none-any.whl", Size: 5, RequiresPython: ">=3", Yanked: true,
			Hashes:   sortHashes([]Hash{{"sha256", sum64}, {"md5", "d41d8cd98f00b204e9800998ecf8427e"}}),
			Uploaded: time.UnixMilli(-5).UTC(), HasMetadata: true, MetadataSHA256: strings.Repeat("b", 64),
		},
		{Filename: "demo-1.0.tar.gz", URL: "https://y.example/other", Size: 1 << 40, YankedReason: ""},
		{Filename: "demo-1.0.zip", Path: "/w/demo-1.0.zip", HasMetadata: true},
	}}
	p, err := unpack(string(pack(l, "demo")), nil)
	if err != nil || p.status != "active" || p.reason != "r" || len(p.notes) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	got := p.files(p.releases[0].files)
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", l.files) {
		t.Errorf("got  %+v\nwant %+v", got, l.files)
	}
}

// TestPackIsStable packs pages in other orders and on other numbers of cores.
func TestPackIsStable(t *testing.T) {
	l := parsed(t, demoJSON)
	want := pack(l, "demo")
	for i := range 4 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1 + i%2))
		l = parsed(t, demoJSON)
		l.files = append(l.files[i:len(l.files):len(l.files)], l.files[:i]...)
		if got := pack(l, "demo"); !bytes.Equal(got, want) {
			t.Errorf("turned by %d, the same page gives other bytes", i)
		}
	}
}

func TestUnpackRefusesDamage(t *testing.T) {
	b := pack(parsed(t, demoJSON), "demo")
	for i := range b {
		if _, err := unpack(string(b[:i]), nil); err == nil {
			t.Errorf("%d bytes of %d were read", i, len(b))
		}
	}
	e := (&entry{asked: time.Unix(5, 0), fresh: time.Minute, etag: "e", modified: "m", page: string(b)}).encode()
	got, err := decodeEntry(e)
	if err != nil || got.etag != "e" || got.modified != "m" || got.page != string(b) || !got.asked.Equal(time.Unix(5, 0)) || got.fresh != time.Minute {
		t.Errorf("%+v, %v", got, err)
	}
	for i := range len(e) - len(b) {
		if _, err := decodeEntry(e[:i]); err == nil {
			t.Errorf("%d bytes of an entry were read", i)
		}
	}
}

func TestSplitFilename(t *testing.T) {
	for file, want := range map[string][3]string{ // name, version of the project my-pkg; of any project
		"my_pkg-1.0-py3-none-any.whl": {"1.0", "my-pkg", "1.0"},
		"My.Pkg-1.0-py3-none-any.whl": {"1.0", "my-pkg", "1.0"},
		"my-pkg-1.0.tar.gz":           {"1.0", "my-pkg", "1.0"},
		"my_pkg-1.0-1.tar.gz":         {"1.0-1", "my-pkg-1-0", "1"},
		"my-pkg-extra-1.0.zip":        {"extra-1.0", "my-pkg-extra", "1.0"},
		"other-1.0.tar.gz":            {"", "other", "1.0"},
		"my_pkg-1.0.egg":              {},
		"my_pkg.whl":                  {},
		"-1.0.zip":                    {},
	} {
		_, v, _ := splitFilename(file, "my-pkg")
		name, anyVersion, _ := splitFilename(file, "")
		if v != want[0] || name != want[1] || anyVersion != want[2] {
			t.Errorf("%s: got %q; %q %q", file, v, name, anyVersion)
		}
	}
}
