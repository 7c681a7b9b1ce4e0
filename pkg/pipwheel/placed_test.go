package pipwheel_test

import (
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// TestTwoFilesOnePlace puts two files of a wheel at one path: from its root and from .data in
// either order, from .data twice, as a script or launcher into a folder below the root.
func TestTwoFilesOnePlace(t *testing.T) {
	below := library("3.11")
	below.Scheme.Scripts = below.Scheme.Purelib + "/bin"
	const data = "demo-1.0.data/"
	for _, c := range []struct {
		name, first, second string
		executable          bool // and the first is not
	}{
		{name: "root, data", first: "a/b", second: data + "purelib/a/b"},
		{name: "data, root", first: data + "purelib/a/b", second: "a/b"},
		{name: "data, data", first: data + "purelib/a", second: data + "platlib/a"},
		{name: "root, script", first: "bin/run", second: data + "scripts/run", executable: true},
		{name: "script, root", first: data + "scripts/run", second: "bin/run", executable: true},
	} {
		for _, same := range []bool{true, false} {
			first, second := member{name: c.first, body: "x"}, member{name: c.second, body: "x", stored: true}
			if c.executable {
				first.executable, second.executable = true, true
			}
			if !same {
				second.body = "y"
			}
			got, err := plan(t, below, false, first, second)
			switch {
			case same && err != nil:
				t.Errorf("%s, the same bytes: %v", c.name, err)
			case same && len(got) != 5: // METADATA, WHEEL, RECORD, INSTALLER and this one
				t.Errorf("%s, the same bytes: %v", c.name, got)
			case !same && (!refusal.Is(err) || !strings.Contains(err.Error(), "two different files")):
				t.Errorf("%s, other bytes: %v", c.name, err)
			}
		}
	}
	_, err := plan(t, below, false, member{name: "bin/run"},
		member{name: "{info}/entry_points.txt", body: "[console_scripts]\nrun = m:f\n"})
	if !refusal.Is(err) || !strings.Contains(err.Error(), "two different files") {
		t.Errorf("a launcher over a file of the root: %v", err)
	}
	if _, err := plan(t, below, false, member{name: "a"}, member{name: "b", executable: true}, member{name: data + "purelib/b"}); !refusal.Is(err) {
		t.Errorf("one of two executable: %v", err)
	}
}

// TestOddLibraries installs into folders whose names are not clean, or are none of a layer.
func TestOddLibraries(t *testing.T) {
	for lib, want := range map[string]string{
		"/usr/lib": "usr/lib/a", "usr/lib": "usr/lib/a", "/usr//lib/": "usr/lib/a", "/": "a", "": "a", "/x/../y": "y/a",
		"/.wh.x": "names beginning .wh.", "/\xff": "not UTF-8",
	} {
		target := library("3.11")
		target.Scheme.Purelib = lib
		got, err := plan(t, target, false, member{name: "a", body: "x"})
		switch {
		case err != nil && !strings.Contains(err.Error(), want):
			t.Errorf("%q: %v", lib, err)
		case err == nil && got[want] != "644 x":
			t.Errorf("%q: %v, want %s", lib, got, want)
		}
	}
}
