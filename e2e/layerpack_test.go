//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// call is one run of layerpack. The zero value, with arguments, is the usual one: nothing of the
// caller's environment, the rig's cache, a temporary folder of its own.
type call struct {
	dir   string   // working folder
	env   []string // beats the usual environment
	umask string   // "" is 022
	as    string   // user to run as; "" is root
	args  []string
	stdin string // file that standard input is read from; "" is nothing
}

type result struct {
	code           int
	stdout, stderr string
	resident       int64         // the most memory that it had, in bytes
	cpu            time.Duration // of all cores
}

// document is what the tests read of --json.
type document struct {
	Reference string `json:"reference"`
	Digest    string `json:"digest"`
	Base      struct {
		Digest string `json:"digest"`
	} `json:"base"`
	Layers []documentLayer `json:"layers"`
}

type documentLayer struct {
	Role   string `json:"role"`
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
	Reused bool   `json:"reused"`
}

// run runs layerpack whatever comes of it, and sees that it leaves no temporary file behind.
func (r *rig) run(t *testing.T, c call) result {
	t.Helper()
	if c.dir == "" {
		c.dir = t.TempDir()
	}
	tmp := t.TempDir()
	if c.umask == "" {
		c.umask = "022"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	// A process begins with the peak of the one that starts it, so a small one stands between. It
	// reports through a file that is open already: another user may not look into this one's folders.
	memory, err := os.Create(filepath.Join(t.TempDir(), "memory"))
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	if err := memory.Chmod(0o666); err != nil {
		t.Fatal(err)
	}
	line := slices.Concat([]string{"-c", `umask "$0" && exec /usr/bin/time -q -f %M -o /proc/self/fd/3 "$@"`, c.umask, r.binary}, c.args)
	cmd := exec.CommandContext(ctx, "/bin/sh", line...)
	if c.as != "" {
		cmd = exec.CommandContext(ctx, "setpriv", slices.Concat([]string{"--reuid", c.as, "--clear-groups", "/bin/sh"}, line)...)
	}
	cmd.ExtraFiles = []*os.File{memory}
	cmd.Dir = c.dir
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "XDG_CACHE_HOME=" + r.cache, "TMPDIR=" + tmp}, c.env...)
	if c.stdin != "" {
		in, err := os.Open(c.stdin)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		cmd.Stdin = in
	}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("%s: %v", cmd, err)
	}
	if left, err := os.ReadDir(tmp); len(left) > 0 || err != nil {
		t.Errorf("layerpack %q left %d files in its temporary folder, like %v (%v)", c.args, len(left), left[:1], err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), peak(t, memory.Name()), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}

// peak reads what time(1) wrote, in kilobytes, and answers bytes.
func peak(t *testing.T, file string) int64 {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		t.Fatalf("time(1) says of memory: %q", text)
	}
	return n << 10
}

// ok runs what must succeed and answers its standard output without the line's end.
func (r *rig) ok(t *testing.T, c call) string {
	t.Helper()
	got := r.run(t, c)
	if got.code != 0 {
		t.Fatalf("layerpack %q ended with %d\nstdout: %s\nstderr: %s", c.args, got.code, got.stdout, got.stderr)
	}
	return strings.TrimSuffix(got.stdout, "\n")
}

// json runs with --json what must succeed.
func (r *rig) json(t *testing.T, c call) document {
	t.Helper()
	c.args = append(slices.Clip(c.args), "--json")
	out := r.ok(t, c)
	var d document
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("layerpack %q: %v\n%s", c.args, err, out)
	}
	if d.Digest == "" || d.Reference == "" || len(d.Layers) == 0 {
		t.Fatalf("layerpack %q: no digest, reference or layers in its document\n%s", c.args, out)
	}
	return d
}

// list names all that is below a folder.
func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := walk(dir, func(name string, _ os.DirEntry) { names = append(names, name) })
	if err != nil {
		t.Fatal(err)
	}
	return names
}
