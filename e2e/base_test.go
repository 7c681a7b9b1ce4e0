//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// testBase holds the rig itself to what the other tests take for granted.
func testBase(t *testing.T, r *rig) {
	i := r.image(t, r.base)
	if n := len(r.layers); n < 3 {
		t.Errorf("the base has %d layers, want at least three", n)
	}
	for _, l := range i.manifest.Layers {
		if l.MediaType != "application/vnd.docker.image.rootfs.diff.tar.gzip" {
			t.Errorf("layer of type %s, want Docker's", l.MediaType)
		}
	}
	if field(i.config, "config", "Healthcheck", "StartInterval") == nil {
		t.Error("the base's config has no Healthcheck.StartInterval to survive")
	}
	if sent := uploadsOf(r.traffic.since(0)[:r.ready], r.layers); len(sent) != len(r.layers) {
		t.Errorf("pushing the base's %d layers was seen at the proxy as %q", len(r.layers), sent)
	}
	for _, e := range r.engines {
		t.Run(e.name, func(t *testing.T) {
			mark := r.traffic.mark()
			if out := e.sh(t, r.base, "python -V; pwd; stat -c '%a %F' /tmp /lib; cat /proc/1/comm"); !strings.Contains(out, "Python 3.11.2") ||
				!strings.Contains(out, "/opt/prefect\n1777 directory\n777 symbolic link\ntini") {
				t.Errorf("the base answers\n%s", out)
			}
			if n := downloaded(r.traffic.since(mark), r.layers); n < 100<<20 {
				t.Errorf("pulling the base moved %d bytes past the proxy, want all its layers", n)
			}
		})
	}
}
