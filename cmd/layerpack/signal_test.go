package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/layerpack/layerpack/internal/registry/faultreg"
)

// TestSignal: a signal ends the program at once, wherever it is: no tag, no half-written layout,
// nothing left in the folders it works in, and the exit code that a shell gives.
func TestSignal(t *testing.T) {
	for name, where := range map[string]struct {
		fault faultreg.Fault
		args  []string
	}{
		"reading the base":   {faultreg.Fault{Method: http.MethodGet, Path: "/blobs/", Skip: 1}, []string{"-t", "HOST/team/shop:1"}},
		"uploading":          {faultreg.Fault{Method: http.MethodPut, Path: "/blobs/uploads/"}, []string{"-t", "HOST/team/shop:1"}},
		"before the tag":     {faultreg.Fault{Method: http.MethodPut, Path: "/manifests/1"}, []string{"-t", "HOST/team/shop:1"}},
		"writing the layout": {faultreg.Fault{Method: http.MethodGet, Path: "/blobs/", Skip: 4}, []string{"-o", "oci:out"}},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(name+", "+sig.String(), func(t *testing.T) {
				t.Parallel()
				testSignal(t, where.fault, where.args, sig)
			})
		}
	}
}

func testSignal(t *testing.T, fault faultreg.Fault, args []string, sig syscall.Signal) {
	w := newWorld(t.Cleanup)
	base := w.main.host + "/prefect:2"
	if err := w.publish(t.Context(), base, "single"); err != nil {
		t.Fatal(err)
	}
	reached := make(chan struct{})
	var once sync.Once
	fault.Do = func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		// The server only notices that a client is gone when it has read all that came.
		_, _ = io.Copy(io.Discard, r.Body)
		once.Do(func() { close(reached) })
		<-r.Context().Done()
	}
	w.main.reg.Add(fault)

	dir := t.TempDir()
	project, temp := filepath.Join(dir, "shop"), filepath.Join(dir, "tmp")
	for _, d := range []string{project, temp} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(project, "flows.py"), []byte("print()\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	words := []string{"--base", base, "--no-cache"}
	for _, a := range args {
		words = append(words, strings.ReplaceAll(a, "HOST", w.main.host))
	}
	cmd := exec.Command("layerpack", words...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = project, &stdout, &stderr
	cmd.Env = append(os.Environ(), "HOME="+dir, "TMPDIR="+temp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-reached:
	case err := <-ended:
		t.Fatalf("it ended before it came there: %v\n%s", err, stderr.String())
	}
	if err := cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	err := <-ended
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 128+int(sig) {
		t.Errorf("ended with %v, want exit code %d", err, 128+int(sig))
	}
	if stdout.Len() > 0 || !strings.Contains(stderr.String(), "layerpack: stopped by "+sig.String()) {
		t.Errorf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
	for _, tr := range w.main.take() {
		if tr.kind == "tag" && !strings.HasSuffix(fault.Path, "/1") {
			t.Errorf("%s was tagged", tr.name)
		}
	}
	for folder, want := range map[string]int{project: 1, temp: 0} {
		if left, err := os.ReadDir(folder); err != nil || len(left) != want {
			t.Errorf("left in %s: %v (%v)", folder, left, err)
		}
	}
}
