package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/baseimage"
	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

const site = "usr/lib/python3.11/site-packages/"

// withDist puts a distribution "old 0.9" into the base of in, whose RECORD lists files.
func withDist(t *testing.T, in Inputs, record []string, present ...string) Inputs {
	t.Helper()
	var entries []rootfs.Entry
	for _, p := range append(present, site+"old-0.9.dist-info/METADATA", site+"old-0.9.dist-info/extra") {
		entries = append(entries, rootfs.Entry{Node: rootfs.Node{Path: p, Kind: layers.File, Mode: 0o644}})
	}
	if err := in.Profile.Tree.Apply(entries); err != nil {
		t.Fatal(err)
	}
	in.Profile.Distributions = []pipwheel.Distribution{{Name: "Old", Version: "0.9", Path: site + "old-0.9.dist-info", Record: record != nil}}
	var owned []baseimage.OwnedFile
	for _, p := range record {
		owned = append(owned, baseimage.OwnedFile{Path: p})
	}
	in.Owned = func() (map[string][]baseimage.OwnedFile, error) {
		return map[string][]baseimage.OwnedFile{site + "old-0.9.dist-info": owned}, nil
	}
	return in
}

func whiteouts(p *Plan) string {
	var out []string
	for _, l := range p.Images[0].Layers {
		for _, e := range l.Entries() {
			if e.Kind == layers.Whiteout {
				out = append(out, e.Path)
			}
		}
	}
	return strings.ReplaceAll(strings.Join(out, " "), site, "")
}

// What RECORD lists goes, with its bytecode and the metadata folder; a folder goes when nothing is
// left in it, and what another distribution has there stays.
func TestRemovals(t *testing.T) {
	newer := fakewheel.Wheel{Name: "old", Version: "1.0", Files: map[string]string{"old/__init__.py": "new"}}
	for name, c := range map[string]struct {
		record, present []string
		want            string
	}{
		"a package": {
			[]string{site + "old/__init__.py", site + "old/data/x.txt"},
			[]string{site + "old/__init__.py", site + "old/data/x.txt", site + "old/__pycache__/__init__.cpython-311.pyc"},
			"old old-0.9.dist-info",
		},
		"a shared folder": {
			[]string{site + "ns/old.py"},
			[]string{site + "ns/old.py", site + "ns/other.py", site + "ns/__pycache__/old.cpython-311.opt-1.pyc", site + "ns/__pycache__/older.cpython-311.pyc"},
			"ns/__pycache__/old.cpython-311.opt-1.pyc ns/old.py old-0.9.dist-info",
		},
		"a module": {
			[]string{site + "old.py"},
			[]string{site + "old.py", site + "__pycache__/old.cpython-311.pyc"},
			"__pycache__ old-0.9.dist-info old.py",
		},
		"a script and shared data": {
			[]string{"usr/bin/old", "usr/share/old/x"},
			[]string{"usr/bin/old", "usr/share/old/x"},
			"usr/bin/old old-0.9.dist-info usr/share/old/x",
		},
		"rows that lead outside": {
			[]string{"etc/hosts", "usr/lib/libc.so.6", "usr/bin/python3.11", "usr/bin/python3", "usr/bin/python", "usr/lib/libpython3.11.so.1.0", "usr/include/python3.11/Python.h", "usr/lib/python3.11/os.py", site + "missing.py", site + "old.py"},
			[]string{"usr/lib/libc.so.6", "usr/lib/libpython3.11.so.1.0", "usr/include/python3.11/Python.h", "usr/lib/python3.11/os.py", site + "old.py"},
			"old-0.9.dist-info old.py",
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := withDist(t, project(t, "x", 3, newer), c.record, c.present...)
			p, notes, err := Make(in)
			if err != nil {
				t.Fatal(err)
			}
			if got := whiteouts(p); got != c.want {
				t.Errorf("removed %s\nwant    %s", got, c.want)
			}
			if p.Images[0].Layers[0].Recipe.Role != layers.RoleRemovals || len(p.Images[0].Replaced) != 1 {
				t.Errorf("layers %s, replaced %v", roles(p), p.Images[0].Replaced)
			}
			if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "Old 0.9 of the base is replaced by 1.0") }) {
				t.Errorf("notes %q", notes)
			}
		})
	}
}

// A distribution without a RECORD is refused, unless the user lets it through; then its metadata
// goes, and the new files may take the place of old ones.
func TestRemovalWithoutRecord(t *testing.T) {
	newer := fakewheel.Wheel{Name: "old", Version: "1.0", Files: map[string]string{"old/__init__.py": "new"}}
	in := withDist(t, project(t, "x", 3, newer), nil, site+"old/__init__.py", site+"old/gone.py")
	_, _, err := Make(in)
	if !refusal.Is(err) || !strings.Contains(err.Error(), "--allow-no-record Old") {
		t.Fatalf("got %v", err)
	}
	in = withDist(t, project(t, "x", 3, newer), nil, site+"old/__init__.py", site+"old/gone.py")
	in.Build.Install.AllowNoRecord = []string{"OLD"}
	p, _, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	if got := whiteouts(p); got != "old-0.9.dist-info" {
		t.Errorf("removed %s", got)
	}
}

// A distribution outside the interpreter's own site-packages stays, behind the new one.
func TestRemovalElsewhere(t *testing.T) {
	in := withDist(t, project(t, "x", 3, fakewheel.Wheel{Name: "old", Version: "1.0", Files: map[string]string{"old.py": "new"}}), nil)
	in.Profile.Distributions[0].Path = "usr/lib/python3/dist-packages/old-0.9.egg-info"
	p, notes, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	if got := whiteouts(p); got != "" || !strings.Contains(strings.Join(notes, "\n"), "stays behind 1.0") {
		t.Errorf("removed %q, notes %q", got, notes)
	}
}

// A --file in the place of a base's module takes its bytecode with it.
func TestReplacedModule(t *testing.T) {
	in := project(t, "x", 3)
	if err := in.Profile.Tree.Apply([]rootfs.Entry{
		{Node: rootfs.Node{Path: "etc/flows.py", Kind: layers.File, Mode: 0o644}},
		{Node: rootfs.Node{Path: "etc/__pycache__/flows.cpython-311.pyc", Kind: layers.File, Mode: 0o644}},
	}); err != nil {
		t.Fatal(err)
	}
	p, _, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	if got := whiteouts(p); got != "etc/__pycache__/flows.cpython-311.pyc" {
		t.Errorf("removed %q", got)
	}
}
