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
)

// shell runs a block as its reader would, on a machine that has the tools and is logged in, and answers its output.
func (p *journeyPage) shell(t *testing.T, dir, script string, env ...string) string {
	t.Helper()
	return p.in(t, nil, dir, script, env...)
}

// cutOff runs a block where there is no network, not even the loopback.
func (p *journeyPage) cutOff(t *testing.T, dir, script string) string {
	t.Helper()
	return p.in(t, []string{"unshare", "--net"}, dir, script)
}

func (p *journeyPage) in(t *testing.T, place []string, dir, script string, env ...string) string {
	t.Helper()
	line := slices.Concat(place, []string{"bash", "-e", "-c", script})
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Dir = dir
	cmd.Env = slices.Concat(p.env(t), env)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Stdin = strings.NewReader("yes\n") // to what terraform asks
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v:\n%s\n%s%s", p.name, err, script, &stdout, &stderr)
	}
	return stdout.String()
}

// env is that of a machine whose user has logged in, with an index of packages on the loopback.
func (p *journeyPage) env(t *testing.T) []string {
	t.Helper()
	home := t.TempDir()
	checkout{}.write(t, filepath.Join(home, ".config/containers/registries.conf"),
		fmt.Appendf(nil, "[[registry]]\nlocation = %q\ninsecure = true\n[[registry]]\nlocation = %q\ninsecure = true\n", p.locked, p.host))
	return []string{
		"PATH=" + p.tools(t), "HOME=" + home, "TMPDIR=" + t.TempDir(), "XDG_CACHE_HOME=" + p.cache, "LANG=C.UTF-8",
		"DOCKER_CONFIG=" + p.config, "REGISTRY_AUTH_FILE=" + filepath.Join(p.config, "config.json"),
		"PIP_INDEX_URL=" + p.index.simple(), "PIP_DISABLE_PIP_VERSION_CHECK=1",
	}
}

// tools answers PATH: Debian's programs, and those of the pages that Debian does not have, as the rig starts them.
func (j *journeys) tools(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if j.dist != "" {
		if err := os.Symlink(filepath.Join(j.dist, "layerpack-linux-amd64"), filepath.Join(dir, "layerpack")); err != nil {
			t.Fatal(err)
		}
	}
	if path, err := exec.LookPath("terraform"); err == nil {
		if err := os.Symlink(path, filepath.Join(dir, "terraform")); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range j.engines {
		program, err := exec.LookPath(e.command[0])
		if err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\nexec '" + strings.Join(append([]string{program}, e.command[1:]...), "' '") + `' "$@"` + "\n"
		checkout{}.write(t, filepath.Join(dir, e.name), []byte(script))
		if err := os.Chmod(filepath.Join(dir, e.name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir + ":/usr/bin:/bin:/usr/sbin"
}
