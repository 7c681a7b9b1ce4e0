package pipwheel_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

const someSHA256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

func TestRecordedURL(t *testing.T) {
	for named, want := range map[string]string{
		"https://example.com/a/demo.whl":                   "https://example.com/a/demo.whl",
		"http://127.0.0.1:8080/demo.whl":                   "http://127.0.0.1:8080/demo.whl",
		"https://[::1]:8080/demo.whl":                      "https://[::1]:8080/demo.whl",
		"HTTPS://Example.COM:443/A%2fb%20c/demo.whl":       "https://Example.COM:443/A%2fb%20c/demo.whl",
		"https://example.com/größe/𝒳 y/demo.whl":           "https://example.com/größe/𝒳 y/demo.whl",
		"https://example.com/a@b/../demo.whl;x":            "https://example.com/a@b/../demo.whl;x",
		"https://example.com":                              "https://example.com",
		"https://example.com/demo.whl?":                    "https://example.com/demo.whl",
		"https://example.com?":                             "https://example.com",
		"https://example.com/demo.whl?a=b?":                "https://example.com/demo.whl?a=b?",
		"https://example.com?u=me@x":                       "https://example.com?u=me@x",
		"https://example.com/demo.whl#":                    "https://example.com/demo.whl",
		"https://example.com/demo.whl?#sha256=00&egg=demo": "https://example.com/demo.whl",
		"https://me@example.com/demo.whl":                  "https://example.com/demo.whl",
		"https://me:pw@example.com/demo.whl?q#f":           "https://example.com/demo.whl?q",
		"https://me:p@w:%2F@example.com/demo.whl":          "https://example.com/demo.whl",
		"https://@example.com/demo.whl":                    "https://example.com/demo.whl",
		"https://${USER}:${PASS}@example.com/demo.whl":     "https://example.com/demo.whl",
		"https://git@example.com/demo.whl":                 "https://example.com/demo.whl",
		"":                                                 "",
		"demo.whl":                                         "",
		"./wheels/demo.whl":                                "",
		"/home/me/demo.whl":                                "",
		`C:\wheels\demo.whl`:                               "",
		"file:///home/me/d.whl":                            "",
		"file://host/d.whl":                                "",
		"httpsfolder/x:/demo.whl":                          "",
	} {
		got, err := pipwheel.RecordedURL(named)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", named, got, err, want)
		}
	}
	for _, named := range []string{
		"http:", "https:demo.whl", "https:/example.com/demo.whl", "https:///demo.whl", "https://me:secret@/demo.whl", "https://me:secret@:80/demo.whl",
		"https://me:secret/x@example.com/demo.whl", "https://me:secret#x@example.com/demo.whl", "https://me:secret?x@example.com/demo.whl",
		"https://me:secret@exa mple.com/", "https://secret/\n.whl", "https://secret/\xff.whl", "https://secret/%zz.whl", "https://[::1/secret.whl",
	} {
		got, err := pipwheel.RecordedURL(named)
		if !refusal.Is(err) || got != "" || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %q, %v, want a refusal that does not show it", named, got, err)
		}
	}
}

func FuzzRecordedURL(f *testing.F) {
	f.Add("https://me:pw@example.com:1/a/ö%20?x=y#sha256=0")
	f.Add("HTTP://a@b@[::1]?#")
	f.Add("file:///x")
	f.Fuzz(func(t *testing.T, named string) {
		got, err := pipwheel.RecordedURL(named)
		if err != nil || got == "" {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.User != nil || u.Fragment != "" || strings.Contains(got, "#") || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
			t.Fatalf("%q: %q, %v", named, got, err)
		}
		if again, err := pipwheel.RecordedURL(got); err != nil || again != got {
			t.Fatalf("%q becomes %q: %v", got, again, err)
		}
		entries, err := directDemo(t).Install(library("3.11"), pipwheel.How{DirectURL: named, SHA256: someSHA256})
		if err != nil {
			t.Fatal(err)
		}
		text := content(t, entries[len(entries)-2])
		var read struct{ URL string }
		if err := json.Unmarshal([]byte(text), &read); err != nil || read.URL != got || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%s is read as %q: %v", text, read.URL, err)
		}
	})
}

