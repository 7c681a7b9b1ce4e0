//go:build oracle

package pipwheel_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// pipTool is the newest pip of the configured index, in a virtual environment of its own.
type pipTool struct {
	system string // the interpreter that makes environments
	python string // the one that has pip
}

// newPip makes an environment with the interpreter that the environment variable PYTHON3
// names, else with python3.
func newPip(t *testing.T) pipTool {
	t.Helper()
	name := os.Getenv("PYTHON3")
	if name == "" {
		name = "python3"
	}
	system, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the oracle needs Python 3: %v (install it, or name it in PYTHON3)", err)
	}
	dir := filepath.Join(t.TempDir(), "pip")
	p := pipTool{system, filepath.Join(dir, "bin", "python")}
	must(t, command(system, "-m", "venv", dir))
	must(t, command(p.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "pip"))
	out, err := exec.Command(p.python, "-m", "pip", "--version").Output()
	must(t, err)
	t.Logf("%s", bytes.TrimSpace(out))
	return p
}

// download returns the wheel of each distribution. They are kept in the user's cache folder, so
// that another run asks the index only for what is new in the list.
func (p pipTool) download(t *testing.T, minor string, names []string) map[string]string {
	t.Helper()
	cache, err := os.UserCacheDir()
	must(t, err)
	cache = filepath.Join(cache, "layerpack-e2e", "wheels-oracle", "python"+minor)
	var group errgroup.Group
	group.SetLimit(3)
	for _, name := range names {
		group.Go(func() error {
			dir := filepath.Join(cache, name)
			if found, err := filepath.Glob(filepath.Join(dir, "*.whl")); err != nil || len(found) > 0 {
				return err
			}
			return command(p.python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
				"--no-deps", "--only-binary=:all:", "--dest", dir, name)
		})
	}
	must(t, group.Wait())
	files := map[string]string{}
	for _, name := range names {
		found, err := filepath.Glob(filepath.Join(cache, name, "*.whl"))
		must(t, err)
		if len(found) != 1 {
			t.Fatalf("%s: %d wheels in the cache, not 1", name, len(found))
		}
		files[name] = found[0]
	}
	return files
}

// environment makes an empty virtual environment and describes it.
func (p pipTool) environment(t *testing.T, dir string) pipwheel.Target {
	t.Helper()
	must(t, command(p.system, "-m", "venv", "--without-pip", dir))
	out, err := exec.Command(filepath.Join(dir, "bin", "python"), "-c", `
import json, os, platform, sys, sysconfig
paths = sysconfig.get_paths()
libc = os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")
print(json.dumps({
    "version": platform.python_version(), "implementation": sys.implementation.name, "machine": platform.machine(),
    "libc": {"kind": "glibc", "major": int(libc[0]), "minor": int(libc[1])},
    "executable": sys.executable, "virtual": True,
    "scheme": {
        "purelib": paths["purelib"], "platlib": paths["platlib"], "scripts": paths["scripts"],
        "data": paths["data"], "stdlib": paths["stdlib"],
        "headers": "%s/include/site/python%d.%d" % (sys.prefix, *sys.version_info[:2]),
    },
}))`).Output()
	must(t, err)
	var target pipwheel.Target
	must(t, json.Unmarshal(out, &target))
	return target
}

// install lets pip install requirements from a folder of wheels, without compiling.
func (p pipTool) install(env, wheels string, args ...string) error {
	return command(p.python, append([]string{
		"-m", "pip", "--python", filepath.Join(env, "bin", "python"), "--isolated", "install", "--quiet",
		"--disable-pip-version-check", "--no-warn-script-location", "--no-index", "--no-compile", "--find-links", wheels,
	}, args...)...)
}

func command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out.String())
	}
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
