package pipwheel_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// factTargets are layouts that send the parts of a wheel to different places.
func factTargets() map[string]pipwheel.Target {
	split, beside, old, spaced := library("3.11"), library("3.12"), library("3.8"), library("3.13")
	split.Scheme.Platlib = "/usr/local/lib64/python3.11/site-packages"
	beside.Scheme = pipwheel.Scheme{
		Purelib: "/opt/deps", Platlib: "/opt/deps", Scripts: "/opt/deps/bin", Headers: "/opt/deps/include", Data: "/opt/deps",
		Stdlib: beside.Scheme.Stdlib,
	}
	spaced.Executable = "/opt/my python/bin/python3.13"
	spaced.Scheme.Purelib = "/opt/a, \"b\"/lib"
	return map[string]pipwheel.Target{"library": library("3.11"), "split": split, "--target": beside, "old": old, "spaced": spaced}
}

// factWheels are wheels with what is rare in the index; all are named demo.
func factWheels() map[string][]member {
	const script = "#!python -u\nprint('x')\n"
	return map[string][]member{
		"plain":    {{name: "demo/__init__.py", body: "x = 1\n"}, {name: "demo/core.py"}, {name: "demo/__pycache__/core.pyc", body: "code"}},
		"platform": {{name: "{info}/WHEEL", body: "Wheel-Version: 1.0\n"}, {name: "demo.so", body: "ELF", executable: true, stored: true}},
		"scripts": {
			{name: "demo-1.0.data/scripts/plain", body: script},
			{name: "demo-1.0.data/scripts/short", body: "#!python"},
			{name: "demo-1.0.data/scripts/other", body: "#!/bin/sh\n"},
			{name: "demo-1.0.data/scripts/empty"},
			{name: "demo-1.0.data/scripts/made-script.py", body: script},
			{name: "{info}/entry_points.txt", body: "[console_scripts]\nmade = demo:main\n[gui_scripts]\nwin = demo.gui:App.run [x]\nmade = demo:gui\n"},
		},
		"gui alone": {{name: "{info}/entry_points.txt", body: "[gui_scripts]\nwin = demo.größe:App.run\n"}},
		"like pip":  {{name: "{info}/entry_points.txt", body: "[console_scripts]\npip = a:b\npip3.5 = a:b\npipx = a:c\n"}},
		"schemes": {
			{name: "demo-1.0.data/headers/deep/demo.h", body: "int x;\n"},
			{name: "Demo-1.data/data/share/demo/a.txt", body: "data"},
			{name: "demo-1.0.data/purelib/pure.py", body: "pure"},
			{name: "demo-1.0.data/platlib/plat.py", body: "plat"},
			{name: "demo-1.0.data/data/bin/tool", body: "x", executable: true},
		},
		"record": {
			{name: "a.py", body: "a"},
			{name: "b.py", body: "b"},
			{name: "c.py", body: "c"},
			{name: "d.py"},
			{name: `d, "e".py`},
			{name: "{info}/RECORD", body: "a.py,SHA256=ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb,1\n" +
				"b.py\nc.py,,\"1,\"\"x\"\"\"\n\"d, \"\"e\"\".py\",,0\ngone.py,,\n{info}/RECORD,,\n"},
		},
		"shipped":  {{name: "{info}/INSTALLER", body: "x"}, {name: "{info}/REQUESTED", body: "x"}, {name: "{info}/direct_url.json", body: "{}"}},
		"unicode":  {{name: "demo/é.py", body: "1"}, {name: "demo/è.py", body: "2"}, {name: "demo/e.py", body: "3"}, {name: "demo/日本/x.py"}},
		"metadata": {{name: "{info}/METADATA", body: "Name: demo\nVersion: 1.0\nRequires-Dist: b\nRequires-Dist: a ; x\nRequires-Python: >=3.9\nLicense:\nDescription: long\n  text\n"}},
		// Two files for one place, of which only bytes tell whether they are the same.
		"same":    {{name: "a", body: "x"}, {name: "demo-1.0.data/purelib/a", body: "x", stored: true}},
		"clash":   {{name: "a", body: "1"}, {name: "demo-1.0.data/purelib/a", body: "2"}},
		"refused": {{name: "demo-1.0.data/scripts/python3", body: "x"}},
		"alien":   {{name: "other-1.0.data/scripts/x", body: "x"}},
		"key":     {{name: "demo-1.0.data/stdlib/x", body: "x"}},
	}
}

