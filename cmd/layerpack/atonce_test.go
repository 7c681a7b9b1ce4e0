package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/layerpack/layerpack/internal/fakewheel"
)

// TestAtOnce: runs that share a cache folder and a cache manifest do not get into each other's way, whether they build the
// same or not: every image is complete and the one that a run alone makes, and what they leave behind is of use.
func TestAtOnce(t *testing.T) {
	w := newWorld(t.Cleanup)
	base := w.main.host + "/prefecthq/prefect:2-python3.11"
	if err := w.publish(t.Context(), base, "index"); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	project := filepath.Join(home, "shop")
	for i, extra := range []string{"one", "one", "two", "three"} { // the first two are the same
		writeWheels(t, filepath.Join(home, fmt.Sprint(i)), "shared", extra)
	}
	if err := os.MkdirAll(project, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(project, "flows.py"), []byte("print()\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(project)
	build := func(i int, repo, cache string, more ...string) string {
		ref := fmt.Sprintf("%s/%s:%d", w.main.host, repo, i)
		args := append([]string{
			"--base", base, "-t", ref, "--wheels", filepath.Join(home, fmt.Sprint(i)), "--print", "digest",
		}, more...)
		var stdout, stderr bytes.Buffer
		env := []string{"HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, cache)}
		if code := run(t.Context(), args, env, nil, &stdout, &stderr); code != exitDone {
			t.Errorf("run %d: exit code %d: %s", i, code, &stderr)
			return ""
		}
		if strings.Contains(stderr.String(), "warning") || strings.Contains(stderr.String(), "could not be written") {
			t.Errorf("run %d: %s", i, &stderr)
		}
		checkComplete(t, ref)
		_, digest, _ := strings.Cut(strings.TrimSpace(stdout.String()), "@")
		return digest
	}
	var got [4]string
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = build(i, "team/shop", "shared") })
	}
	wg.Wait()
	for i := range got {
		if want := build(i, "alone/shop", "none", "--no-cache"); got[i] != want || want == "" {
			t.Errorf("run %d made %s, alone it makes %s", i, got[i], want)
		}
		for what, cache := range map[string]string{"again": "shared", "on a new machine": fmt.Sprint("new", i)} {
			if digest := build(i, "team/shop", cache); digest != got[i] {
				t.Errorf("run %d %s made %s, want %s", i, what, digest, got[i])
			}
		}
	}
	// Whoever came last told at least its own.
	tags, err := remote.List(repository(t, w.main.host+"/team/shop"))
	if err != nil {
		t.Fatal(err)
	}
	caches := 0
	for _, tag := range tags {
		if strings.HasPrefix(tag, "layerpack-cache-") {
			caches++
			checkComplete(t, w.main.host+"/team/shop:"+tag, validate.Fast) // zstd is not read
		}
	}
	if caches != 1 {
		t.Errorf("%d cache manifests among %q", caches, tags)
	}
}

func writeWheels(t *testing.T, dir string, names ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		wheel := fakewheel.Wheel{Name: n, Version: "1.0", Tag: "cp311-cp311-manylinux_2_17_x86_64", Files: map[string]string{n + "/core.so": "ELF " + n}}
		raw, err := wheel.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, wheel.Filename()), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func repository(t *testing.T, s string) name.Repository {
	t.Helper()
	repo, err := name.NewRepository(s)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// checkComplete pulls an image, every byte of it. It may be called from several goroutines.
func checkComplete(t *testing.T, s string, how ...validate.Option) {
	t.Helper()
	ref, err := name.ParseReference(s)
	if err != nil {
		t.Error(err)
		return
	}
	img, err := remote.Image(ref)
	if err == nil {
		err = validate.Image(img, how...)
	}
	if err != nil {
		t.Errorf("%s: %v", s, err)
	}
}
