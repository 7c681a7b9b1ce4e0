//go:build e2e

package e2e

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stargz is a containerd that pulls lazily: Debian's containerd and ctr-remote, and the daemon of
// the same release of stargz-snapshotter, which Debian leaves out of its package.
type stargz struct {
	containerd
	dir string // of the snapshots
}

// Garbage is not collected after some number of changes: a snapshot belongs to nobody until it
// gets its label.
const stargzConfig = `[proxy_plugins.stargz]
  type = "snapshot"
  address = %q
[plugins."io.containerd.gc.v1.scheduler"]
  mutation_threshold = 1000000
`

func newStargz(t *testing.T) stargz {
	t.Helper()
	dir := mountableDir(t)
	socket, log := filepath.Join(dir, "socket"), filepath.Join(dir, "log")
	cmd := exec.Command("stargzd", "-socket", socket, "-root", filepath.Join(dir, "root"))
	startServer(t, cmd, log)
	waitFor(t, cmd, log, 20*time.Second, func() bool {
		_, err := os.Stat(socket)
		return err == nil
	})
	c := newContainerd(t, fmt.Sprintf(stargzConfig, socket))
	c.command, c.verb, c.flags = "ctr-remote", "rpull", []string{"--snapshotter", "stargz"}
	return stargz{c, dir}
}

// lazyMounts counts the layers that are file systems of the snapshotter's own.
func (s stargz) lazyMounts(t *testing.T) (n int) {
	t.Helper()
	for line := range strings.Lines(read(t, "/proc/self/mounts")) {
		if f := strings.Fields(line); len(f) > 2 && strings.HasPrefix(f[1], s.dir+"/") && strings.HasPrefix(f[2], "fuse") {
			n++
		}
	}
	return n
}

// mount mounts the snapshot of an image that was pulled, until the test ends.
func (s stargz) mount(t *testing.T, p packed) (dir string) {
	t.Helper()
	dir = mountableDir(t)
	// A collection that is under way may take the snapshot before it has its label.
	labelled := func() error {
		s.ctr(t, "snapshots", "view", dir, chainID(t, p.image))
		return exec.Command("ctr", "--address", s.socket, "snapshots", "--snapshotter", "stargz", "label", dir, "containerd.io/gc.root=here").Run()
	}
	for try := 1; labelled() != nil; try++ {
		if try == 5 {
			t.Fatalf("the snapshot %s does not stay", dir)
		}
	}
	t.Cleanup(func() { s.ctr(t, "snapshots", "rm", dir) })
	command(t, "sh", "-ec", s.ctr(t, "snapshots", "mounts", dir, dir))
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// chainID names the snapshot of all layers of an image, as image-spec's "Layer ChainID" says.
func chainID(t *testing.T, i image) (id string) {
	t.Helper()
	for n, d := range field(i.config, "rootfs", "diff_ids").([]any) {
		if n == 0 {
			id = d.(string)
			continue
		}
		id = fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(id+" "+d.(string))))
	}
	return id
}