// fromFacts gives back an opened wheel by its facts, and counts how often it is opened for it.
func fromFacts(tb testing.TB, w *pipwheel.Wheel, opened *int) *pipwheel.Wheel {
	tb.Helper()
	facts, err := w.Facts()
	if err != nil {
		tb.Fatal(err)
	}
	known, err := pipwheel.FromFacts(facts, w.Basename, pipwheel.Options{}, func() (*pipwheel.Wheel, error) {
		*opened++
		return w, nil
	})
	if err != nil {
		tb.Fatalf("%v\n%s", err, facts)
	}
	if again, err := known.Facts(); err != nil || !bytes.Equal(again, facts) {
		tb.Fatalf("facts of a wheel by facts: %v\n%s\nwant\n%s", err, again, facts)
	}
	return known
}

// outline is what a plan of an entry is made from, and detail what its bytes are made from.
type outline struct {
	Path, Origin string
	Kind         layers.Kind
	Mode         uint32
	Size         int64
}

type detail struct {
	Span   layers.Span
	SHA256 [32]byte
}

func outlineOf(entries []layers.Entry) []outline {
	out := make([]outline, len(entries))
	for i, e := range entries {
		out[i] = outline{e.Path, e.Origin, e.Kind, e.Mode, e.Size}
	}
	return out
}

func detailOf(e layers.Entry) (d detail) {
	if e.Deflate != nil {
		d.Span = *e.Deflate
	}
	if e.SHA256 != nil {
		d.SHA256 = *e.SHA256
	}
	return d
}

// sameInstall wants a wheel by facts to install what the wheel itself does, before it is opened
// and after.
func sameInstall(tb testing.TB, w, known *pipwheel.Wheel, target pipwheel.Target, how pipwheel.How) {
	tb.Helper()
	want, wantErr := w.Install(target, how)
	got, err := known.Install(target, how)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) || refusal.Is(err) != refusal.Is(wantErr) {
		tb.Fatalf("error %v, want %v", err, wantErr)
	}
	if d := cmp.Diff(outlineOf(want), outlineOf(got)); d != "" {
		tb.Fatal(d)
	}
	for i, e := range got {
		e.Path, e.UID = "moved/"+e.Path, 7
		full, err := pipwheel.Complete(e)
		if err != nil {
			tb.Fatal(err)
		}
		if full.Path != e.Path || full.UID != e.UID || full.Mode != e.Mode || full.Size != e.Size || detailOf(full) != detailOf(want[i]) {
			tb.Fatalf("completed %+v, want %+v", full, want[i])
		}
		if again, err := pipwheel.Complete(full); err != nil || detailOf(again) != detailOf(full) {
			tb.Fatalf("%s: completing changes a complete entry: %v", e.Path, err)
		}
	}
}

func TestFactsInstall(t *testing.T) {
	for name, files := range factWheels() {
		for where, target := range factTargets() {
			for manner, how := range map[string]pipwheel.How{
				"true": {Requested: true}, "false": {}, "URL": {Requested: true, DirectURL: "https://example.com/demo.whl", SHA256: someSHA256},
			} {
				t.Run(fmt.Sprintf("%s/%s/%s", name, where, manner), func(t *testing.T) {
					w, err := open(forge(t, demo, files...), demo)
					if err != nil {
						t.Fatal(err)
					}
					opened := 0
					known := fromFacts(t, w, &opened)
					sameInstall(t, w, known, target, how)
					if opened > 1 {
						t.Errorf("opened %d times", opened)
					}
					wantMeta := maps.Clone(w.Metadata)
					delete(wantMeta, "description")
					if d := cmp.Diff(wantMeta, known.Metadata); d != "" {
						t.Error(d)
					}
					if d := cmp.Diff(w.Notes(), known.Notes()); d != "" {
						t.Error(d)
					}
					if known.Name() != w.Name() || known.Version() != w.Version() || cmp.Diff(w.File, known.File) != "" {
						t.Errorf("it is %s %s", known.Name(), known.Version())
					}
				})
			}
		}
	}
}

