//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// rig is what all the tests share: the binary, a registry that holds the base, two engines.
type rig struct {
	binary  string
	host    string // of the counting proxy before the registry
	traffic *traffic
	base    string          // reference of the base, by tag
	layers  map[string]bool // digests of the base's layers
	wheels  string          // folder of wheels
	sets    string          // folder of folders of wheels, by name
	parts   string          // folder of what variants of the base are made of
	cache   string          // a cache that lives as long as the rig
	ready   int             // mark in traffic: the base is pushed
	engines []engine
}

const (
	baseRepository = "prefecthq/prefect"
	baseTag        = "2-python3.11"
)

func newRig(t *testing.T) *rig {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("containers are run here: this test needs root")
	}
	r := &rig{
		traffic: &traffic{}, wheels: setting(t, "LAYERPACK_E2E_WHEELS"), sets: setting(t, "LAYERPACK_E2E_SETS"),
		parts: setting(t, "LAYERPACK_E2E_PARTS"), cache: t.TempDir(),
	}
	base := setting(t, "LAYERPACK_E2E_BASE")
	bin := t.TempDir()
	r.binary = filepath.Join(bin, "layerpack")
	mkbase := filepath.Join(bin, "mkbase")
	command(t, "go", "build", "-o", mkbase, "./mkbase")
	command(t, "go", "build", "-o", r.binary, "../cmd/layerpack")

	r.host = startProxy(t, startRegistry(t), r.traffic)
	r.base = r.host + "/" + baseRepository + ":" + baseTag
	command(t, mkbase, "push", base, r.base)
	r.layers = map[string]bool{}
	for _, l := range r.image(t, r.base).manifest.Layers {
		r.layers[l.Digest] = true
	}
	r.ready = r.traffic.mark()
	r.engines = []engine{newPodman(t), newDocker(t)}
	return r
}

// set answers a folder of wheels, see sets.sh.
func (r *rig) set(name string) string { return filepath.Join(r.sets, name) }

// podman is the engine whose containers can be looked into from the host.
func (r *rig) podman() engine { return r.engines[0] }

func setting(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run e2e/run.sh, which makes what the tests need", name)
	}
	return v
}

// command runs what must succeed and answers its standard output.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, stderrOf(err))
	}
	return string(out)
}

func stderrOf(err error) []byte {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.Stderr
	}
	return nil
}
