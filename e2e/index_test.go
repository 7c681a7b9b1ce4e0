//go:build e2e

package e2e

import (
	"debug/elf"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// indexFlow is a flow that needs what its wheels bring, native and pure.
const indexFlow = `import narwhals
import numpy as np
import pandas as pd
from prefect import flow

@flow(log_prints=True)
def count(n: int = 5) -> int:
    total = int(pd.Series(np.arange(n)).sum())
    print("counted", total, "with narwhals", narwhals.__version__)
    return total
`

// The function alone: that whole runs complete is the Flow test's business.
const runIndexFlow = `
import platform
from flows import count
print("total:", count.fn(), platform.machine())
`

const indexType = "application/vnd.oci.image.index.v1+json"

// indexDocument is what the tests read of --json where there are several platforms.
type indexDocument struct {
	Reference, Digest string
	Platforms         []struct {
		Platform, Digest string
		Base             struct{ Manifest string }
		Layers           []struct {
			documentLayer
			Shared bool
		}
	}
}

// indexing is one command for two platforms, and what came of it.
type indexing struct {
	*rig
	base   string          // an index of the rig's base and of the one for arm64
	below  map[string]bool // the layers of both
	usual  call
	tag    string
	first  indexDocument
	images []image // those that the index lists
}

// testIndex: several platforms are one command and one tag, for two bases that have nothing in common.
func testIndex(t *testing.T, r *rig) {
	x := &indexing{rig: r, base: r.host + "/index/base:1", tag: r.host + "/index/flows:1"}
	arm := r.host + "/index/arm64:1"
	command(t, "skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci:"+filepath.Join(r.parts, "arm64")+":python", "docker://"+arm)
	command(t, "crane", "index", "append", "-m", r.host+"/"+baseRepository+"@"+r.image(t, r.base).digest, "-m", arm, "-t", x.base)
	x.below = map[string]bool{}
	for _, i := range x.listed(t, "index/base", "1") {
		for _, l := range i.manifest.Layers {
			x.below[l.Digest] = true
		}
	}
	project := filepath.Join(t.TempDir(), "shop")
	checkout{}.write(t, filepath.Join(project, "flows.py"), []byte(indexFlow))
	x.usual = call{dir: project, args: x.line(x.wheels(t, "*"), "-t", x.tag)}

	t.Run("Pushed", x.pushed)
	if t.Failed() {
		return
	}
	t.Run("Taken", x.taken)
	t.Run("Same", x.same)
	t.Run("Again", x.again)
	t.Run("Shared", x.shared)
	t.Run("Refused", x.refusals)
}

// taken: all who know images take the index, and the engines run the image for this machine.
func (x *indexing) taken(t *testing.T) {
	at := func(name string, look func(*testing.T)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			look(t)
		})
	}
	at("tools", x.tools)
	at("containerd", x.containerd)
	for _, e := range x.engines {
		at(e.name, func(t *testing.T) {
			o := e.run(t, x.tag, "python", "-c", runIndexFlow)
			if o.code != 0 || !strings.Contains(o.stdout, "total: 10 x86_64") || !strings.Contains(o.stdout, "counted 10 with narwhals ") {
				t.Errorf("the flow does not run (exit code %d)\n%s%s", o.code, o.stdout, o.stderr)
			}
		})
	}
}

// line is a command line for both platforms; the arm64 base is Debian's, and without Prefect.
func (x *indexing) line(wheels []string, more ...string) []string {
	args := []string{"--base", x.base, "--platform", "linux/amd64,linux/arm64", "--break-system-packages", "--ignore-healthchecks"}
	for _, w := range wheels {
		args = append(args, "--wheels", w)
	}
	return append(args, more...)
}

