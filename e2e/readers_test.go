//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reader is other people's program that unpacks whole images.
type reader struct {
	name string
	zstd bool // whether Debian 12's version takes zstd layers
	// pull unpacks an image and sees that it came out as the program itself computes.
	pull func(t *testing.T, p packed, wheels []string)
}

func newReaders(t *testing.T, r *rig) []reader {
	t.Helper()
	podman, docker, containerd := r.engines[0], r.engines[1], newContainerd(t, "")
	// The base stays, so that removing an image leaves nothing but that.
	base := r.smallBase(t)
	podman.pull(t, base)
	docker.pull(t, base)
	containerd.pull(t, base)
	return []reader{
		{"podman", true, podman.unpack},
		{"docker", false, docker.unpackWithPigz},
		{"containerd", true, containerd.unpack},
		{"skopeo", true, skopeoUnpacks},
		{"umoci", false, umociUnpacks},
	}
}

// found sees that a program computed the DiffIDs of our layers.
func (p packed) found(t *testing.T, computed []string) {
	t.Helper()
	for _, l := range p.layers {
		if !slices.Contains(computed, l.diffID) {
			t.Errorf("no layer came out as %s, the DiffID of %s, but as %q", l.diffID, l.digest, computed)
		}
	}
}

// notYet sees that none of our layers was there before: nothing would be unpacked then.
func (p packed) notYet(t *testing.T, before []string) {
	t.Helper()
	for _, l := range p.layers {
		if slices.Contains(before, l.diffID) {
			t.Errorf("the layer %s is there before it is pulled", l.diffID)
		}
	}
}

// unpack is podman's: its store notes the digest of each tar that it took apart.
func (e engine) unpack(t *testing.T, p packed, wheels []string) {
	tell := container{engine: e}.tell
	store := filepath.Join(tell(t, "info", "--format", "{{.Store.GraphRoot}}"), "overlay-layers", "layers.json")
	computed := func() (digests []string) {
		var layers []map[string]any
		if err := json.Unmarshal([]byte(read(t, store)), &layers); err != nil {
			t.Fatal(err)
		}
		for _, l := range layers {
			if d, ok := l["diff-digest"].(string); ok {
				digests = append(digests, d)
			}
		}
		return digests
	}
	p.notYet(t, computed())
	e.pull(t, p.tag)
	defer tell(t, "rmi", p.tag)
	p.found(t, computed())
	root := tell(t, "image", "mount", p.tag)
	defer tell(t, "image", "unmount", p.tag)
	t.Logf("%d files are those of the wheels", holds(t, root, wheels))
}

// unpackWithPigz is Docker's: its store of layers notes the digest of each tar that it took apart.
func (e engine) unpackWithPigz(t *testing.T, p packed, _ []string) {
	tell := container{engine: e}.tell
	glob := filepath.Join(tell(t, "info", "--format", "{{.DockerRootDir}}"), "image", tell(t, "info", "--format", "{{.Driver}}"), "layerdb/sha256/*/diff")
	computed := func() (digests []string) {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatalf("no layers at %s: %v", glob, err)
		}
		for _, f := range files {
			digests = append(digests, strings.TrimSpace(read(t, f)))
		}
		return digests
	}
	p.notYet(t, computed())
	before := e.unpigz.calls(t)
	tell(t, "pull", "--quiet", p.tag)
	defer tell(t, "rmi", p.tag)
	p.found(t, computed())
	helped(t, p, e.unpigz.calls(t)-before)
}

func (c containerd) unpack(t *testing.T, p packed, wheels []string) {
	for digest := range c.diffIDs(t) {
		if slices.ContainsFunc(p.layers, func(l packedLayer) bool { return l.digest == digest }) {
			t.Errorf("%s is there before it is pulled", digest)
		}
	}
	before := c.unpigz.calls(t)
	c.pull(t, p.tag)
	defer c.ctr(t, "images", "rm", "--sync", p.tag)
	computed := c.diffIDs(t)
	for _, l := range p.layers {
		if got := computed[l.digest]; got != l.diffID {
			t.Errorf("%s came out as %q, its DiffID is %s", l.digest, got, l.diffID)
		}
	}
	if p.image.manifest.Layers[p.base].MediaType != "application/vnd.oci.image.layer.v1.tar+zstd" {
		helped(t, p, c.unpigz.calls(t)-before)
	}
	dir := mountableDir(t)
	c.ctr(t, "images", "mount", p.tag, dir)
	t.Logf("%d files are those of the wheels", holds(t, dir, wheels))
	c.ctr(t, "images", "unmount", "--rm", dir)
}

// helped sees that pigz decoded all our layers.
func helped(t *testing.T, p packed, calls int) {
	t.Helper()
	t.Logf("unpigz was called %d times", calls)
	if calls < len(p.layers) {
		t.Errorf("unpigz was called %d times for %d layers", calls, len(p.layers))
	}
}

// skopeoUnpacks: a copy without compression has blobs that are named by what skopeo computed.
func skopeoUnpacks(t *testing.T, p packed, _ []string) {
	dir := filepath.Join(t.TempDir(), "copy")
	command(t, "skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-decompress", "docker://"+p.tag, "dir:"+dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var computed []string
	for _, e := range entries {
		if !slices.ContainsFunc(p.layers, func(l packedLayer) bool { return l.diffID == "sha256:"+e.Name() }) {
			continue
		}
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		computed = append(computed, digestOf(t, f))
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p.found(t, computed)
}

// umociUnpacks: umoci fails where a layer does not come out as its DiffID says.
func umociUnpacks(t *testing.T, p packed, wheels []string) {
	bundle := filepath.Join(t.TempDir(), "bundle")
	command(t, "umoci", "unpack", "--image", p.layout, bundle)
	t.Logf("%d files are those of the wheels", holds(t, filepath.Join(bundle, "rootfs"), wheels))
}
