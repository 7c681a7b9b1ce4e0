//go:build e2e

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func testAirGapped(t *testing.T, p *journeyPage) {
	outside := p.project(t, "shop")
	p.shell(t, outside, p.take(t, "sh", "pip download"))

	inside := filepath.Join(t.TempDir(), "shop")
	command(t, "cp", "--archive", outside, inside) // on whatever is carried across
	archive := filepath.Join(inside, "../shop.tar")
	if out := p.cutOff(t, inside, p.take(t, "sh", "layerpack plan")); !strings.HasSuffix(strings.TrimSpace(out), ":shop:1") {
		t.Errorf("standard output is %q", out)
	}
	loaded := p.shell(t, inside, p.take(t, "sh", "podman load"))
	_, name, ok := strings.Cut(strings.TrimSpace(loaded), "Loaded image: ")
	if !ok {
		t.Fatalf("podman says %q", loaded)
	}
	p.completesCutOff(t, p.podman(), name)
	p.completes(t, p.podman(), p.two.api, p.host+"/air-gapped/team/shop:1")

	p.cutOff(t, inside, p.take(t, "sh", "docker-archive:"))
	docker := p.engines[1]
	command(t, docker.command[0], append(slices.Clone(docker.command[1:]), "load", "--quiet", "--input", archive)...)
	p.completes(t, docker, p.two.api, "team/shop:1")

	// The other way: a lock and the cache.
	p.shell(t, outside, p.take(t, "sh", "layerpack lock"))
	lock := read(t, filepath.Join(outside, "pylock.toml"))
	for _, wheel := range list(t, filepath.Join(outside, "wheels")) {
		if !strings.Contains(lock, wheel) {
			t.Errorf("pip downloaded %s, layerpack takes another:\n%s", wheel, lock)
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "shop")
	command(t, "cp", "--archive", outside, elsewhere)
	command(t, "cp", "--archive", filepath.Join(outside, "../carried"), filepath.Join(elsewhere, "../carried"))
	p.cutOff(t, elsewhere, p.take(t, "sh", "--offline"))
	if was, is := layoutDigest(t, filepath.Join(outside, "../image")), layoutDigest(t, filepath.Join(elsewhere, "../image")); was != is {
		t.Errorf("with a network %s, without one %s", was, is)
	}
}

// completesCutOff runs the flow where podman has no network, and so the container none either.
func (p *journeyPage) completesCutOff(t *testing.T, e engine, image string) {
	t.Helper()
	e.command = append([]string{"unshare", "--net"}, e.command...)
	p.completes(t, e, "", image)
}