// TestFactsBytes reads what was planned from facts.
func TestFactsBytes(t *testing.T) {
	w, err := open(forge(t, demo, factWheels()["scripts"]...), demo)
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	known := fromFacts(t, w, &opened)
	got, err := known.Install(library("3.11"), pipwheel.How{Requested: true})
	if err != nil {
		t.Fatal(err)
	}
	if opened != 0 {
		t.Fatal("a plan opens the wheel")
	}
	want, err := w.Install(library("3.11"), pipwheel.How{Requested: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range got {
		if text := content(t, e); text != content(t, want[i]) || int64(len(text)) != e.Size {
			t.Errorf("/%s has %q", e.Path, text)
		}
	}
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
}

// TestFactsOpen says when a plan opens a wheel by facts: where facts do not tell.
func TestFactsOpen(t *testing.T) {
	wheels := factWheels()
	for _, c := range []struct {
		name   string
		strict bool
		want   int
	}{{"plain", false, 0}, {"plain", true, 0}, {"record", false, 0}, {"record", true, 1}, {"same", false, 1}} {
		w, err := open(forge(t, demo, wheels[c.name]...), demo)
		if err != nil {
			t.Fatal(err)
		}
		facts, err := w.Facts()
		if err != nil {
			t.Fatal(err)
		}
		opened := 0
		known, err := pipwheel.FromFacts(facts, demo, pipwheel.Options{StrictRecord: c.strict}, func() (*pipwheel.Wheel, error) {
			opened++
			return w, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := known.Install(library("3.11"), pipwheel.How{Requested: true}); err != nil || opened != c.want {
			t.Errorf("%s, strict %t: opened %d times, want %d, error %v", c.name, c.strict, opened, c.want, err)
		}
	}
}

func TestFactsWithoutBytes(t *testing.T) {
	w, err := open(forge(t, demo, factWheels()["plain"]...), demo)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := w.Facts()
	if err != nil {
		t.Fatal(err)
	}
	other, err := open(forge(t, demo, member{name: "other.py", body: "x"}), demo)
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	for name, c := range map[string]struct {
		open func() (*pipwheel.Wheel, error)
		want error
	}{
		"nobody can open it":  {nil, pipwheel.ErrNeedsBytes},
		"it cannot be opened": {func() (*pipwheel.Wheel, error) { return nil, gone }, gone},
		"it is another wheel": {func() (*pipwheel.Wheel, error) { return other, nil }, pipwheel.ErrFacts},
	} {
		known, err := pipwheel.FromFacts(facts, demo, pipwheel.Options{}, c.open)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := known.Install(library("3.11"), pipwheel.How{Requested: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pipwheel.Complete(entries[0]); !errors.Is(err, c.want) {
			t.Errorf("%s: completing: %v", name, err)
		}
		if _, err := entries[0].Open(); !errors.Is(err, c.want) {
			t.Errorf("%s: reading: %v", name, err)
		}
		// Nobody writes a layer from an entry that was not completed.
		if _, err := entries[0].Deflate.Src.ReadAt(make([]byte, 1), 0); !errors.Is(err, pipwheel.ErrNeedsBytes) {
			t.Errorf("%s: splicing: %v", name, err)
		}
		if _, err := pipwheel.Complete(entries[len(entries)-2]); err != nil {
			t.Errorf("%s: a generated file needs the wheel: %v", name, err)
		}
	}
}

// TestFactsRefuse has wheels that nothing is known of, as they can be installed nowhere.
func TestFactsRefuse(t *testing.T) {
	for name, files := range map[string][]member{
		"a weak hash": {{name: "a"}, {name: "{info}/RECORD", body: "a,md5=rL0Y20zC-Fzt72VPzMSk2A,\n"}},
		"a wrong hash": {
			{name: "demo-1.0.data/scripts/x", body: "#!python"},
			{name: "{info}/RECORD", body: "demo-1.0.data/scripts/x,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,\n"},
		},
	} {
		w, err := open(forge(t, demo, files...), demo)
		if err != nil {
			t.Fatal(err)
		}
		_, want := w.Install(library("3.11"), pipwheel.How{Requested: true})
		if _, err := w.Facts(); !refusal.Is(err) || err.Error() != want.Error() {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}

// TestFactsForm holds the form of version 1 fast.
func TestFactsForm(t *testing.T) {
	var files []member
	all := factWheels()
	for _, name := range []string{"plain", "scripts", "schemes", "record", "unicode", "metadata"} {
		files = append(files, all[name]...)
	}
	files = append(files, member{name: "{info}/WHEEL", body: "Wheel-Version: 1.9\n"})
	for i := range files {
		files[i].stored = true // compressors differ
	}
	w, err := open(forge(t, demo, files...), demo)
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Facts()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "facts.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); d != "" {
		t.Errorf("another form is another FactsVersion:\n%s", d)
	}
}
