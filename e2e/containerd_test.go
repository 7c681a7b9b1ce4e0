//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const containerdConfig = `version = 2
root = %q
state = %q
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = %q
[ttrpc]
  address = %q
`

// containerd is Debian's, without a container: it pulls images and unpacks them.
type containerd struct {
	socket  string
	unpigz  *helper
	flags   []string // of ctr, for the snapshotter to use
	command string   // that pulls: ctr, or stargz-snapshotter's ctr-remote
	verb    string
}

// newContainerd starts a daemon of its own, with more lines for its configuration.
func newContainerd(t *testing.T, more string) containerd {
	t.Helper()
	dir := mountableDir(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	c := containerd{socket: in("socket"), unpigz: newUnpigz(t, dir), command: "ctr", verb: "pull"}
	text := fmt.Sprintf(containerdConfig, in("root"), in("state"), c.socket, in("ttrpc")) + more
	if err := os.WriteFile(in("config.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("containerd", "--config", in("config.toml"))
	cmd.Env = c.unpigz.env()
	startServer(t, cmd, in("log"))
	waitFor(t, cmd, in("log"), time.Minute, func() bool {
		return exec.Command("ctr", "--address", c.socket, "version").Run() == nil
	})
	return c
}

// ctr gives a command that must succeed, such as images list.
func (c containerd) ctr(t *testing.T, group, verb string, args ...string) string {
	t.Helper()
	return command(t, "ctr", slices.Concat([]string{"--address", c.socket, group}, c.flags, []string{verb}, args)...)
}

// pull fetches an image, in whole or as its snapshotter wants it.
func (c containerd) pull(t *testing.T, image string) {
	t.Helper()
	command(t, c.command, "--address", c.socket, "images", c.verb, "--plain-http", image)
}

// diffIDs answers the DiffIDs that containerd found when it unpacked blobs, by their digests.
func (c containerd) diffIDs(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for line := range strings.Lines(command(t, "ctr", "--address", c.socket, "content", "ls")) {
		fields := strings.Fields(line)
		_, after, ok := strings.Cut(line, "containerd.io/uncompressed=")
		if ok && len(fields) > 0 {
			found[fields[0]] = strings.TrimRight(strings.SplitN(after, ",", 2)[0], "\n")
		}
	}
	return found
}

// helper is a program that servers of ours find before the real one. It notes each call.
type helper struct{ dir, log string }

// newUnpigz makes a helper that calls Debian's unpigz, which Docker and containerd do if it is there.
func newUnpigz(t *testing.T, dir string) *helper {
	t.Helper()
	h := &helper{dir: filepath.Join(dir, "bin"), log: filepath.Join(dir, "unpigz.log")}
	script := fmt.Sprintf("#!/bin/sh\necho >>'%s'\nexec /usr/bin/unpigz \"$@\"\n", h.log)
	if err := os.Mkdir(h.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "unpigz"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *helper) env() []string {
	return append(os.Environ(), "PATH="+h.dir+":"+os.Getenv("PATH"))
}

// calls answers how often it was called.
func (h *helper) calls(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile(h.log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return len(raw)
}
