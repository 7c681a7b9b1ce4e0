package flowcheck_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/layerpack/layerpack/internal/flowcheck"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
)

// FuzzFindings reads two files that nobody vouches for, one of which may import the other: it ends, and says the same again.
func FuzzFindings(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if a, err := txtar.ParseFile(file); err == nil && len(a.Files) > 1 {
			f.Add(a.Files[0].Data, a.Files[1].Data)
		}
	}
	base := rootfs.New()
	var entries []rootfs.Entry
	for _, name := range []string{"opt/prefect/demo/flows.py", "opt/prefect/demo/helpers.py", "opt/prefect/demo/etl/__init__.py", site + "prefect/__init__.py"} {
		entries = append(entries, rootfs.Entry{Node: rootfs.Node{Path: name, Kind: layers.File, Mode: 0o644, Size: 10}})
	}
	if err := base.Apply(entries); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, script, helper []byte) {
		p := &project{}
		p.img = flowcheck.Image{
			Tree: base, Python: python(), Workdir: home, Env: map[string]string{"PYTHONPATH": home},
			Own: []string{"opt/prefect/demo/flows.py", "opt/prefect/demo/helpers.py", "opt/prefect/demo/etl/__init__.py"},
			Read: func(name string) ([]byte, error) {
				switch name {
				case "opt/prefect/demo/flows.py":
					return script, nil
				case site + "prefect/__init__.py":
					return nil, flowcheck.ErrUnknown
				}
				return helper, nil
			},
		}
		p.dist("prefect==2.20.26")
		p.entrypoint("flows.py:hello")
		p.entrypoint("helpers.hello")
		first := flowcheck.Findings(p.img, p.project)
		if diff := cmp.Diff(first, flowcheck.Findings(p.img, p.project)); diff != "" {
			t.Error(diff)
		}
	})
}
