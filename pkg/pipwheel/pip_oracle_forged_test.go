//go:build oracle

package pipwheel_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// oddWheels are wheels with what is rare in the index, by file name.
func oddWheels() map[string][]member {
	const script = "#!python -u\nprint('x')\n"
	return map[string][]member{
		"scripts-1.0-py3-none-any.whl": {
			{name: "scripts-1.0.data/scripts/plain", body: script},
			{name: "scripts-1.0.data/scripts/bit", body: script, executable: true},
			{name: "scripts-1.0.data/scripts/window", body: "#!pythonw\r\nx\r\n", executable: true},
			{name: "scripts-1.0.data/scripts/short", body: "#!python", executable: true},
			{name: "scripts-1.0.data/scripts/other", body: "#!/bin/sh\necho\n", executable: true},
			{name: "scripts-1.0.data/scripts/empty", body: "", executable: true},
			{name: "scripts-1.0.data/scripts/made", body: script, executable: true},
			{name: "scripts-1.0.data/scripts/made-script.py", body: script, executable: true},
			{name: "scripts-1.0.data/scripts/Window.EXE", body: "MZ", executable: true},
			{name: "{info}/entry_points.txt", body: "[console_scripts]\nmade = scripts:main\n[gui_scripts]\nWindow=scripts.gui:App.run [gui]\n"},
			{name: "scripts.py", body: "def main(): pass\n"},
		},
		"entries-1.0-py3-none-any.whl": {
			{name: "{info}/entry_points.txt", body: "ignored before a section\n# comment\n[console_scripts]\r\n  one=entries:a\n\ttwo\t=\tentries.b:C.d\r" +
				"One = entries:upper\nthree.py = entries:old\nthree.py = entries:new\n [[other]] \nfour = entries:no\n[console_scripts]\nfive-5 = entries:five[x, y]\n" +
				"both = entries:console\n[gui_scripts]\nboth = entries:gui\nwin = entries:gui\n[ console_scripts ]\nsix = entries:no\n" +
				"[[console_scripts]]\nünicode = entries:größe\n"},
			{name: "entries.py", body: ""},
		},
		"pip_like-1.0-py3-none-any.whl": {
			{name: "{info}/entry_points.txt", body: "[console_scripts]\npip = a:main\npip3 = a:main\npip3.5 = a:main\npip3.5.1 = a:main\npipx = a:x\n" +
				"easy_install = e:main\neasy_install-2.7 = e:main\neasy_install3 = e:three\n[gui_scripts]\npip4 = g:main\n"},
			{name: "pip_like-1.0.data/scripts/pip3.5", body: script, executable: true},
		},
		"Odd.Name_x-1.0.0-py3-none-any.whl": {
			{name: "Odd.Name_x-1.0.0.dist-info/METADATA", absent: true},
			{name: "Odd.Name_x-1.0.0.dist-info/WHEEL", absent: true},
			{name: "Odd.Name_x-1.0.0.dist-info/RECORD", absent: true},
			{name: "odd_name.x-1.0.dist-info/METADATA", body: "Metadata-Version: 2.1\nName: odd.name-X\nVersion: 1.0\n"},
			{name: "odd_name.x-1.0.dist-info/WHEEL", body: "Wheel-Version: 1.9\nRoot-Is-Purelib: TRUE\n"},
			{name: "odd_name.x-1.0.dist-info/RECORD", body: "odd.py,,\n"},
			{name: "odd_name_x-1.0.0.data/headers/deep/odd.h", body: "int x;\n"},
			{name: "Odd-Name.X-1.0.data/data/share/odd/data.txt", body: "data"},
			{name: "odd_name_x-1.0.data/purelib/odd/pure.py", body: "pure"},
			{name: "odd_name_x-1.0.data/platlib/odd/plat.py", body: "plat"},
			{name: "odd.py", body: "odd\n"},
		},
		"shipped-1.0-py3-none-any.whl": {
			{name: "{info}/INSTALLER", body: "builder\n"},
			{name: "{info}/REQUESTED", body: "yes"},
			{name: "{info}/direct_url.json", body: `{"url":"file:///x"}`},
			{name: "{info}/RECORD.jws", body: "{}"},
			{name: "{info}/licenses/deep/LICENSE", body: "free"},
			{name: "__pycache__/shipped.cpython-311.pyc", body: "code"},
			{name: "shipped.pyc", body: "code"},
			{name: "shipped.py", body: "code"},
		},
		"modes-1.0-py3-none-any.whl": {
			{name: "modes/tool", body: "#!/bin/sh\n", executable: true},
			{name: "modes/none", body: "x", mode: 0o100000},
			{name: "modes/group", body: "x", mode: 0o100010},
			{name: "modes/set", body: "x", mode: 0o106755},
			{name: "modes/typeless", body: "x", mode: 0o755},
			{name: "modes/stored", body: "x", stored: true},
			{name: "modes-1.0.data/data/bin/from-data", body: "#!python\n", executable: true},
			{name: "modes/same", body: "same", stored: true},
			{name: "modes-1.0.data/purelib/modes/same", body: "same"},
			{name: "modes/void", body: ""},
			{name: "modes-1.0.data/purelib/modes/void", body: "", stored: true},
		},
		"record-1.0-py3-none-any.whl": {
			{name: `record/a,b "c".txt`, body: "quoted"},
			{name: `record/it"s`, body: "bare"},
			{name: "record/ lead", body: "space"},
			{name: "record/Z", body: "z"},
			{name: "record/ä/ö.txt", body: "utf"},
			{name: "record/unlisted", body: "u"},
			{name: "record/three", body: "3"},
			{name: "record/four", body: "4"},
			{name: "{info}/RECORD", body: "\"record/a,b \"\"c\"\".txt\",,6\r\nrecord/it\"s,,4\n" +
				"\"record/\"Z,,1\nrecord/gone.py,sha256=" + strings.Repeat("A", 43) + ",7\nrecord/three\nrecord/four,,1,more\n" +
				"record/ lead,,\nrecord/ä/ö.txt,,3\n{info}/RECORD,,\n"},
		},
		"wheel0-1.0-py3-none-any.whl": {
			{name: "{info}/WHEEL", body: "Wheel-Version: 0.1\nRoot-Is-Purelib: false\n"},
			{name: "{info}/METADATA", body: "Name: wheel0\nVersion: v1.0.0\nSummary: a\n  folded\n\tline\n: no name\nLicense: x\n\nFrom: the description\n"},
		},
	}
}

