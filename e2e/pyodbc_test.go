//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// testPyODBC: a wheel that needs a library of the system is refused on a base that has it not, with
// the name of the Debian package that brings it, and works on a base that has it.
func testPyODBC(t *testing.T, r *rig) {
	build := func(base, tag string, more ...string) call {
		return call{args: append([]string{"--base", base, "--no-source", "--wheels", r.set("pyodbc"), "-t", tag}, more...)}
	}
	const look = `import pyodbc; print("pyodbc", pyodbc.version, pyodbc.drivers())`

	t.Run("the base has no unixODBC", func(t *testing.T) {
		tag := r.host + "/odbc/stock:1"
		r.refused(t, build(r.base, tag), 4, "libodbc.so.2", "pyodbc.cpython-311-x86_64-linux-gnu.so", "libodbc2 in Debian", "--allow-missing-lib")
		// At the user's word it passes, and fails where it was said to fail.
		r.ok(t, build(r.base, tag, "--allow-missing-lib", "libodbc.so.*"))
		if o := r.podman().run(t, tag, "python", "-c", look); o.code != 1 || !strings.Contains(o.stderr, "ImportError: libodbc.so.2") {
			t.Errorf("the import ended with %d\n%s%s", o.code, o.stdout, o.stderr)
		}
	})
	t.Run("the base has unixODBC", func(t *testing.T) {
		base, tag := r.host+"/odbc/base:1", r.host+"/odbc/image:1"
		command(t, "crane", "append", "--platform", "linux/amd64", "--base", r.base, "--new_layer", filepath.Join(r.parts, "unixodbc.tar"), "--new_tag", base)
		r.ok(t, build(base, tag))
		for _, e := range r.engines {
			if o := e.run(t, tag, "python", "-c", look); o.code != 0 || !strings.HasPrefix(o.stdout, "pyodbc 5.") {
				t.Errorf("%s: the import ended with %d\n%s%s", e.name, o.code, o.stdout, o.stderr)
			}
		}
	})
}
