//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// testPlainPython: on a base with Python alone, such as python:3.11-slim, the image gets the Prefect that prefect.yaml
// names, and is started without Prefect's entrypoint.
func (d *deployed) testPlainPython(t *testing.T) {
	base := d.host + "/library/python:3.11-slim"
	if err := rewrite(d.rig.base, base, "amd64", slim311); err != nil {
		t.Fatalf("%s: %v", base, err)
	}
	image := d.ok(t, call{dir: d.dir, args: []string{"--base", base, "-t", d.repository + "-plain:1"}})
	const look = `pip check && python -c "from importlib.metadata import version; print(version('prefect'))"`
	if got := d.podman().sh(t, image, look); !strings.HasSuffix(got, "\n"+d.prefect.version) {
		t.Errorf("the image tells\n%s\nand prefect.yaml names Prefect %s", got, d.prefect.version)
	}
	d.start(t, image, "orders/daily")
}
