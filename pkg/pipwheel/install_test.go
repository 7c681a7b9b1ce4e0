package pipwheel_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	lib     = "usr/local/lib/python3.11/site-packages/"
	info    = lib + "demo-1.0.dist-info/"
	started = "#!/usr/local/bin/python3.11\n"
)

// plan installs a forged wheel and returns "mode text" by path.
func plan(t *testing.T, target pipwheel.Target, requested bool, files ...member) (map[string]string, error) {
	t.Helper()
	w, err := open(forge(t, demo, files...), demo)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := w.Install(target, pipwheel.How{Requested: requested})
	if err != nil {
		return nil, err
	}
	got := map[string]string{}
	for _, e := range entries {
		text := content(t, e)
		if _, twice := got[e.Path]; twice || e.Kind != layers.File || e.UID != 0 || e.GID != 0 || e.Origin == "" || int64(len(text)) != e.Size {
			t.Errorf("entry %+v (twice: %v)", e, twice)
		}
		got[e.Path] = fmt.Sprintf("%o %s", e.Mode, text)
	}
	return got, nil
}

func content(t *testing.T, e layers.Entry) string {
	t.Helper()
	r, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestInstallWhole(t *testing.T) {
	got, err := plan(t, library("3.11"), true,
		member{name: "demo/__init__.py", body: "x = 1\n"},
		member{name: "demo/__pycache__/__init__.cpython-311.pyc", body: "code"},
		member{name: "demo-1.0.data/scripts/run", body: "#!python\nrun\n"},
		member{name: "{info}/entry_points.txt", body: "[console_scripts]\ndemo = demo:main\n"})
	if err != nil {
		t.Fatal(err)
	}
	launcher := started + "import sys\nfrom demo import main\nif __name__ == '__main__':\n" +
		"    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n    sys.exit(main())\n"
	want := map[string]string{
		lib + "demo/__init__.py":  "644 x = 1\n",
		"usr/local/bin/run":       "755 " + started + "run\n",
		"usr/local/bin/demo":      "755 " + launcher,
		info + "METADATA":         "644 Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
		info + "WHEEL":            "644 Wheel-Version: 1.0\nGenerator: forge\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		info + "entry_points.txt": "644 [console_scripts]\ndemo = demo:main\n",
		info + "INSTALLER":        "644 layerpack\n",
		info + "REQUESTED":        "644 ",
		info + "RECORD": `644 ../../../bin/demo,sha256=AGYd54dOWiMz8Wvznzap0EnjxB1eRjLjWhwZfcuf4Do,160
../../../bin/run,sha256=GFY2lj5CEGfaYoQMiotOojzDcx_o9LikVLAA3SshCNw,32
demo-1.0.dist-info/INSTALLER,sha256=wguurtyJ-Zz72LHFs_TRIS2Iloq_3a_VXVArQ5VltWc,10
demo-1.0.dist-info/METADATA,sha256=NKonpgZPlYtBt4GiF_KQ_Qq1-WUeK25Kzas0G3uTwwU,46
demo-1.0.dist-info/RECORD,,
demo-1.0.dist-info/REQUESTED,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
demo-1.0.dist-info/WHEEL,sha256=WONMQdO-6-_rRbgo9pOxmct6U-PxoCJXV0FN1t_Awzs,76
demo-1.0.dist-info/entry_points.txt,sha256=cB9_KZ99Q1zeK186yD_neftGZdvOT61tblgHJXTEFUw,35
demo/__init__.py,sha256=nia_NpkRxFwkPGhBR7I_yeHc_PJX0pmhxjIBam_NM_Q,6
`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestInstallPlaces(t *testing.T) {
	split := library("3.11")
	split.Scheme.Platlib = "/usr/local/lib64/python3.11/site-packages"
	platform := member{name: "{info}/WHEEL", body: "Wheel-Version: 1.0\n"}
	const scripts = "demo-1.0.data/scripts/"
	for _, c := range []struct {
		name   string
		target pipwheel.Target
		files  []member
		want   map[string]string // empty text: no such file
	}{
		{"pure root", split, []member{{name: "a"}}, map[string]string{lib + "a": "644 "}},
		{"platform root", split, []member{platform, {name: "a"}, {name: "demo-1.0.data/purelib/b"}}, map[string]string{
			"usr/local/lib64/python3.11/site-packages/a": "644 ", lib + "b": "644 ",
			"usr/local/lib64/python3.11/site-packages/demo-1.0.dist-info/INSTALLER": "644 layerpack\n",
		}},
		{"data folders", split, []member{
			{name: "demo-1.0.data/purelib/a"},
			{name: "demo-1.0.data/platlib/b"},
			{name: "demo-1.0.data/headers/c/d.h"},
			{name: "demo-1.0.data/data/share/e", executable: true},
			{name: "DEMO-1.data/data/etc/f"},
		}, map[string]string{
			lib + "a": "644 ", "usr/local/lib64/python3.11/site-packages/b": "644 ", "usr/local/include/python3.11/demo/c/d.h": "644 ",
			"usr/local/share/e": "755 ", "usr/local/etc/f": "644 ",
		}},
		{
			"modes", split,
			[]member{{name: "a", mode: 0o106755}, {name: "b", mode: 0o100001}, {name: "c", mode: 0o100000}, {name: "d", mode: 0o700}},
			map[string]string{lib + "a": "755 ", lib + "b": "755 ", lib + "c": "644 ", lib + "d": "755 "},
		},
		{
			"scripts", split,
			[]member{{name: scripts + "a", body: "#!python -u\r\nx"}, {name: scripts + "b", body: "#!/bin/sh"}, {name: scripts + "c"}, {name: scripts + "d", body: "#!pythonw"}},
			map[string]string{"usr/local/bin/a": "755 " + started + "x", "usr/local/bin/b": "755 #!/bin/sh", "usr/local/bin/c": "755 ", "usr/local/bin/d": "755 " + started},
		},
		{"scripts of entry points", split, []member{
			{name: scripts + "a", body: "no"},
			{name: scripts + "a-script.py"},
			{name: scripts + "B.exe"},
			{name: scripts + "c.exe"},
			{name: "{info}/entry_points.txt", body: "[console_scripts]\na = m:f\n[gui_scripts]\nB = m:f\n"},
		}, map[string]string{"usr/local/bin/a-script.py": "", "usr/local/bin/B.exe": "", "usr/local/bin/c.exe": "755 "}},
		{
			"what was shipped", split,
			[]member{{name: "{info}/INSTALLER", body: "x"}, {name: "{info}/REQUESTED", body: "x"}, {name: "{info}/direct_url.json", body: "{}"}},
			map[string]string{info + "INSTALLER": "644 layerpack\n", info + "REQUESTED": "644 x", info + "direct_url.json": ""},
		},
		{"nothing requested", split, nil, map[string]string{info + "REQUESTED": ""}},
		{"same bytes twice", split, []member{{name: "a", body: "x"}, {name: "demo-1.0.data/purelib/a", body: "x", stored: true}}, map[string]string{lib + "a": "644 x"}},
		{"bytecode without source", split, []member{{name: "a.pyc"}, {name: "demo-1.0.data/purelib/__pycache__/b.pyc"}}, map[string]string{lib + "a.pyc": "644 ", lib + "__pycache__/b.pyc": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := plan(t, c.target, false, c.files...)
			if err != nil {
				t.Fatal(err)
			}
			for path, want := range c.want {
				if text, ok := got[path]; ok != (want != "") || text != want {
					t.Errorf("%s: %q, want %q", path, text, want)
				}
			}
		})
	}
}

func TestInstallRefuses(t *testing.T) {
	entry := func(name string) member {
		return member{name: "{info}/entry_points.txt", body: "[console_scripts]\n" + name + " = m:f\n"}
	}
	for _, c := range []struct {
		name  string
		files []member
		want  string
	}{
		{"data of another", []member{{name: "other-1.0.data/data/x"}}, "data folder of another"},
		{"a file like a data folder", []member{{name: "x.data"}}, "data folder of another"},
		{"no scheme folder", []member{{name: "demo-1.0.data/x"}}, "no scheme folder"},
		{"unknown scheme folder", []member{{name: "demo-1.0.data/stdlib/x"}}, `unknown scheme key "stdlib"`},
		{"a folder of scripts", []member{{name: "demo-1.0.data/scripts/x/y"}}, "a folder in .data/scripts"},
		{"the interpreter", []member{{name: "demo-1.0.data/scripts/python3"}}, "replace the Python interpreter"},
		{"the interpreter as data", []member{{name: "demo-1.0.data/data/bin/python3.11"}}, "replace the Python interpreter"},
		{"the interpreter as entry point", []member{entry("python")}, "replace the Python interpreter"},
		{"outside the scripts", []member{entry("../x")}, "outside the scripts folder"},
		{"a name in two words", []member{entry("a b")}, "space"},
		{"two files to a place", []member{{name: "a", body: "1"}, {name: "demo-1.0.data/purelib/a", body: "2"}}, "two different files"},
		{"a launcher over data", []member{{name: "demo-1.0.data/data/bin/x"}, entry("x")}, "two different files"},
		{"a whiteout", []member{{name: "demo/.wh.x"}}, "delete files"},
		{"a weak hash", []member{{name: "a"}, {name: "{info}/RECORD", body: "a,md5=rL0Y20zC-Fzt72VPzMSk2A,\n"}}, "RECORD's row of a"},
		{"a script with a wrong hash", []member{
			{name: "demo-1.0.data/scripts/x", body: "#!python"},
			{name: "{info}/RECORD", body: "demo-1.0.data/scripts/x,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,\n"},
		}, "have not the sha256"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := plan(t, library("3.11"), true, c.files...)
			if !refusal.Is(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want a refusal with %q", err, c.want)
			}
		})
	}
}
