package assemble_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/pkg/assemble"
)

// swapping is a machine whose wheel becomes another one in the midst of a run.
type swapping struct {
	dir         string
	wheel       string // its path
	ours, other []byte // of the same length
	stamp       time.Time
	words       func(*assemble.Flags)
	inPlace     bool // written over, as opposed to put in its place
	all         bool // in all states of the machine

	mu   sync.Mutex
	left int // moments until it is swapped; 0 never
	seen int // moments, until the first layer was built
	up   bool
}

// moment is wherever a run tells something, asks a registry or for the time, or is about to choose.
func (s *swapping) moment() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.up {
		s.seen++
	}
	if s.left > 0 {
		if s.left--; s.left == 0 {
			s.put(s.other)
		}
	}
}

func (s *swapping) built(up bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up = s.up || up
}

// Send implements [assemble.Sink].
func (s *swapping) Send(assemble.Event) { s.moment() }

func (s *swapping) put(raw []byte) {
	to := s.wheel
	if !s.inPlace {
		to += ".new"
	}
	err := os.WriteFile(to, raw, 0o644)
	if err == nil {
		err = os.Chtimes(to, s.stamp, s.stamp)
	}
	if err == nil && !s.inPlace {
		err = os.Rename(to, s.wheel)
	}
	if err != nil {
		panic(err) // what the test has to do
	}
}

// run builds with the wheel becoming another at a moment, 0 never, and returns the digest, or what failed.
func (s *swapping) run(t *testing.T, cache string, at int, planOnly bool) (string, error) {
	t.Helper()
	s.left, s.seen, s.up = at, 0, false
	reg := faultreg.New()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.moment()
		s.built(r.Method == http.MethodPut)
		reg.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	f := assemble.Flags{
		Base: "oci:base", Dir: filepath.Join(s.dir, "shop"), NoSource: true,
		Tags: []string{strings.TrimPrefix(server.URL, "http://") + "/team/shop:1"},
	}
	s.words(&f)
	b, err := assemble.NewBuild(f)
	if err != nil {
		t.Fatal(err)
	}
	temp := filepath.Join(s.dir, "tmp")
	if err := os.MkdirAll(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	how := assemble.Run
	if planOnly {
		how = assemble.Plan
	}
	res, err := how(t.Context(), b, assemble.Host{
		TempDir: temp, CacheDir: cache, Progress: s, Loosen: func() func() { s.moment(); return s.moment },
		Now: func() time.Time { s.moment(); return time.Now().Add(time.Hour) },
	})
	if tagged := reg.Count("PUT", "/manifests/") > 0; tagged != (err == nil && !planOnly) {
		t.Errorf("swapped at %d: tagged %t, error %v", at, tagged, err)
	}
	if err != nil {
		return "", err
	}
	return res.Digest, nil
}

// TestSwappedWheel: a wheel of the host that becomes another of the same size and time, at whatever moment, gives the
// image of one or of the other, or none; and what is kept of the run makes no later one wrong.
func TestSwappedWheel(t *testing.T) {
	t.Parallel()
	const file = "app-1.0-py3-none-any.whl"
	for name, words := range map[string]func(dir string, f *assemble.Flags){
		"a folder of links": func(dir string, f *assemble.Flags) {
			f.Packages.FindLinks, f.Packages.Words = []string{dir}, []string{"app"}
		},
		"a file URL":       func(dir string, f *assemble.Flags) { f.Packages.Words = []string{"app @ file://" + dir + "/" + file} },
		"a path in a file": func(_ string, f *assemble.Flags) { f.Packages.Files = []string{"r.txt"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := &swapping{
				all: name == "a folder of links",
				dir: dir, wheel: filepath.Join(dir, "wheels", file), stamp: time.Unix(1_700_000_000, 0),
				ours: wheelSaying(t, "good"), other: wheelSaying(t, "evil"),
			}
			s.words = func(f *assemble.Flags) { f.Packages.NoIndex = true; words(filepath.Dir(s.wheel), f) }
			if len(s.ours) != len(s.other) || bytes.Equal(s.ours, s.other) {
				t.Fatal("the wheels are not alike")
			}
			if err := prepare(dir); err != nil {
				t.Fatal(err)
			}
			for path, text := range map[string]string{s.wheel: "", filepath.Join(dir, "shop", "r.txt"): "../wheels/" + file + "\n"} {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			s.check(t)
		})
	}
}

// wheelSaying is a wheel whose files say something. RECORD holds no hash of them: only the whole is known by its hash.
func wheelSaying(t *testing.T, what string) []byte {
	t.Helper()
	raw, err := fakewheel.Wheel{
		Name: "app", Version: "1.0", Files: map[string]string{"app.py": "# " + what + "\n"},
		Record: "app.py,,\napp-1.0.dist-info/METADATA,,\napp-1.0.dist-info/WHEEL,,\napp-1.0.dist-info/RECORD,,\n",
	}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (s *swapping) check(t *testing.T) {
	digest := func(raw []byte, cache string) string {
		s.put(raw)
		d, err := s.run(t, cache, 0, false)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	other := digest(s.other, filepath.Join(s.dir, "other"))
	ours := digest(s.ours, filepath.Join(s.dir, "ours"))
	// One that knows the base alone.
	base := filepath.Join(s.dir, "base")
	if _, err := (&swapping{dir: s.dir, words: func(*assemble.Flags) {}}).run(t, base, 0, true); err != nil {
		t.Fatal(err)
	}
	if ours == other {
		t.Fatal("the images are the same")
	}
	// A machine that knows the wheel and has not built its layer opens it late.
	planned := filepath.Join(s.dir, "planned")
	if _, err := s.run(t, planned, 0, true); err != nil {
		t.Fatal(err)
	}
	refused, results := 0, map[string]int{}
	type state struct {
		inPlace bool
		from    string
	}
	states := []state{{true, base}}
	if s.all {
		states = append(states, state{true, planned}, state{false, planned})
	}
	for _, c := range states {
		s.inPlace = c.inPlace
		for at, last := 1, 1; at <= last; at++ {
			cache := t.TempDir()
			if err := os.CopyFS(cache, os.DirFS(c.from)); err != nil {
				t.Fatal(err)
			}
			s.put(s.ours)
			got, err := s.run(t, cache, at, false)
			last = max(last, s.seen)
			switch {
			case err != nil && !strings.Contains(err.Error(), "app-1.0-py3-none-any.whl"):
				t.Errorf("swapped at %d: %v", at, err)
			case err != nil:
				refused++
			case got != ours && got != other:
				t.Errorf("swapped at %d (in place: %t, from %s): the image is neither's", at, c.inPlace, filepath.Base(c.from))
			}
			results[got]++
			if got := digest(s.other, cache); got != other {
				t.Errorf("swapped at %d: a later image of the other wheel is wrong", at)
			}
			if got := digest(s.ours, cache); got != ours {
				t.Errorf("swapped at %d: a later image of the wheel is wrong", at)
			}
		}
	}
	if refused == 0 || results[ours] == 0 || results[other] == 0 {
		t.Errorf("%d refused, %d as before, %d as after: no swap was in between", refused, results[ours], results[other])
	}
}
