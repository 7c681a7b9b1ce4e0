package index

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

const demoMetadata = "Metadata-Version: 2.1\nName: Demo\nVersion: 1.0\nRequires-Python: >=3.8\nProvides-Extra: X\nRequires-Dist: six>=1\nRequires-Dist: b; extra == \"x\"\n\nlong text"

// bigWheel has its METADATA far from its end.
func bigWheel(t *testing.T, deflate bool) (string, []byte) {
	t.Helper()
	files := map[string]string{}
	for i := range 800 {
		files[fmt.Sprintf("demo/%0100d.py", i)] = strings.Repeat("x", i)
	}
	files["zzz/last.py"] = strings.Repeat("y", 100<<10)
	return wheel(t, fakewheel.Wheel{Name: "demo", Version: "1.0", Files: files, Requires: []string{"six>=1"}, Deflate: deflate})
}

func TestMetadataBeside(t *testing.T) {
	s := newServer(t)
	s.page("/demo-1.0-py3-none-any.whl.metadata", "text/plain", demoMetadata)
	f := File{
		Filename: "demo-1.0-py3-none-any.whl", URL: s.URL + "/demo-1.0-py3-none-any.whl",
		Hashes: []Hash{{"sha256", sum64}}, HasMetadata: true, MetadataSHA256: sumOf([]byte(demoMetadata)),
	}
	store := newMemory()
	for range 2 {
		c := newClient(t, Options{NoIndex: true, Pages: store})
		m, err := c.Metadata(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if m.Name != "Demo" || m.Version != "1.0" || m.RequiresPython != ">=3.8" || len(m.RequiresDist) != 2 || len(m.ProvidesExtra) != 1 {
			t.Errorf("%+v", m)
		}
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("%d requests: %v", n, s.requests())
	}
	// Another index that claims the same wheel is not believed, nor does it spoil what is known.
	f.URL = strings.Replace(f.URL, "127.0.0.1", "localhost", 1)
	if _, err := newClient(t, Options{NoIndex: true, Pages: store}).Metadata(t.Context(), f); err != nil || len(s.requests()) != 2 {
		t.Errorf("%v, %v", err, s.requests())
	}
}

func TestMetadataByRange(t *testing.T) {
	smallName, small := wheel(t, fakewheel.Wheel{Name: "demo", Version: "1.0", Requires: []string{"six>=1"}})
	bigName, big := bigWheel(t, false)
	_, packed := bigWheel(t, true)
	for name, c := range map[string]struct {
		file     string
		content  []byte
		requests int
	}{"small": {smallName, small, 1}, "big": {bigName, big, 3}, "deflated": {bigName, packed, 3}} {
		s := newServer(t)
		s.bytes("/"+c.file, c.content)
		f := File{Filename: c.file, URL: s.URL + "/" + c.file, Size: int64(len(c.content))}
		m, err := newClient(t, Options{NoIndex: true}).Metadata(t.Context(), f)
		if err != nil || len(m.RequiresDist) != 1 || m.RequiresDist[0] != "six>=1" {
			t.Fatalf("%s: %+v, %v", name, m, err)
		}
		got := s.requests()
		if len(got) != c.requests || !strings.Contains(got[0], "bytes=-") {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestMetadataWithoutRanges is servers that have none, or pretend to: the wheel is downloaded, once.
func TestMetadataWithoutRanges(t *testing.T) {
	name, b := bigWheel(t, false)
	whole := func(w http.ResponseWriter) { w.Write(b) }
	for what, answer := range map[string]http.HandlerFunc{
		"200": func(w http.ResponseWriter, _ *http.Request) { whole(w) },
		"400": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		"416": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) },
		"206 without Content-Range": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusPartialContent)
			whole(w)
		},
		"206 with another": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-99/%d", len(b)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(b[:100])
		},
	} {
		s := newServer(t)
		s.on("/"+name, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				answer(w, r)
				return
			}
			whole(w)
		})
		store := newMemory()
		c := newClient(t, Options{NoIndex: true, Wheels: wheels{store}})
		f := File{Filename: name, URL: s.URL + "/" + name, Size: int64(len(b)), Hashes: []Hash{{"sha256", sumOf(b)}}}
		m, err := c.Metadata(t.Context(), f)
		if err != nil || len(m.RequiresDist) != 1 {
			t.Errorf("%s: %+v, %v", what, m, err)
			continue
		}
		w, err := c.Download(t.Context(), f, DownloadOptions{})
		if err != nil || w.Moved != 0 {
			t.Errorf("%s: the wheel was fetched twice: %v", what, err)
		}
		if got := s.requests(); len(got) != 2 {
			t.Errorf("%s: %v", what, got)
		}
	}
}

// TestMetadataFallsBack is a proxy that passes pages on, and has no metadata beside the wheel.
func TestMetadataFallsBack(t *testing.T) {
	name, b := wheel(t, fakewheel.Wheel{Name: "demo", Version: "1.0"})
	s := newServer(t)
	s.bytes("/"+name, b)
	f := File{Filename: name, URL: s.URL + "/" + name, HasMetadata: true, MetadataSHA256: sum64}
	if _, err := newClient(t, Options{NoIndex: true}).Metadata(t.Context(), f); err != nil {
		t.Error(err)
	}
}

func TestCompare(t *testing.T) {
	base := Metadata{Name: "Demo", Version: "1.0", RequiresPython: ">=3.8, <4", RequiresDist: []string{"six >= 1", "b; extra=='x'"}, ProvidesExtra: []string{"X_y"}}
	same := Metadata{Name: "demo", Version: "1.0.0", RequiresPython: ">=3.8,<4", RequiresDist: []string{`B ; extra == "x"`, "six>=1"}, ProvidesExtra: []string{"x-y"}}
	if err := base.Compare(same); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*Metadata){
		"name":            func(m *Metadata) { m.Name = "other" },
		"version":         func(m *Metadata) { m.Version = "1.1" },
		"Requires-Python": func(m *Metadata) { m.RequiresPython = "" },
		"Requires-Dist":   func(m *Metadata) { m.RequiresDist = append(m.RequiresDist, "evil") },
		"Provides-Extra":  func(m *Metadata) { m.ProvidesExtra = nil },
	} {
		other := same
		change(&other)
		err := base.Compare(other)
		if e, ok := errors.AsType[*MismatchError](err); !ok || e.What != what || !refusal.Is(err) {
			t.Errorf("%s: %v", what, err)
		}
		if other.Compare(base) == nil {
			t.Errorf("%s: only found one way", what)
		}
	}
	// What the bytes of the two say, when one has a requirement twice.
	twice := base
	twice.RequiresDist = append([]string{"six>=1"}, base.RequiresDist...)
	if err := base.Compare(twice); err != nil {
		t.Errorf("a requirement that is there twice asks for nothing more: %v", err)
	}
}

func TestMetadataRoundTrip(t *testing.T) {
	m := &Metadata{Name: "a", Version: "1", RequiresPython: "x", RequiresDist: []string{"b", ""}, ProvidesExtra: []string{"c"}}
	b := m.encode()
	got, err := decodeMetadata(b)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(m) {
		t.Errorf("%v, %v", got, err)
	}
	for i := range b {
		if _, err := decodeMetadata(b[:i]); err == nil {
			t.Errorf("%d bytes of %d were read", i, len(b))
		}
	}
	if bytes.Equal(b, (&Metadata{}).encode()) {
		t.Error("all metadata is the same")
	}
}
