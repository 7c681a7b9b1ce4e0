//go:build e2e

package e2e

import (
	"debug/elf"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func testOtherPlatforms(t *testing.T, p *journeyPage) {
	project := p.project(t, "shop")
	tag := p.locked + "/other-platforms/team/shop:1"
	if out := strings.TrimSpace(p.shell(t, project, p.take(t, "sh", "shop:1-arm64"))); out != tag+"-arm64" {
		t.Errorf("standard output is %q", out)
	}
	alone := p.image(t, p.open(tag+"-arm64"))
	if arch := field(alone.config, "architecture"); arch != "arm64" {
		t.Errorf("the image is for %v", arch)
	}
	plan, lock := p.take(t, "sh", "layerpack plan"), p.take(t, "sh", "layerpack lock")
	if out := strings.TrimSpace(p.shell(t, project, p.take(t, "sh", "linux/amd64,linux/arm64"))); out != tag {
		t.Errorf("standard output is %q", out)
	}
	p.bothPlatforms(t, tag, alone.digest)
	p.completes(t, p.podman(), p.three.api, p.open(tag))

	mark := p.traffic.mark()
	p.shell(t, project, plan)
	if all := p.asked(mark); uploaded(all) != 0 || len(manifestsPut(all)) != 0 {
		t.Errorf("looking moved something:\n%s", requests(all))
	}

	p.shell(t, project, lock)
	text := read(t, filepath.Join(project, "pylock.toml"))
	for _, machine := range []string{"_x86_64.whl", "_aarch64.whl"} {
		if !strings.Contains(text, machine) {
			t.Errorf("the lock has no wheel for %s:\n%s", machine, text)
		}
	}
	p.bothPlatforms(t, tag, "") // the lock is in the source now
}

// bothPlatforms: a tag is an index with an image for each platform, that for arm64 has the digest if one is given, and each
// has the libraries of its own machine.
func (p *journeyPage) bothPlatforms(t *testing.T, tag, arm64 string) {
	t.Helper()
	var index manifest
	p.get(t, strings.Replace(strings.TrimPrefix(tag, p.locked+"/"), ":", "/manifests/", 1), &index)
	platforms := map[string]string{}
	for _, m := range index.Manifests {
		platforms[m.Platform.OS+"/"+m.Platform.Architecture] = m.Digest
	}
	if len(index.Manifests) != 2 || arm64 != "" && platforms["linux/arm64"] != arm64 {
		t.Errorf("%s has %v; alone the image for arm64 is %s", tag, platforms, arm64)
	}
	for platform, machine := range map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64} {
		if found := p.machines(t, p.open(tag), platform); found[machine] == 0 || len(found) != 1 {
			t.Errorf("%s of %s has libraries for %v", platform, tag, found)
		}
	}
}

// machines counts the libraries of the project's own package in an image, by the machine that they are for.
func (p *journeyPage) machines(t *testing.T, image, platform string) (found map[elf.Machine]int) {
	t.Helper()
	dir := t.TempDir()
	archive := filepath.Join(dir, "image.tar")
	command(t, "crane", "export", "--platform", platform, image, archive)
	command(t, "tar", "--extract", "--file", archive, "--directory", dir, "--wildcards", "*/rapidfuzz/*")
	found = map[elf.Machine]int{}
	err := walk(dir, func(name string, e fs.DirEntry) {
		if filepath.Ext(name) != ".so" {
			return
		}
		f, err := elf.Open(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		found[f.Machine]++
		_ = f.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
