package plan

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/source"
	"github.com/layerpack/layerpack/internal/spec"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/manifest"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// project is the inputs of a build with a source, a file and wheels.
func project(t *testing.T, text string, layersBelow int, wheels ...fakewheel.Wheel) Inputs {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "shop")
	must(os.Mkdir(dir, 0o755))
	must(os.WriteFile(filepath.Join(dir, "flows.py"), []byte(text), 0o644))
	b, err := spec.New(spec.Flags{Base: "oci:base", Dir: dir, Files: []string{"flows.py:/etc/"}})
	must(err)
	in := Inputs{
		Build: b, Base: Base{Digest: "sha256:base", Manifest: "sha256:base", Layers: layersBelow}, Platform: "linux/amd64",
		Image:   &manifest.Base{Config: []byte(`{"config":{"Entrypoint":["/opt/entry.sh"]}}`)},
		Profile: &baseimage.Profile{Tree: debian(t), Python: python()},
	}
	folder, err := source.Folder(dir, source.Options{})
	must(err)
	single, err := source.File(filepath.Join(dir, "flows.py"))
	must(err)
	for _, tree := range []*source.Tree{folder, single} {
		must(tree.Hash(t.Context()))
		t.Cleanup(func() { must(tree.Close()) })
	}
	in.Sources = []Tree{{b.Sources[0], folder}}
	in.Files = []Tree{{b.Files[0], single}}
	for _, w := range wheels {
		raw, err := w.Bytes()
		must(err)
		opened, err := pipwheel.Open(bytes.NewReader(raw), int64(len(raw)), w.Filename(), pipwheel.Options{})
		must(err)
		in.Wheels = append(in.Wheels, Wheel{Wheel: opened, SHA256: sha256.Sum256(raw)})
	}
	return in
}

func python() *pipwheel.Target {
	const site = "/usr/lib/python3.11/site-packages"
	return &pipwheel.Target{
		Implementation: "cpython", Version: "3.11.9", Machine: "x86_64", Executable: "/usr/bin/python3.11",
		Libc:   pipwheel.Libc{Kind: "glibc", Major: 2, Minor: 36},
		Scheme: pipwheel.Scheme{Purelib: site, Platlib: site, Headers: "/usr/include/python3.11", Scripts: "/usr/bin", Data: "/usr", Stdlib: "/usr/lib/python3.11"},
	}
}

func wheel(name, tag, text string) fakewheel.Wheel {
	return fakewheel.Wheel{Name: name, Version: "1.0", Tag: tag, Files: map[string]string{name + ".py": text}}
}

const native = "cp311-cp311-manylinux_2_17_x86_64"

func roles(p *Plan) string {
	var out []string
	for _, l := range p.Images[0].Layers {
		out = append(out, string(l.Recipe.Role)+" "+l.Title)
	}
	return strings.Join(out, "\n")
}

// TestMake: layers come in the order in which they change, wheels with code first, the source last.
func TestMake(t *testing.T) {
	p, _, err := Make(project(t, "1", 3, wheel("pure", "", "x"), wheel("zfast", native, "x"), wheel("fast", native, "x")))
	if err != nil {
		t.Fatal(err)
	}
	want := "native-wheels fast 1.0\nnative-wheels zfast 1.0\npure-wheels pure 1.0\nfiles /etc/flows.py\nsource /opt/prefect/shop"
	if got := roles(p); got != want {
		t.Errorf("layers\n%s\nwant\n%s", got, want)
	}
	paths := func(i int) (out []string) {
		for _, e := range p.Images[0].Layers[i].Entries() {
			out = append(out, e.Path)
		}
		return out
	}
	if got, want := paths(3), []string{"etc", "etc/flows.py"}; !slices.Equal(got, want) {
		t.Errorf("files: %q, want %q", got, want)
	}
	if got, want := paths(4), []string{"opt", "opt/prefect", "opt/prefect/shop", "opt/prefect/shop/flows.py"}; !slices.Equal(got, want) {
		t.Errorf("source: %q, want %q", got, want)
	}
}

// TestKeys: one changed wheel or file changes the keys of the layers it is in and no other, and the
// same inputs in any order give the same plan to the byte.
func TestKeys(t *testing.T) {
	wheels := []fakewheel.Wheel{wheel("fast", native, "x"), wheel("zfast", native, "x"), wheel("pure", "", "x")}
	plan := func(text string, wheels ...fakewheel.Wheel) (*Plan, string) {
		p, _, err := Make(project(t, text, 3, wheels...))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return p, string(raw)
	}
	one, text := plan("1", wheels...)
	if _, again := plan("1", wheels[2], wheels[1], wheels[0]); again != text {
		t.Errorf("another order, another plan:\n%s\n%s", text, again)
	}
	for _, test := range []struct {
		name   string
		source string
		fast   string
		want   []layers.Role // of the layers that change
	}{
		{"a wheel", "1", "y", []layers.Role{layers.RoleNative}},
		{"the project", "2", "x", []layers.Role{layers.RoleFiles, layers.RoleSource}},
	} {
		two, _ := plan(test.source, wheel("fast", native, test.fast), wheels[1], wheels[2])
		var changed []layers.Role
		for i, l := range two.Images[0].Layers {
			if l.Key != one.Images[0].Layers[i].Key {
				changed = append(changed, l.Recipe.Role)
			}
		}
		if !slices.Equal(changed, test.want) {
			t.Errorf("%s changes %q, want %q", test.name, changed, test.want)
		}
	}
}

// TestTooManyLayers: what no runtime could stack is refused.
func TestTooManyLayers(t *testing.T) {
	if _, _, err := Make(project(t, "1", 125)); err != nil {
		t.Errorf("127 layers: %v", err)
	}
	if _, _, err := Make(project(t, "1", 126)); !refusal.Is(err) || !strings.Contains(err.Error(), "128 layers") {
		t.Errorf("128 layers: %v, want a refusal", err)
	}
}
