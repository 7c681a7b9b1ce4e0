//go:build e2e

package e2e

import (
	"archive/zip"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/layerpack/layerpack/internal/baseimage/fakebase"
)

// packed is an image that layerpack wrote, with the layers that it made itself.
type packed struct {
	tag    string // in the registry
	layout string // DIR:TAG of the same image in a folder
	base   int    // number of the base's layers
	image  image
	layers []packedLayer
}

type packedLayer struct {
	blob           string // file in the layout
	digest, diffID string
	size           int64
}

// smallBase pushes a base of the layout of the real one, with next to nothing in it, and answers
// its reference: what others do with our layers does not depend on what lies below.
func (r *rig) smallBase(t *testing.T) string {
	t.Helper()
	ref, err := name.ParseReference(r.host+"/small/base:1", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	base, err := fakebase.Image("amd64")
	if err == nil {
		err = remote.Write(ref, base)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref.String()
}

// packing is the command line for an image of wheels and nothing else on the small base, which has
// none of the libraries that they need.
func (r *rig) packing(t *testing.T, tag string, wheels []string) []string {
	t.Helper()
	line := []string{"--base", r.smallBase(t), "--no-source", "--no-deps", "--allow-missing-lib", "*", "-t", tag}
	for _, w := range wheels {
		line = append(line, "--wheels", w)
	}
	return line
}

// pack builds an image of wheels into the registry and into a layout.
func (r *rig) pack(t *testing.T, tag string, wheels []string, args ...string) packed {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	r.ok(t, call{args: slices.Concat(r.packing(t, tag, wheels), []string{"-o", "oci:" + dir}, args)})
	p := packed{tag: tag, image: r.image(t, tag), base: len(r.image(t, r.smallBase(t)).manifest.Layers)}
	var index struct {
		Manifests []struct{ Annotations map[string]string }
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "index.json"))), &index); err != nil || len(index.Manifests) != 1 {
		t.Fatalf("index.json: %d manifests, %v", len(index.Manifests), err)
	}
	p.layout = dir + ":" + index.Manifests[0].Annotations["org.opencontainers.image.ref.name"]
	if got := layoutDigest(t, dir); got != p.image.digest {
		t.Fatalf("the layout holds %s, the registry %s", got, p.image.digest)
	}
	diffIDs := field(p.image.config, "rootfs", "diff_ids").([]any)
	if len(diffIDs) != len(p.image.manifest.Layers) || len(diffIDs) <= p.base {
		t.Fatalf("%d layers, %d DiffIDs; the base has %d", len(p.image.manifest.Layers), len(diffIDs), p.base)
	}
	for i, l := range p.image.manifest.Layers[p.base:] {
		blob := filepath.Join(dir, "blobs", strings.Replace(l.Digest, ":", "/", 1))
		p.layers = append(p.layers, packedLayer{blob, l.Digest, diffIDs[p.base+i].(string), l.Size})
	}
	return p
}

// wheelsNamed finds one wheel in a folder for each name of a distribution.
func wheelsNamed(t *testing.T, dir string, names ...string) (paths []string) {
	t.Helper()
	for _, name := range names {
		found, err := filepath.Glob(filepath.Join(dir, name+"-*.whl"))
		if err != nil || len(found) != 1 {
			t.Fatalf("wheels of %s in %s: %q, %v; want one", name, dir, found, err)
		}
		paths = append(paths, found[0])
	}
	return paths
}

// nativeAndSmall are wheels of each kind: native with files of many MiB, pure with thousands of
// small files, and one of a single module.
func (r *rig) nativeAndSmall(t *testing.T) []string {
	t.Helper()
	return append(wheelsNamed(t, r.wheels, "numpy", "threadpoolctl"), wheelsNamed(t, r.set("many"), "django")...)
}

// holds sees that the files of wheels lie in an image's tree, byte for byte, but for RECORD, which
// is made anew, and what goes elsewhere. It answers how many these are.
func holds(t *testing.T, root string, wheels []string) (n int) {
	t.Helper()
	for _, wheel := range wheels {
		z, err := zip.OpenReader(wheel)
		if err != nil {
			t.Fatal(err)
		}
		for _, member := range z.File {
			if inSitePackages(member.Name) {
				sameMember(t, filepath.Join(root, sitePackages, member.Name), member)
				n++
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// inSitePackages reports whether a member of a wheel is installed as it is, under its own name.
func inSitePackages(name string) bool {
	return !strings.HasSuffix(name, "/") && !strings.HasSuffix(name, ".dist-info/RECORD") &&
		!strings.Contains(name, ".data/") && !strings.Contains(name, "__pycache__")
}

func sameMember(t *testing.T, path string, member *zip.File) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	r, err := member.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if sum(t, f) != sum(t, r) {
		t.Errorf("%s has other bytes than the wheel", path)
	}
}

// digestOf is the digest of all that can be read, as manifests write it.
func digestOf(t *testing.T, r io.Reader) string {
	t.Helper()
	s := sum(t, r)
	return "sha256:" + hex.EncodeToString(s[:])
}
