//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testDeployed deploys, and again, and says what moved and what the server was told.
func (d *deployed) testDeployed(t *testing.T) {
	if all := d.deploys(t, "--name", "daily"); len(finished(all)) == 0 || len(manifestsPut(all)) == 0 {
		t.Errorf("the first deployment sent no image:\n%s", requests(all))
	}
	got := d.said(t)
	d.image = strings.TrimSuffix(got.stdout, "\n")
	if tag, ok := strings.CutPrefix(d.image, d.repository+":"); !ok || strings.ContainsAny(tag, " \n:/") {
		t.Fatalf("standard output is %q", got.stdout)
	}
	d.alike(t, got, 1, "orders/daily")
	told(t, got.stderr, "building layer source", "note: base tag", "tagged by content")

	nothing := func(all []*exchange) {
		t.Helper()
		if uploaded(all) != 0 || len(manifestsPut(all)) != 0 {
			t.Errorf("%d bytes of blobs and the manifests %q were sent again:\n%s", uploaded(all), manifestsPut(all), requests(all))
		}
	}
	nothing(d.deploys(t, "--name", "sundays"))
	d.alike(t, d.said(t), 1, "orders/daily", "weekly/sundays")
	// A runner that was born a second ago deploys all.
	young := *d
	young.prefect = d.prefect.with("XDG_CACHE_HOME=" + t.TempDir())
	nothing(young.deploys(t, "--all"))
	d.alike(t, d.said(t), 2, "orders/daily", "weekly/sundays")
}

// testMoved: the base's tag goes to another image, and layerpack has more to say than it is asked for. The deployment
// gets the new image, of which no layer is sent that the old one had.
func (d *deployed) testMoved(t *testing.T) {
	if err := move(d.base, t.Name()); err != nil {
		t.Fatalf("%s: %v", d.base, err)
	}
	const tag, pool = "--tag {{ $IMAGE }}", "parameters: {days: 3}\n  work_pool:\n    name: shop\n    job_variables:\n"
	d.rewrite(t, tag, tag+" -v --progress plain")
	d.rewrite(t, pool, pool+"      env: {EXTRA_PIP_PACKAGES: roman}\n")
	there := map[string]bool{}
	for _, l := range d.rig.image(t, d.image).manifest.Layers {
		there[l.Digest] = true
	}
	all := d.deploys(t, "--name", "daily")
	if again := uploadsOf(all, there); len(again) > 0 || len(manifestsPut(all)) == 0 {
		t.Errorf("layers were sent again: %q; manifests: %q:\n%s", again, manifestsPut(all), requests(all))
	}
	got, before := d.said(t), d.image
	d.image = strings.TrimSuffix(got.stdout, "\n")
	if !strings.HasPrefix(d.image, d.repository+":") || d.image == before {
		t.Fatalf("standard output is %q, and was %q before the base moved", got.stdout, before)
	}
	d.alike(t, got, 1, "orders/daily")
	told(t, got.stderr, "note: base tag", "warning: ", "EXTRA_PIP_PACKAGES", "\n  left out ")
	if label := field(d.rig.image(t, d.image).config, "config", "Labels", "moved"); label != t.Name() {
		t.Errorf("the image is of a base with the label %v, not of that which the tag names now", label)
	}
}

// testFailing: what layerpack refuses is said by prefect deploy, and moves nothing.
func (d *deployed) testFailing(t *testing.T, heeded bool) {
	path := filepath.Join(d.dir, "requirements.txt")
	if err := os.WriteFile(path, []byte(contents(t, path)+"tabulate>=99\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o, all := d.deploy(t, "--name", "daily")
	if uploaded(all) != 0 || len(manifestsPut(all)) != 0 {
		t.Errorf("a refused build sent something:\n%s", requests(all))
	}
	told(t, o.stdout+o.stderr, "because you ask for tabulate==0.9.0 (requirements.txt:2)")
	if got := d.said(t); got.stdout != "" {
		t.Errorf("standard output of a refused build is %q", got.stdout)
	}
	image := d.deployment(t, "orders/daily").image()
	if heeded && (o.code == 0 || image != d.image) {
		t.Errorf("prefect deploy ended with %d, and the image became %q\n%s%s", o.code, image, o.stdout, o.stderr)
	}
	// Prefect 2.11 does not look at the exit code: layerpack printed nothing, so the image is nothing.
	if !heeded && image != "" {
		t.Errorf("the image became %q, with nothing on standard output", image)
	}
}

// alike: layerpack ran that often and printed the image alone, with its line's end; deployments have it to the byte.
func (d *deployed) alike(t *testing.T, got said, calls int, names ...string) {
	t.Helper()
	if len(got.calls) != calls {
		t.Errorf("layerpack was called %d times, want %d: %q", len(got.calls), calls, got.calls)
	}
	if got.stdout != strings.Repeat(d.image+"\n", calls) {
		t.Errorf("layerpack printed %q, want %q in a line for each of %d calls", got.stdout, d.image, calls)
	}
	for _, name := range names {
		kept := d.deployment(t, name)
		if kept.image() != d.image {
			t.Errorf("the image of %s is %q, layerpack printed %q", name, kept.image(), d.image)
		}
		if len(kept.PullSteps) != 1 {
			t.Errorf("%s has the pull steps %v", name, kept.PullSteps)
		}
	}
}

// told: all of these were said.
func told(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not told:\n%s", part, text)
		}
	}
}
