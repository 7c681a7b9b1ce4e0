package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// TestRegistryGoesAway: wherever the registry stops answering while an index is made and brought, no tag is written, and
// the next run with the same cache brings what is missing, to the same digest.
func TestRegistryGoesAway(t *testing.T) {
	w := newWorld(t.Cleanup)
	base := w.main.host + "/prefecthq/prefect:2-python3.11"
	if err := w.publish(t.Context(), base, "index"); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	project := filepath.Join(home, "shop")
	for _, wheel := range []fakewheel.Wheel{
		{Name: "fast", Version: "1.0", Tag: "cp311-cp311-manylinux_2_17_x86_64", Files: map[string]string{"fast/core.so": "amd"}},
		{Name: "fast", Version: "1.0", Tag: "cp311-cp311-manylinux_2_17_aarch64", Files: map[string]string{"fast/core.so": "arm"}},
		{Name: "slow", Version: "2.0", Files: map[string]string{"slow.py": ""}},
	} {
		raw, err := wheel.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(home, "wheels"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, "wheels", wheel.Filename()), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(project, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(project, "flows.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(project)
	var left, asked atomic.Int64 // requests until it goes away, and what was left of them at the end of the run before
	w.main.reg.Add(faultreg.Fault{Do: func(out http.ResponseWriter, r *http.Request, next http.Handler) {
		if left.Add(-1) < 0 {
			faultreg.Error(out, http.StatusForbidden, "DENIED", "gone")
			return
		}
		next.ServeHTTP(out, r)
	}})
	build := func(n int64, repo string) (code int, digest, said string) {
		left.Store(n)
		defer func() { asked.Store(left.Swap(1 << 40)) }()
		args := []string{
			"--base", base, "-t", w.main.host + "/" + repo + ":1", "--wheels", "../wheels", "--platform", "linux/amd64,linux/arm64",
			"--print", "digest", "--cache-repo", "none",
		}
		var stdout, stderr bytes.Buffer
		code = run(t.Context(), args, []string{"XDG_CACHE_HOME=" + filepath.Join(home, "cache", repo)}, nil, &stdout, &stderr)
		_, digest, _ = strings.Cut(strings.TrimSpace(stdout.String()), "@")
		return code, digest, stderr.String()
	}
	left.Store(1 << 40)
	code, want, said := build(1<<40, "team/all")
	if code != exitDone || want == "" {
		t.Fatalf("exit code %d: %s", code, said)
	}
	all := int64(1<<40) - asked.Load()
	if all < 20 {
		t.Fatalf("a run takes %d requests", all)
	}
	for n := int64(0); n < all; n++ {
		if n < all-12 && n%4 != 0 {
			continue // what comes last, manifests and tags, is looked at one by one
		}
		repo := fmt.Sprintf("team/after%d", n)
		code, _, said := build(n, repo)
		if tags, err := remote.List(repository(t, w.main.host+"/"+repo)); code != exitFailed || err == nil && len(tags) > 0 {
			t.Errorf("after %d requests of %d: exit code %d, tags %q: %s", n, all, code, tags, said)
		}
		code, digest, said := build(1<<40, repo)
		if code != exitDone || digest != want {
			t.Errorf("once more after %d requests: exit code %d, %s, want %s: %s", n, code, digest, want, said)
		}
		if err := whole(w.main.host + "/" + repo + ":1"); err != nil {
			t.Errorf("after %d requests: %v", n, err)
		}
	}
}
