//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// testBadInput: what cannot work ends with one clear message and the exit code for it, pushes
// nothing and leaves nothing behind.
func testBadInput(t *testing.T, r *rig) {
	tag := r.host + "/bad/input:1"
	build := func(args ...string) []string { return append([]string{"--base", r.base, "-t", tag}, args...) }
	noSource := func(args ...string) []string { return append(build("--no-source"), args...) }
	x := file(t, "x", "x\n")

	pipe := filepath.Join(t.TempDir(), "queue")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		code int
		says []string // each is in the message
		args []string
	}{
		{"no such tag", 1, []string{baseRepository, "no-such-tag"}, []string{"--base", r.host + "/" + baseRepository + ":no-such-tag", "--no-source", "-t", tag}},
		{"no such repository", 1, []string{"no/such"}, []string{"--base", r.host + "/no/such:1", "--no-source", "-t", tag}},
		{"unknown flag", 2, []string{"--no-such-flag"}, noSource("--no-such-flag")},
		{"relative destination", 2, []string{"opt/x", "absolute"}, noSource("--file", x+":opt/x")},
		{"entrypoint replaced by a file", 4, []string{"/opt/prefect/entrypoint.sh"}, noSource("--file", x+":/opt/prefect/entrypoint.sh")},
		{"entrypoint replaced by a source", 4, []string{"/opt/prefect/entrypoint.sh"}, build("--source", filepath.Dir(file(t, "entrypoint.sh", "#!/bin/sh\n"))+":/opt/prefect")},
		{"two files for one path", 4, []string{"/opt/x"}, noSource("--file", x+":/opt/x", "--file", file(t, "y", "y\n")+":/opt/x")},
		{"cut wheel", 4, []string{"scipy-"}, noSource("--wheels", cutWheel(t, r))},
		{"wheel for macOS", 4, []string{"apple", "macosx_11_0", "arm64"}, noSource("--wheels", wheel(t, "apple", "cp311-cp311-macosx_11_0_arm64"))},
		{"wheel for Python 3.12", 4, []string{"cp312"}, noSource("--wheels", wheel(t, "newer", "cp312-cp312-manylinux2014_x86_64"))},
		{"pipe in the source", 4, []string{"queue"}, build("--source", filepath.Dir(pipe))},
		{"name of a whiteout", 4, []string{".wh.x"}, build("--source", filepath.Dir(file(t, ".wh.x", "")))},
	} {
		t.Run(test.name, func(t *testing.T) { r.refused(t, call{args: test.args}, test.code, test.says...) })
	}
	for name, full := range map[string]func(*call, string){
		"full disk under the cache":            func(c *call, disk string) { c.args = append(c.args, "--cache-dir", disk) },
		"full disk under cache and temporary":  func(c *call, disk string) { c.env = []string{"XDG_CACHE_HOME=" + disk, "TMPDIR=" + disk} },
		"full disk under the output directory": func(c *call, disk string) { c.args = append(c.args, "-o", "oci:"+filepath.Join(disk, "out")) },
	} {
		t.Run(name, func(t *testing.T) {
			disk := smallDisk(t)
			c := call{args: noSource("--wheels", r.wheels)}
			full(&c, disk)
			r.refused(t, c, 1, "no space left on device")
			if left := list(t, filepath.Join(disk)); slices.ContainsFunc(left, func(n string) bool { return strings.HasPrefix(n, "out") }) {
				t.Errorf("left of the output: %q", left)
			}
		})
	}
}

// refused runs what must fail with a code and a message.
func (r *rig) refused(t *testing.T, c call, code int, says ...string) {
	t.Helper()
	c.dir = t.TempDir()
	mark := r.traffic.mark()
	got := r.run(t, c)
	if got.code != code || got.stdout != "" {
		t.Errorf("exit code %d, want %d; standard output %q, want none\nstderr: %s", got.code, code, got.stdout, got.stderr)
	}
	for _, word := range says {
		if !strings.Contains(got.stderr, word) {
			t.Errorf("the message does not name %q:\n%s", word, got.stderr)
		}
	}
	if strings.Contains(got.stderr, "goroutine ") {
		t.Errorf("not a message:\n%s", got.stderr)
	}
	if put := manifestsPut(r.traffic.since(mark)); len(put) > 0 {
		t.Errorf("manifests were pushed: %q", put)
	}
	if left := list(t, c.dir); len(left) > 0 {
		t.Errorf("left in the working folder: %q", left)
	}
}

// cutWheel is the first half of a real wheel, under its real name.
func cutWheel(t *testing.T, r *rig) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(r.wheels, "scipy-*.whl"))
	if err != nil || len(found) != 1 {
		t.Fatalf("want one wheel of scipy in %s, found %q (%v)", r.wheels, found, err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return file(t, filepath.Base(found[0]), string(raw[:len(raw)/2]))
}

// smallDisk is a file system of its own that a wheel's layer does not fit on.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(mountableDir(t), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m,mode=1777"); err != nil {
		t.Fatalf("mount a small tmpfs: %v", err)
	}
	return dir
}
