//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testOtherTools: what others wrote to read images accepts ours, from a registry and from a folder.
func testOtherTools(t *testing.T, r *rig) {
	tag := r.host + "/team/tools:1"
	c := r.demo(checkout{}.project(t), tag)
	pushed := r.json(t, c)

	t.Run("skopeo inspect", func(t *testing.T) {
		out := command(t, "skopeo", "inspect", "--tls-verify=false", "docker://"+tag)
		var seen struct {
			Digest, Architecture string
			Layers               []string
		}
		if err := json.Unmarshal([]byte(out), &seen); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if seen.Digest != pushed.Digest || seen.Architecture != "amd64" || len(seen.Layers) <= len(r.layers) {
			t.Errorf("skopeo sees\n%s", out)
		}
	})
	t.Run("crane validate", func(t *testing.T) {
		command(t, "crane", "validate", "--remote", tag)
	})
	t.Run("umoci unpack of a copy by skopeo", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "copy")
		command(t, "skopeo", "copy", "--quiet", "--src-tls-verify=false", "docker://"+tag, "oci:"+dir+":demo")
		unpack(t, dir+":demo")
	})
	t.Run("umoci unpack of our layout", func(t *testing.T) {
		c := c
		dir := filepath.Join(t.TempDir(), "out")
		c.args = append(c.args[:len(c.args)-2:len(c.args)-2], "-o", "oci:"+dir)
		reference := r.ok(t, c)
		image, ok := strings.CutPrefix(reference, "oci:")
		if !ok || !strings.HasPrefix(image, dir+":") {
			t.Fatalf("standard output is %q, want oci:%s:TAG", reference, dir)
		}
		if got := layoutDigest(t, dir); got != pushed.Digest {
			t.Errorf("the layout holds %s, the registry %s", got, pushed.Digest)
		}
		unpack(t, image)
	})
}

// unpack unpacks an image of a layout with umoci, and looks at some of what must be there.
func unpack(t *testing.T, image string) {
	t.Helper()
	bundle := filepath.Join(t.TempDir(), "bundle")
	command(t, "umoci", "unpack", "--image", image, bundle)
	root := filepath.Join(bundle, "rootfs")
	for _, name := range []string{"opt/prefect/demo/flows.py", "usr/local/lib/python3.11/site-packages/pandas/__init__.py", "opt/modules/seasons.py"} {
		if _, err := os.Lstat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	if target, err := os.Readlink(filepath.Join(root, "lib")); target != "usr/lib" {
		t.Errorf("/lib links to %q: %v", target, err)
	}
}

// layoutDigest answers the digest of the one image in a layout.
func layoutDigest(t *testing.T, dir string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index manifest
	if err := json.Unmarshal(raw, &index); err != nil || len(index.Manifests) != 1 {
		t.Fatalf("index.json: %v, want one manifest\n%s", err, raw)
	}
	return index.Manifests[0].Digest
}