// wheels are those of numpy and pandas for some machines, or for all, and pure ones.
func (x *indexing) wheels(t *testing.T, machine string) []string {
	t.Helper()
	all := wheelsNamed(t, x.rig.wheels, "narwhals", "python_dateutil", "six")
	for _, name := range []string{"numpy", "pandas"} {
		found, err := filepath.Glob(filepath.Join(x.set("mixed"), name+"-*"+machine+".whl"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no wheels of %s for %s: %v", name, machine, err)
		}
		all = append(all, found...)
	}
	return all
}

// listed are the images of an index of the registry.
func (r *rig) listed(t *testing.T, repository, which string) (all []image) {
	t.Helper()
	var index manifest
	r.get(t, repository+"/manifests/"+which, &index)
	for _, m := range index.Manifests {
		var i image
		if i.digest = r.get(t, repository+"/manifests/"+m.Digest, &i.manifest); i.digest != m.Digest {
			t.Errorf("%s is %s", m.Digest, i.digest)
		}
		r.get(t, repository+"/blobs/"+i.manifest.Config.Digest, &i.config)
		if arch := field(i.config, "architecture"); arch != m.Platform.Architecture {
			t.Errorf("%s is listed for %s, its configuration says %v", m.Digest, m.Platform.Architecture, arch)
		}
		all = append(all, i)
	}
	return all
}

// build runs a command for several platforms and answers its document and what it asked of the registry.
func (x *indexing) build(t *testing.T, c call) (d indexDocument, all []*exchange) {
	t.Helper()
	c.args = append(slices.Clip(c.args), "--json")
	mark := x.traffic.mark()
	out := x.ok(t, c)
	all = x.traffic.since(mark)
	if err := json.Unmarshal([]byte(out), &d); err != nil || len(d.Platforms) != 2 {
		t.Fatalf("%d platforms, %v\n%s", len(d.Platforms), err, out)
	}
	t.Logf("%d requests, %d bytes of blobs sent", len(all), uploaded(all))
	return d, all
}

// pushed: an image for each platform, the base's layers mounted, every blob sent once, the tag last.
func (x *indexing) pushed(t *testing.T) {
	d, all := x.build(t, x.usual)
	x.first = d
	var index manifest
	digest := x.get(t, "index/flows/manifests/1", &index)
	if d.Reference != x.tag || d.Digest != digest || index.MediaType != indexType {
		t.Errorf("%s is %s of type %s, told is %s of %s", x.tag, digest, index.MediaType, d.Digest, d.Reference)
	}
	x.images = x.listed(t, "index/flows", "1")
	for i, platform := range []string{"linux/amd64", "linux/arm64"} {
		if d.Platforms[i].Platform != platform || d.Platforms[i].Digest != x.images[i].digest {
			t.Errorf("image %d is %s, told is %s for %s", i, x.images[i].digest, d.Platforms[i].Digest, d.Platforms[i].Platform)
		}
		var told, has []string
		for _, l := range d.Platforms[i].Layers {
			told = append(told, l.Digest)
			if want := l.Role == "source"; l.Shared != want {
				t.Errorf("%s: layer %s (%s): shared %t, want %t", platform, l.Digest, l.Role, l.Shared, want)
			}
		}
		for _, l := range x.images[i].manifest.Layers {
			has = append(has, l.Digest)
		}
		if !slices.Equal(told, has) {
			t.Errorf("%s has the layers %q, told is %q", platform, has, told)
		}
	}
	eachOnce(t, all)
	if up := uploadsOf(all, x.below); len(up) > 0 || mounted(all, x.below) != len(x.below) {
		t.Errorf("of %d layers of the bases %d were mounted; sent: %q", len(x.below), mounted(all, x.below), up)
	}
	var put []string
	for _, path := range manifestsPut(all) {
		if !strings.Contains(path, "layerpack-cache-") {
			put = append(put, strings.TrimPrefix(path, "/v2/index/flows/manifests/"))
		}
	}
	if len(put) != 4 || put[2] != d.Digest || put[3] != "1" {
		t.Errorf("manifests were written in this order: %q; want those of two images, the index, the tag", put)
	}
}

// eachOnce sees that no blob was sent twice.
func eachOnce(t *testing.T, all []*exchange) {
	t.Helper()
	sent := finished(all)
	slices.Sort(sent)
	if n := len(sent); n == 0 || len(slices.Compact(slices.Clone(sent))) != n {
		t.Errorf("%d uploads were finished, of\n%s", n, strings.Join(sent, "\n"))
	}
}

// tools: others read the index as what it is, and each of its images.
func (x *indexing) tools(t *testing.T) {
	raw := command(t, "skopeo", "inspect", "--raw", "--tls-verify=false", "docker://"+x.tag)
	if got := digestOf(t, strings.NewReader(raw)); got != x.first.Digest {
		t.Errorf("skopeo reads %s:\n%s", got, raw)
	}
	command(t, "crane", "validate", "--fast", "--remote", x.tag) // the engines and containerd look into the layers
	for i, arch := range []string{"amd64", "arm64"} {
		if got := digestOf(t, strings.NewReader(command(t, "crane", "manifest", "--platform", "linux/"+arch, x.tag))); got != x.images[i].digest {
			t.Errorf("crane reads %s for %s, want %s", got, arch, x.images[i].digest)
		}
	}
	// umoci takes no index: skopeo gives it one image.
	dir := t.TempDir()
	copied := filepath.Join(dir, "arm64")
	command(t, "skopeo", "copy", "--quiet", "--override-arch", "arm64", "--src-tls-verify=false", "docker://"+x.tag, "oci:"+copied+":demo")
	if got := layoutDigest(t, copied); got != x.images[1].digest {
		t.Errorf("skopeo's copy for arm64 is %s", got)
	}
	command(t, "umoci", "unpack", "--image", copied+":demo", filepath.Join(dir, "bundle"))
	root := filepath.Join(dir, "bundle", "rootfs")
	libraries, err := filepath.Glob(filepath.Join(root, "usr/local/lib/python3.11/dist-packages/numpy/_core/*.so"))
	if err != nil || len(libraries) == 0 {
		t.Fatalf("no libraries of numpy (%v)", err)
	}
	for _, name := range libraries {
		f, err := elf.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if f.Machine != elf.EM_AARCH64 {
			t.Errorf("%s is for %s", name, f.Machine)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := read(t, filepath.Join(root, "opt/prefect/shop/flows.py")); got != indexFlow {
		t.Errorf("flows.py of the image for arm64:\n%s", got)
	}
}

// containerd unpacks the image for a platform that it does not run on, to the DiffIDs that it computes itself.
func (x *indexing) containerd(t *testing.T) {
	c := newContainerd(t, "")
	command(t, "ctr", "--address", c.socket, "images", "pull", "--plain-http", "--platform", "linux/arm64", x.tag)
	computed, arm := c.diffIDs(t), x.images[1]
	for i, want := range field(arm.config, "rootfs", "diff_ids").([]any) {
		if got := computed[arm.manifest.Layers[i].Digest]; got != want {
			t.Errorf("layer %d came out as %q, its DiffID is %v", i, got, want)
		}
	}
	if got := computed[x.images[0].manifest.Layers[len(x.images[0].manifest.Layers)-2].Digest]; got != "" {
		t.Errorf("a layer for amd64 was pulled too: %s", got)
	}
}

// same: on machines that know nothing, each platform alone makes the image that the index lists, and both in another
// order, on one core, the same index.
func (x *indexing) same(t *testing.T) {
	layout := filepath.Join(t.TempDir(), "out")
	without := func(args ...string) call {
		c := fresh(t, x.usual)
		c.args = slices.Concat(x.usual.args[:len(x.usual.args)-2], args, []string{"--no-cache"})
		return c
	}
	t.Run("group", func(t *testing.T) {
		for i, platform := range []string{"linux/amd64", "linux/arm64"} {
			t.Run(platform, func(t *testing.T) {
				t.Parallel()
				c := without("-t", fmt.Sprintf("%s/index/alone:%d", x.host, i))
				c.args[slices.Index(c.args, "--platform")+1] = platform
				if got := x.json(t, c).Digest; got != x.images[i].digest {
					t.Errorf("alone it is %s, in the index %s", got, x.images[i].digest)
				}
			})
		}
		t.Run("both", func(t *testing.T) {
			t.Parallel()
			c := without("-o", "oci:"+layout)
			c.args[slices.Index(c.args, "--platform")+1] = "linux/arm64,linux/amd64"
			c.env = append(c.env, "GOMAXPROCS=1")
			x.ok(t, c)
			if got := layoutDigest(t, layout); got != x.first.Digest {
				t.Errorf("the layout holds %s, the registry %s", got, x.first.Digest)
			}
		})
	})
}

// again: an unchanged build moves nothing, on this machine and on a new one; one line of the flow moves once what both share.
func (x *indexing) again(t *testing.T) {
	for name, most := range map[string]int{"warm": 4, "fresh": 12} {
		c := x.usual
		if name == "fresh" {
			c = fresh(t, c)
		}
		d, all := x.build(t, c)
		few(t, all, most)
		if d.Digest != x.first.Digest || uploaded(all) != 0 || downloaded(all, x.below) != 0 || len(manifestsPut(all)) != 0 {
			t.Errorf("%s: %s, want %s; %d bytes up, %d of the bases down:\n%s", name, d.Digest, x.first.Digest, uploaded(all), downloaded(all, x.below), requests(all))
		}
	}
	changed(t, x.usual.dir)
	c := x.usual
	c.args = append(slices.Clip(c.args[:len(c.args)-1]), x.host+"/index/flows:2")
	d, all := x.build(t, c)
	few(t, all, 14)
	var want []string
	for _, i := range x.listed(t, "index/flows", "2") {
		want = append(want, i.manifest.Config.Digest)
	}
	layers := d.Platforms[0].Layers
	want = append(want, layers[len(layers)-1].Digest)
	sent := finished(all)
	slices.Sort(want)
	slices.Sort(sent)
	if !slices.Equal(sent, want) {
		t.Errorf("sent were %q, want the source and two configurations %q", sent, want)
	}
}

// shared: in a folder of their own pure wheels are the same bytes for both bases, and sent once.
func (x *indexing) shared(t *testing.T) {
	pure := wheelsNamed(t, x.rig.wheels, "narwhals", "threadpoolctl")
	d, all := x.build(t, call{args: x.line(pure, "--no-source", "--target", "/opt/wheels", "-t", x.host+"/index/shared:1")})
	var digests [2][]string
	for i, p := range d.Platforms {
		for _, l := range p.Layers {
			if l.Role == "pure-wheels" {
				digests[i] = append(digests[i], l.Digest)
			}
		}
	}
	if len(digests[0]) == 0 || !slices.Equal(digests[0], digests[1]) {
		t.Errorf("layers of pure wheels: %q for amd64, %q for arm64", digests[0], digests[1])
	}
	eachOnce(t, all)
	for _, digest := range digests[0] {
		if !slices.Contains(finished(all), digest) {
			t.Errorf("%s was not sent", digest)
		}
	}
}

// refusals: what one platform cannot have is refused for all, with its name, before anything is sent.
func (x *indexing) refusals(t *testing.T) {
	none := []string{"--no-source", "-t", x.host + "/index/none:1"}
	lacking := call{args: append(x.line(nil), none...)}
	lacking.args[slices.Index(lacking.args, "--platform")+1] = "linux/amd64,linux/s390x"
	for name, test := range map[string]struct {
		call call
		says []string
	}{
		"platform": {lacking, []string{"linux/s390x", "linux/amd64, linux/arm64"}},
		"wheel":    {call{args: append(x.line(x.wheels(t, "x86_64")), none...)}, []string{"linux/arm64: ", "numpy", "aarch64"}},
	} {
		mark := x.traffic.mark()
		x.refused(t, test.call, 4, test.says...)
		for _, e := range x.traffic.since(mark) {
			if strings.HasPrefix(e.path, "/v2/index/none/") && e.method != http.MethodGet && e.method != http.MethodHead {
				t.Errorf("%s: %s %s", name, e.method, e.path)
			}
		}
	}
}
