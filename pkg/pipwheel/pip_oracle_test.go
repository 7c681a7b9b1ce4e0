//go:build oracle

package pipwheel_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// TestPipAgrees lets pip install real and forged wheels, each into an environment of its own,
// and compares every file with what is planned for that environment.
func TestPipAgrees(t *testing.T) {
	pip := newPip(t)
	c := &comparison{differs: map[string]int{}}
	target := pip.environment(t, filepath.Join(t.TempDir(), "probe"))
	minor := target.Version[:len(target.Version)-len(filepath.Ext(target.Version))]
	names := slices.Compact(slices.Sorted(slices.Values(oracleDistributions())))
	wheels := pip.download(t, minor, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) { c.distribution(t, pip, name, wheels[name]) })
	}
	t.Run("forged", func(t *testing.T) { c.forged(t, pip) })
	c.report(t)
}

func (c *comparison) distribution(t *testing.T, pip pipTool, name, file string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "env")
	target := pip.environment(t, root)
	before := tree(t, root)
	choice, err := pipwheel.Choose([]string{filepath.Base(file)}, target)
	must(t, err)
	if len(choice.Chosen) != 1 {
		t.Errorf("%s is not chosen for the interpreter that pip got it for", file)
	}
	plan, w := planned(t, file, target, pipwheel.How{Requested: true})
	must(t, pip.install(root, filepath.Dir(file), "--no-deps", name))
	for _, note := range w.Notes() {
		t.Log(note)
	}
	c.environment(t, root, before, target, plan)
}

// planned opens a wheel of the host and plans it; the wheel stays open until the test ends.
func planned(t *testing.T, file string, target pipwheel.Target, how pipwheel.How) ([]layers.Entry, *pipwheel.Wheel) {
	t.Helper()
	f, err := os.Open(file)
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	info, err := f.Stat()
	must(t, err)
	w, err := pipwheel.Open(f, info.Size(), filepath.Base(file), pipwheel.Options{})
	must(t, err)
	plan, err := w.Install(target, how)
	must(t, err)
	return plan, w
}
