package pipwheel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShebang(t *testing.T) {
	long := "/" + strings.Repeat("x", 124)
	for _, c := range []struct{ executable, want string }{
		{"/usr/local/bin/python3.11", "#!/usr/local/bin/python3.11\n"},
		{long[:124], "#!" + long[:124] + "\n"},
		{long, "#!/bin/sh\n'''exec' " + long + " \"$0\" \"$@\"\n' '''\n"},
		{"/with space/python", "#!/bin/sh\n'''exec' \"/with space/python\" \"$0\" \"$@\"\n' '''\n"},
	} {
		if d := cmp.Diff(c.want, string(shebang(c.executable))); d != "" {
			t.Error(d)
		}
	}
}

func TestLauncher(t *testing.T) {
	e := entryPoint{"x", "pkg.mod", "App.run"}
	const want = "#!/usr/bin/python3\nimport sys\nfrom pkg.mod import App\nif __name__ == '__main__':\n" +
		"    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n    sys.exit(App.run())\n"
	if d := cmp.Diff(want, string(launcher("/usr/bin/python3", e, false))); d != "" {
		t.Error(d)
	}
	old := string(launcher("/usr/bin/python3", e, true))
	if strings.Contains(old, "removesuffix") || !strings.Contains(old, "    if sys.argv[0].endswith('.exe'):\n        sys.argv[0] = sys.argv[0][:-4]\n    sys.exit(") {
		t.Errorf("for Python before 3.9: %s", old)
	}
}

func TestScriptNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "a\x00", "python", "python3", "python3.11", "python3.13t", "pythonw", "python3w", "pypy3", "graalpy"} {
		if checkScriptName("w", name) == nil {
			t.Errorf("%q is taken", name)
		}
	}
	for _, name := range []string{"a b", "a[b", "]", "a\u2003b"} {
		if checkLauncherName("w", name) == nil {
			t.Errorf("the launcher %q is taken", name)
		}
	}
	for _, name := range []string{"pythonx", "python-config", "ipython", "ipython3", "pip3.11", ".hidden", "x.py", "graalpython"} {
		if err := checkLauncherName("w", name); err != nil {
			t.Error(err)
		}
	}
}

func TestWrapperOf(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "a.exe": "a", "a.EXE": "a", "a-script.py": "a", "a-Script.Py": "a", "a.pya": "a", ".exe": ".exe", "a.py": "a.py", "a-script.pyw": "a-script.pyw",
	} {
		if got := wrapperOf(name); got != want {
			t.Errorf("%q comes from %q, want %q", name, got, want)
		}
	}
}

func TestRewriteShebang(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"#!python\nx\n", "#!/p\nx\n"},
		{"#!python -u\r\nx\r\n", "#!/p\nx\r\n"},
		{"#!pythonw", "#!/p\n"},
	} {
		if got := string(rewriteShebang([]byte(c.in), "/p")); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
}
