//go:build oracle

package pipwheel_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// TestFactsOfRealWheels wants real wheels to be planned the same from facts, and reports what
// facts weigh and how fast they are read.
func TestFactsOfRealWheels(t *testing.T) {
	pip := newPip(t)
	targets := factTargets()
	target := pip.environment(t, filepath.Join(t.TempDir(), "probe"))
	targets["environment"] = target
	minor := target.Version[:len(target.Version)-len(filepath.Ext(target.Version))]
	names := slices.Compact(slices.Sorted(slices.Values(oracleDistributions())))
	var all []byte
	var reading, planning time.Duration
	files := 0
	for name, path := range pip.download(t, minor, names) {
		f, err := os.Open(path)
		must(t, err)
		info, err := f.Stat()
		must(t, err)
		w, err := pipwheel.Open(f, info.Size(), filepath.Base(path), pipwheel.Options{})
		must(t, err)
		facts, err := w.Facts()
		must(t, err)
		start := time.Now()
		known, err := pipwheel.FromFacts(facts, w.Basename, pipwheel.Options{}, nil)
		must(t, err)
		reading += time.Since(start)
		start = time.Now()
		entries, err := known.Install(target, pipwheel.How{Requested: true})
		must(t, err)
		planning += time.Since(start)
		files += len(entries)
		all = append(all, facts...)
		for where, target := range targets {
			opened := 0
			t.Run(name+"/"+where, func(t *testing.T) { sameInstall(t, w, fromFacts(t, w, &opened), target, pipwheel.How{Requested: true}) })
		}
		must(t, f.Close())
	}
	enc, err := zstd.NewWriter(nil)
	must(t, err)
	t.Logf("%d files: facts of %d bytes, %d compressed, read in %v, planned in %v", files, len(all), len(enc.EncodeAll(all, nil)), reading, planning)
}
