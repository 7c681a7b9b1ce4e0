package assemble_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
	"github.com/layerpack/layerpack/internal/registry/faultreg"
	"github.com/layerpack/layerpack/pkg/assemble"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// prepare makes a base layout and a project in it.
func prepare(dir string) error {
	project := filepath.Join(dir, "shop")
	img, err := fakebase.Image("amd64")
	if err != nil {
		return err
	}
	if err := os.Mkdir(project, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(project, "flows.py"), []byte("print('hello')\n"), 0o644); err != nil {
		return err
	}
	p, err := layout.Write(filepath.Join(project, "base"), empty.Index)
	if err != nil {
		return err
	}
	return p.AppendImage(img)
}

// stopper ends a context at the n-th event; 0 never.
type stopper struct {
	mu   sync.Mutex
	n    int
	seen int
	stop context.CancelFunc
}

func (s *stopper) Send(assemble.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen++; s.seen == s.n {
		s.stop()
	}
}

// TestCancel: wherever a run is stopped, no tag is written, no layout half-written, and no file left.
func TestCancel(t *testing.T) {
	all := stopped(t, 0)
	if all < 8 {
		t.Fatalf("a whole run tells of %d events", all)
	}
	for n := 1; n <= all; n++ {
		stopped(t, n)
	}
}

// TestCancelSeveral: nor where several platforms are built.
func TestCancelSeveral(t *testing.T) {
	t.Parallel()
	all := stopped(t, 0, "linux/amd64,linux/arm64")
	if all < 12 {
		t.Fatalf("a whole run tells of %d events", all)
	}
	for n := 1; n <= all; n++ {
		stopped(t, n, "linux/amd64,linux/arm64")
	}
}

// prepareBoth makes a layout of a base of two platforms.
func prepareBoth(dir string) error {
	index, err := fakebase.Index()
	if err != nil {
		return err
	}
	p, err := layout.Write(filepath.Join(dir, "both"), empty.Index)
	if err != nil {
		return err
	}
	return p.AppendIndex(index)
}

// stopped runs a build that is stopped at the n-th event, and returns how many it saw.
func stopped(t *testing.T, n int, platforms ...string) int {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(prepare(dir), prepareBoth(dir)); err != nil {
		t.Fatal(err)
	}
	from := "oci:base"
	if len(platforms) > 0 {
		from = "oci:../both"
	}
	temp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(temp, 0o755); err != nil {
		t.Fatal(err)
	}
	reg := faultreg.New()
	s := httptest.NewUnstartedServer(reg)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	defer s.Close()
	b, err := assemble.NewBuild(assemble.Flags{
		Base: from, Platforms: platforms, Dir: filepath.Join(dir, "shop"),
		Tags: []string{strings.TrimPrefix(s.URL, "http://") + "/team/shop:1"}, Outputs: []string{"oci:out"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sink := &stopper{n: n, stop: cancel}
	_, err = assemble.Run(ctx, b, assemble.Host{TempDir: temp, Progress: sink})
	if err != nil && (n == 0 || !errors.Is(err, context.Canceled) || refusal.Is(err)) {
		t.Errorf("stopped at event %d: %v", n, err)
	}
	tagged := reg.Count("PUT", "/manifests/1") > 0
	if tagged != (err == nil) {
		t.Errorf("stopped at event %d: tagged %t, error %v", n, tagged, err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("stopped at event %d: left in the temporary folder: %v (%v)", n, left, err)
	}
	found, err := os.ReadDir(filepath.Join(dir, "shop"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		switch f.Name() {
		case "base", "flows.py":
		case "out": // whole, or not there
			if _, err := os.Stat(filepath.Join(dir, "shop", "out", "index.json")); err != nil {
				t.Errorf("stopped at event %d: half a layout: %v", n, err)
			}
		default:
			t.Errorf("stopped at event %d: left %s in the project", n, f.Name())
		}
	}
	return sink.seen
}

// TestNewBuildTellsUsageErrors: a caller can tell mistakes in words from inputs that are refused.
func TestNewBuildTellsUsageErrors(t *testing.T) {
	var usage *assemble.UsageError
	if _, err := assemble.NewBuild(assemble.Flags{Dir: "/p"}); !errors.As(err, &usage) {
		t.Errorf("no base: %v", err)
	}
	dir := t.TempDir()
	b, err := assemble.NewBuild(assemble.Flags{Base: "oci:missing", Dir: dir, NoSource: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := assemble.Plan(t.Context(), b, assemble.Host{TempDir: dir}); !refusal.Is(err) {
		t.Errorf("a base that is not there: %v", err)
	}
}
