//go:build e2e

package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// testSeveral: a prefect.yaml needs two images, and a step of it has layerpack build both at once. The steps that each
// deployment has of its own find them there.
func (d *deployed) testSeveral(t *testing.T) {
	s := newDeployed(t, d.rig, d.prefect, "several")
	s.prefect = s.prefect.with("BASE=" + d.base)
	s.project(t, contents(t, "deploy/several.yaml"))
	all := s.deploys(t, "--all")
	got := s.said(t)
	if want := []string{"--deployments --json", "--base " + d.base + " --tag " + s.repository + "/orders"}; len(got.calls) != 3 ||
		strings.Join(got.calls[:2], "") != strings.Join(want, "\n")+"\n" {
		t.Fatalf("layerpack was called with %q", got.calls)
	}
	var listed []struct {
		Deployments []string
		Image       document
	}
	in := json.NewDecoder(strings.NewReader(got.stdout))
	if err := in.Decode(&listed); err != nil || len(listed) != 2 {
		t.Fatalf("--deployments --json printed %d images: %v\n%s", len(listed), err, got.stdout)
	}
	orders, reports := listed[0].Image, listed[1].Image
	// The document, then what the two other steps printed.
	if want := "\n" + orders.Reference + "\n" + reports.Reference + "\n"; got.stdout[in.InputOffset():] != want {
		t.Errorf("after the document is %q, want %q", got.stdout[in.InputOffset():], want)
	}
	for name, image := range map[string]document{"orders/own": orders, "weekly/own": reports} {
		if kept := s.deployment(t, name).image(); kept != image.Reference {
			t.Errorf("the image of %s is %q, and in the document %q", name, kept, image.Reference)
		}
	}
	if orders.Digest == reports.Digest || !strings.HasPrefix(orders.Reference, s.repository+"/orders:") ||
		!strings.HasPrefix(reports.Reference, s.repository+"/reports:") {
		t.Errorf("the images are %s %s and %s %s", orders.Reference, orders.Digest, reports.Reference, reports.Digest)
	}
	shared := 0
	for _, l := range reports.Layers {
		if slices.ContainsFunc(orders.Layers, func(o documentLayer) bool { return o.Digest == l.Digest && o.Role != "base" }) {
			shared++
		}
	}
	// Each blob and each tag was sent once.
	blobs, tags := finished(all), manifestsPut(all)
	if shared == 0 || repeats(blobs) || repeats(tags) {
		t.Errorf("%d layers are shared; sent were %q and %q:\n%s%s", shared, blobs, tags, requests(all), got.stderr)
	}
}

func repeats(words []string) bool {
	words = slices.Sorted(slices.Values(words))
	return len(slices.Compact(slices.Clone(words))) != len(words)
}
