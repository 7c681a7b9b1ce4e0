//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	blank "github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// testPlainPython: on a base with Python alone, such as python:3.11-slim, the image gets the Prefect that prefect.yaml
// names, and is started without Prefect's entrypoint.
func (d *deployed) testPlainPython(t *testing.T) {
	base := d.host + "/library/python:3.11-slim"
	if err := d.pushPlain(base); err != nil {
		t.Fatalf("%s: %v", base, err)
	}
	image := d.ok(t, call{dir: d.dir, args: []string{"--base", base, "-t", d.repository + "-plain:1"}})
	const look = `pip check && python -c "from importlib.metadata import version; print(version('prefect'))"`
	if got := d.podman().sh(t, image, look); !strings.HasSuffix(got, "\n"+d.prefect.version) {
		t.Errorf("the image tells\n%s\nand prefect.yaml names Prefect %s", got, d.prefect.version)
	}
	d.start(t, image, "orders/daily")
}

// pushPlain makes an image of the two layers of the base that Debian and Python are.
func (d *deployed) pushPlain(tag string) error {
	from, err := name.ParseReference(d.rig.base)
	if err != nil {
		return err
	}
	to, err := name.ParseReference(tag)
	if err != nil {
		return err
	}
	image, err := remote.Image(from, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: "amd64"}))
	if err != nil {
		return err
	}
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	plain, err := mutate.AppendLayers(blank.Image, layers[:2]...)
	if err != nil {
		return err
	}
	config, err := plain.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	config.Config = v1.Config{Cmd: []string{"python3"}, Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "PYTHON_VERSION=3.11.2"}}
	if plain, err = mutate.ConfigFile(plain, config); err != nil {
		return err
	}
	return remote.Write(to, plain)
}