// directDemo is a wheel that ships a direct_url.json, which is no business of a wheel.
func directDemo(tb testing.TB) *pipwheel.Wheel {
	tb.Helper()
	w, err := open(forge(tb, demo, member{name: "demo.py", body: "x\n"}, member{name: "{info}/direct_url.json", body: "{}"}), demo)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// TestInstallDirectURL holds direct_url.json and RECORD fast, by the wheel and by its facts.
func TestInstallDirectURL(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join("testdata", "direct_url.golden"))
	if err != nil {
		t.Fatal(err)
	}
	w, opened := directDemo(t), 0
	known := fromFacts(t, w, &opened)
	how := pipwheel.How{Requested: true, SHA256: someSHA256, DirectURL: `HTTPS://me:pw@example.com/größe/"𝒳"/demo.whl?a=<b>&c\d#sha512=00`}
	sameInstall(t, w, known, library("3.11"), how)
	for from, w := range map[string]*pipwheel.Wheel{"wheel": w, "facts": known} {
		entries, err := w.Install(library("3.11"), how)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, e := range entries {
			if base := path.Base(e.Path); base == "direct_url.json" || base == "RECORD" {
				fmt.Fprintf(&got, "%o %s\n%s\n", e.Mode, e.Path, content(t, e))
			}
		}
		if d := cmp.Diff(string(golden), got.String()); d != "" {
			t.Errorf("from the %s:\n%s", from, d)
		}
	}
}

func TestInstallWithoutDirectURL(t *testing.T) {
	for _, named := range []string{"", "/home/me/demo.whl", "file:///home/me/demo.whl", "./demo.whl"} {
		entries, err := directDemo(t).Install(library("3.11"), pipwheel.How{DirectURL: named})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.Contains(e.Path+content(t, e), "direct_url") {
				t.Errorf("%q: /%s has %q", named, e.Path, content(t, e))
			}
		}
	}
}

func TestInstallDirectURLRefuses(t *testing.T) {
	opened := 0
	w := directDemo(t)
	for from, w := range map[string]*pipwheel.Wheel{"wheel": w, "facts": fromFacts(t, w, &opened)} {
		for _, sum := range []string{"", "00", strings.ToUpper(someSHA256), "sha256:" + someSHA256, someSHA256[1:] + "g"} {
			_, err := w.Install(library("3.11"), pipwheel.How{DirectURL: "https://example.com/demo.whl", SHA256: sum})
			if err == nil || refusal.Is(err) || !strings.Contains(err.Error(), "SHA-256") {
				t.Errorf("from the %s, %q: %v", from, sum, err)
			}
		}
		_, err := w.Install(library("3.11"), pipwheel.How{DirectURL: "https://me:secret@/demo.whl", SHA256: someSHA256})
		if !refusal.Is(err) || !strings.HasPrefix(err.Error(), demo+": ") || strings.Contains(err.Error(), "secret") {
			t.Errorf("from the %s: %v", from, err)
		}
	}
}

// TestDirectURLLayer wants one layer whoever asks for the wheel, in what order and on how many cores.
func TestDirectURLLayer(t *testing.T) {
	build := func(w *pipwheel.Wheel, named string, cores int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		entries, err := w.Install(library("3.11"), pipwheel.How{DirectURL: named, SHA256: someSHA256})
		if err != nil {
			t.Fatal(err)
		}
		dirs := map[string]bool{".": true}
		for i, e := range entries {
			if entries[i], err = pipwheel.Complete(e); err != nil {
				t.Fatal(err)
			}
			for d := path.Dir(e.Path); !dirs[d]; d = path.Dir(d) {
				dirs[d] = true
				entries = append(entries, layers.Entry{Path: d, Kind: layers.Dir, Mode: 0o755})
			}
		}
		if cores > 1 {
			slices.Reverse(entries)
		}
		if entries, err = layers.Sort(entries); err != nil {
			t.Fatal(err)
		}
		rec, err := layers.NewBuilder(cores).Write(t.Context(), io.Discard, entries, nil)
		if err != nil {
			t.Fatal(err)
		}
		return rec.Digest.String()
	}
	w, opened := directDemo(t), 0
	want := build(w, "https://example.com/demo.whl", 1)
	for _, again := range []string{
		build(w, "https://me:pw@example.com/demo.whl", 4),
		build(fromFacts(t, w, &opened), "https://${ME}@example.com/demo.whl#sha256="+someSHA256, 2),
	} {
		if again != want {
			t.Errorf("%s and %s", again, want)
		}
	}
	if other := build(w, "https://example.org/demo.whl", 1); other == want {
		t.Error("another URL is the same layer")
	}
}
