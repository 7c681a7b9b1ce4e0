//go:build e2e

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// engine runs containers, through its own command line.
type engine struct {
	name    string
	command []string // up to and without "run"
	flags   []string // of "run"
	unpigz  *helper  // of Docker, which has it decode layers
}

// Without a bridge and within the limits of a plain virtual machine; the network is the host's.
// A health check would need a timer of systemd's.
var runFlags = []string{
	"--rm", "--network", "host", "--no-healthcheck",
	"--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1024:2048",
}

// outcome is what came of a container. The engine's own words, as of pulling, are in stderr too.
type outcome struct {
	code           int
	stdout, stderr string
}

// run pulls the image where needed and runs a command in it.
func (e engine) run(t *testing.T, image string, args ...string) outcome {
	t.Helper()
	line := slices.Concat(e.command[1:], []string{"run"}, runFlags, e.flags, []string{image}, args)
	cmd := exec.Command(e.command[0], line...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("%s: %v", cmd, err)
	}
	o := outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
	// 125: the engine's own failure, as when the image cannot be pulled or unpacked.
	if o.code == 125 {
		t.Fatalf("%s: %s could not run it\n%s%s", cmd, e.name, o.stdout, o.stderr)
	}
	return o
}

// sh runs a shell line in the image that must succeed, and answers what it printed.
func (e engine) sh(t *testing.T, image, line string) string {
	t.Helper()
	o := e.run(t, image, "sh", "-c", line)
	if o.code != 0 {
		t.Fatalf("%s: %q in %s ended with %d\n%s%s", e.name, line, image, o.code, o.stdout, o.stderr)
	}
	return strings.TrimSpace(o.stdout)
}

// newPodman keeps its images in a folder that goes with the test.
func newPodman(t *testing.T) engine {
	t.Helper()
	dir := mountableDir(t)
	e := engine{
		name: "podman",
		command: []string{
			"podman", "--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"),
			"--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--storage-driver", "overlay",
		},
		flags: []string{"--tls-verify=false"},
	}
	t.Cleanup(func() {
		cmd := exec.Command(e.command[0], append(e.command[1:], "rm", "--all", "--force")...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", cmd, err, out)
		}
	})
	return e
}

// newDocker starts a daemon of its own: no bridge, no firewall rules, nothing of the machine's.
func newDocker(t *testing.T) engine {
	t.Helper()
	dir := mountableDir(t)
	socket := "unix://" + filepath.Join(dir, "docker.sock")
	config := filepath.Join(dir, "daemon.json")
	if err := os.WriteFile(config, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dockerd", "--config-file", config, "--host", socket, "--pidfile", filepath.Join(dir, "pid"),
		"--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"),
		"--iptables=false", "--ip6tables=false", "--bridge=none")
	unpigz := newUnpigz(t, dir)
	cmd.Env = unpigz.env()
	log := filepath.Join(dir, "log")
	startServer(t, cmd, log)
	// Debian's client by its path: it speaks the daemon's version of the API.
	e := engine{name: "docker", command: []string{"/usr/bin/docker", "--config", dir, "--host", socket}, unpigz: unpigz}
	waitFor(t, cmd, log, time.Minute, func() bool {
		return exec.Command(e.command[0], append(e.command[1:], "info")...).Run() == nil
	})
	return e
}

// mountableDir is a temporary folder in which others mount. It is removed only when nothing is
// mounted in it any more, so that nothing is removed through a mount.
func mountableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "layerpack-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, m := range mountsBelow(t, dir) {
			if err := syscall.Unmount(m, 0); err != nil {
				t.Errorf("unmount %s: %v", m, err)
			}
		}
		if left := mountsBelow(t, dir); len(left) > 0 {
			t.Errorf("left alone, since these are mounted: %v", left)
			return
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// mountsBelow lists what is mounted at or below dir, the last one mounted first.
func mountsBelow(t *testing.T, dir string) (points []string) {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) > 1 && (f[1] == dir || strings.HasPrefix(f[1], dir+"/")) {
			points = append(points, f[1])
		}
	}
	slices.Reverse(points)
	return points
}
