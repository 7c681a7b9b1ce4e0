//go:build e2e

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// container is one of podman's that waits for commands, with its files in sight.
type container struct {
	engine engine
	id     string
	root   string // its file system, mounted on the host
}

// start starts a container of an image with folders of the host, read-only, at absolute paths. It
// ends with the test.
func (e engine) start(t *testing.T, image string, folders map[string]string) container {
	t.Helper()
	line := slices.Concat(e.command[1:], []string{"run", "--detach"}, runFlags, e.flags)
	for from, to := range folders {
		line = append(line, "--volume", from+":"+to+":ro")
	}
	c := container{engine: e, id: strings.TrimSpace(command(t, e.command[0], append(line, image, "sleep", "infinity")...))}
	t.Cleanup(func() { c.tell(t, "rm", "--force", "--time", "0", c.id) })
	c.root = c.tell(t, "mount", c.id)
	t.Cleanup(func() { c.tell(t, "umount", c.id) })
	return c
}

// pull fetches an image that is needed later, next to other work.
func (e engine) pull(t *testing.T, image string) {
	t.Helper()
	cmd := exec.Command(e.command[0], slices.Concat(e.command[1:], []string{"pull", "--quiet"}, e.flags, []string{image})...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", cmd, err, out)
	}
}

// tell gives the engine a command that must succeed.
func (c container) tell(t *testing.T, args ...string) string {
	t.Helper()
	return strings.TrimSpace(command(t, c.engine.command[0], slices.Concat(c.engine.command[1:], args)...))
}

// exec runs a command in the container, with nothing on its standard input.
func (c container) exec(t *testing.T, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(c.engine.command[0], slices.Concat(c.engine.command[1:], []string{"exec"}, args)...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Errorf("%s: %v", cmd, err)
		return outcome{code: -1}
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// pip has the newest pip of the index install wheels of a folder into the container, as a person
// with a Dockerfile would who wants no bytecode in the image. It answers pip's words.
func (c container) pip(t *testing.T, wheels string, requirements ...string) string {
	t.Helper()
	o := c.exec(t, slices.Concat([]string{
		"--env", "PYTHONDONTWRITEBYTECODE=1", c.id, "python", pipInside, "install",
		"--isolated", "--disable-pip-version-check", "--root-user-action", "ignore", "--no-cache-dir",
		"--no-compile", "--no-index", "--no-deps", "--find-links", wheels,
	}, requirements)...)
	if o.code != 0 {
		t.Fatalf("pip install ended with %d\n%s%s", o.code, o.stdout, o.stderr)
	}
	return o.stdout
}

// pipInside is where containers have the newest pip, see [rig.inside].
const pipInside = "/inside/pip/pip"

// inside lists the folders that containers of a test get: the newest pip, a folder of wheels and
// the script that looks around.
func (r *rig) inside(t *testing.T, wheels string) map[string]string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		r.set("pip"): "/inside/pip", wheels: "/inside/wheels", here + "/inside": "/inside/scripts",
	}
}
