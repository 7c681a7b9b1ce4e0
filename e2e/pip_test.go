//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What differs between pip's files and ours on purpose (DESIGN.md; research of three installers).
const (
	otherInstaller = "INSTALLER names the installer, and its row in RECORD"
	carriageReturn = "pip ends RECORD's lines in CRLF"
	shippedCode    = "pip installs __pycache__ that a wheel ships, with rows and folders"
	scriptBit      = "pip leaves .data/scripts without x bit not executable"
	staleRow       = "pip keeps rows of files that are not there"
)

// testPip installs sets of distributions with pip and with layerpack over the same base, compares
// the two images whole, and then what programs in them see. Within a set nothing clashes.
func testPip(t *testing.T, r *rig) {
	all := &comparison{}
	var seen sights
	for _, set := range [][2]string{{"many", r.set("many")}, {"other", r.set("other")}, {"odd", oddWheel(t)}} {
		t.Run(set[0], func(t *testing.T) { testPipSet(t, r, set[0], set[1], all, &seen) })
	}
	t.Logf("%d distributions", seen.distributions)
	all.report(t, []string{otherInstaller, carriageReturn, shippedCode, scriptBit, staleRow})
	t.Logf("%d modules imported (%d of them with an exception), %d scripts run (%d ended with an error or not at all)",
		seen.imports, seen.raised, seen.scripts, seen.failed)
	if seen.distributions < 120 {
		t.Errorf("%d distributions installed by both, want at least 120", seen.distributions)
	}
}

func testPipSet(t *testing.T, r *rig, set, dir string, all *comparison, seen *sights) {
	podman := r.podman()
	since := time.Now()
	step := func(what string) {
		t.Helper()
		t.Logf("%5.1f s %s", time.Since(since).Seconds(), what)
		since = time.Now()
	}
	folders := r.inside(t, dir)
	theirs := podman.start(t, r.base, folders)
	base := tree(t, theirs.root)
	step("the base in a container")

	tag := r.host + "/pip/" + set + ":1"
	// libodbc is what pyodbc has to miss in this base, for pip's as for ours.
	r.ok(t, call{args: []string{"--base", r.base, "--no-source", "--wheels", dir, "--allow-missing-lib", "libodbc.so.2", "-t", tag}})
	step("layerpack")
	var pull sync.WaitGroup
	pull.Go(func() { podman.pull(t, tag) })
	words := theirs.pip(t, "/inside/wheels", requirements(t, dir)...)
	if set == "many" && !strings.Contains(words, "Requirement already satisfied: prefect==") {
		t.Errorf("the set does not hold the base's own Prefect:\n%s", words)
	}
	step("pip")
	pull.Wait()
	ours := podman.start(t, tag, folders)
	step("our image in a container, pulled at the same time")

	a, b := tree(t, theirs.root), tree(t, ours.root)
	all.trees(t, a, b, pipDifference)
	step("compared trees")

	infos := added(b, base, func(name string, n node) bool {
		return n.mode.IsDir() && directlyIn(name, sitePackages) && strings.HasSuffix(name, ".dist-info")
	})
	scripts := added(b, base, func(name string, n node) bool {
		return directlyIn(name, scriptsDir) && a[name].mode == n.mode // what is not executable cannot be run
	})
	seen.distributions += len(infos)
	seen.compare(t, theirs, ours, infos, scripts)
	step("looked from inside")
}

const (
	sitePackages = "usr/local/lib/python3.11/site-packages"
	scriptsDir   = "usr/local/bin"
)

// requirements names each wheel of a folder by its exact version, as pip is told what a user wants.
func requirements(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		f := strings.SplitN(e.Name(), "-", 3)
		if len(f) != 3 {
			t.Fatalf("%s is no wheel", e.Name())
		}
		all = append(all, f[0]+"=="+f[1])
	}
	return all
}

// pipDifference explains a difference between what pip wrote and what is in our image.
func pipDifference(t *testing.T, d difference) string {
	dir, base := filepath.Split(d.name)
	own := strings.HasSuffix(dir, ".dist-info/") && directlyIn(strings.TrimSuffix(dir, "/"), sitePackages)
	switch {
	case d.what == "only theirs" && (base == "__pycache__" || strings.HasSuffix(dir, "/__pycache__/")):
		return shippedCode
	case d.what == "mode" && directlyIn(d.name, scriptsDir) && d.ours.mode == 0o755 && d.theirs.mode == 0o644:
		return scriptBit
	case d.what == "bytes" && own && base == "INSTALLER":
		return otherInstaller
	case d.what == "bytes" && own && base == "RECORD":
		return recordDifference(t, d)
	}
	return ""
}
