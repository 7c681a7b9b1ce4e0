package packages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/internal/store"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// shelf is an index in memory: what it has, and what it was asked for.
type shelf struct {
	mu     sync.Mutex
	wheels []fakewheel.Wheel
	sdists []string // file names
	needs  string   // Requires-Python of what comes last in wheels
	asked  []string // pages and files, in order
}

// Do implements [index.Doer].
func (s *shelf) Do(r *http.Request) (*http.Response, error) {
	dir, file, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, file)
	answer := &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: http.NoBody, Request: r}
	var body []byte
	switch dir {
	case "simple":
		body = s.page(file)
		answer.Header.Set("Content-Type", "text/html")
	case "files":
		body = s.file(file)
	}
	if body != nil {
		answer.StatusCode, answer.ContentLength, answer.Body = http.StatusOK, int64(len(body)), io.NopCloser(bytes.NewReader(body))
	}
	return answer, nil
}

func (s *shelf) page(name string) (body []byte) {
	for i, w := range s.wheels {
		if w.Name != name {
			continue
		}
		needs := ""
		if i == len(s.wheels)-1 {
			needs = html.EscapeString(s.needs)
		}
		body = fmt.Appendf(body, "<a href='/files/%s#sha256=%s' data-core-metadata=true data-requires-python='%s'>%[1]s</a>\n", w.Filename(), sumOf(bytesOf(w)), needs)
	}
	for _, file := range s.sdists {
		if strings.HasPrefix(file, name+"-") {
			body = fmt.Appendf(body, "<a href='/files/%s'>%[1]s</a>\n", file)
		}
	}
	return body
}

func (s *shelf) file(file string) []byte {
	wheel, beside := strings.CutSuffix(file, ".metadata")
	for _, w := range s.wheels {
		if w.Filename() != wheel {
			continue
		}
		if !beside {
			return bytesOf(w)
		}
		text := "Metadata-Version: 2.1\nName: " + w.Name + "\nVersion: " + w.Version + "\n"
		for _, r := range w.Requires {
			text += "Requires-Dist: " + r + "\n"
		}
		return []byte(text)
	}
	return nil
}

func bytesOf(w fakewheel.Wheel) []byte {
	raw, err := w.Bytes()
	if err != nil {
		panic(err) // a fake wheel can be made
	}
	return raw
}

func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// pure is a wheel for any Python; requires are its requirements.
func pure(name, version string, requires ...string) fakewheel.Wheel {
	return fakewheel.Wheel{Name: name, Version: version, Requires: requires, Files: map[string]string{name + ".py": version}}
}

// debian is a base with Python 3.11 and some distributions.
func debian(have ...pipwheel.Distribution) *baseimage.Profile {
	return &baseimage.Profile{
		Python: &pipwheel.Target{
			Implementation: "cpython", Version: "3.11.9", Machine: "x86_64",
			Libc: pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36},
		},
		Distributions: have,
	}
}

// project is a folder with files, and the words that are said in it.
type project struct {
	*Finder
	shelf *shelf
	notes []string
}

func newProject(t *testing.T, files map[string]string, words spec.Packages, s *shelf) *project {
	t.Helper()
	p := &project{shelf: s}
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	words.IndexURL = "http://localhost/simple"
	build := &spec.Build{Dir: dir, Packages: words, Requirements: filepath.Join(dir, spec.DefaultRequirements)}
	p.Finder = New(Options{
		Build: build, Store: store.New(filepath.Join(t.TempDir(), "cache"), t.TempDir()),
		HTTP: func([]string) (index.Doer, error) {
			if s == nil {
				t.Error("an index was to be asked")
				return nil, fmt.Errorf("nobody is there")
			}
			return s, nil
		},
		Note: func(format string, args ...any) { p.notes = append(p.notes, fmt.Sprintf(format, args...)) },
	})
	return p
}

// hand gives wheels of the host.
func (p *project) hand(wheels ...fakewheel.Wheel) *project {
	for _, w := range wheels {
		raw := bytesOf(w)
		p.AtHand = append(p.AtHand, AtHand{File: w.Filename(), Open: func(context.Context) (*pipwheel.Wheel, [sha256.Size]byte, error) {
			opened, err := pipwheel.Open(bytes.NewReader(raw), int64(len(raw)), w.Filename(), pipwheel.Options{})
			return opened, sha256.Sum256(raw), err
		}})
	}
	return p
}

// found is what is chosen, one word each: NAME-VERSION, with a star where the user named it.
func (p *project) found(t *testing.T, base *baseimage.Profile) (string, error) {
	t.Helper()
	found, err := p.Find(t.Context(), base)
	if err != nil {
		return "", err
	}
	var out []string
	for _, w := range found.Wheels {
		word := w.Name + "-" + w.Version
		if w.Requested {
			word += "*"
		}
		out = append(out, word)
	}
	slices.Sort(out)
	return strings.Join(out, " "), nil
}

// refused wants a refusal whose text has words.
func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if !refusal.Is(err) {
		t.Errorf("%v is no refusal", err)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v does not say %q", err, w)
		}
	}
}