// forged compares odd wheels, under interpreters whose path needs each form of the shebang, and
// as dependencies, which the user did not ask for.
func (c *comparison) forged(t *testing.T, pip pipTool) {
	t.Helper()
	wheels := t.TempDir()
	var names []string
	for file, members := range oddWheels() {
		name, _, _ := strings.Cut(file, "-")
		names = append(names, distname.Normalize(name)) // pip names the folder of headers as the user wrote
		must(t, os.WriteFile(filepath.Join(wheels, file), forge(t, file, members...), 0o600))
	}
	all := "all-1.0-py3-none-any.whl"
	must(t, os.WriteFile(filepath.Join(wheels, all), forge(t, all, member{
		name: "{info}/METADATA",
		body: "Metadata-Version: 2.1\nName: all\nVersion: 1.0\nRequires-Dist: " + strings.Join(names, "\nRequires-Dist: ") + "\n",
	}), 0o600))
	for _, dir := range []string{"plain", "with space", strings.Repeat("long/", 30)} {
		root := filepath.Join(t.TempDir(), dir)
		target := pip.environment(t, root)
		before := tree(t, root)
		plan, _ := planned(t, filepath.Join(wheels, all), target, pipwheel.How{Requested: true})
		plans := [][]layers.Entry{plan}
		for file := range oddWheels() {
			plan, _ := planned(t, filepath.Join(wheels, file), target, pipwheel.How{})
			plans = append(plans, plan)
		}
		must(t, pip.install(root, wheels, "all"))
		c.environment(t, root, before, target, plans...)
		// Asked for, each is a plan of its own.
		for file := range oddWheels() {
			name, _, _ := strings.Cut(file, "-")
			plan, _ := planned(t, filepath.Join(wheels, file), target, pipwheel.How{Requested: true})
			must(t, pip.install(root, wheels, "--no-deps", "--force-reinstall", distname.Normalize(name)))
			for _, e := range plan {
				c.file(t, target, e)
			}
		}
	}
}
