package pysource

import (
	"testing"
)

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		condition string
		want      When
	}{
		{"sys.version_info >= (3, 8)", Always},
		{"sys.version_info >= (3, 11, 7)", Always},
		{"sys.version_info >= (3, 11, 8)", Never},
		{"sys.version_info > (3, 11, 7)", Always},
		{"sys.version_info == (3, 11)", Never},
		{"sys.version_info < (3,)", Never},
		{"(3, 8) <= sys.version_info < (3, 12)", Always},
		{"sys.version_info[0] == 2", Never},
		{"sys.version_info[:2] == (3, 11)", Always},
		{"sys.version_info[0:2] != (3, 11)", Never},
		{"sys.version_info[3] == 'final'", Maybe},
		{"sys.version_info[-1]", Maybe},
		{"sys.version_info.major >= 3 and sys.version_info.minor > 10", Always},
		{"version_info >= (3, 9)", Always},
		{"sys.version_info >= (3, 11, 7, 'final')", Maybe},
		{"sys.platform == 'win32'", Never},
		{"sys.platform != \"win32\"", Always},
		{"sys.platform.startswith('linux')", Always},
		{"sys.platform in ('win32', 'cygwin')", Never},
		{"sys.platform not in ['win32', x]", Maybe},
		{"os.name == 'nt'", Never},
		{"platform.system() == 'Windows'", Never},
		{"platform.python_implementation() == 'PyPy'", Never},
		{"sys.implementation.name == 'cpython'", Always},
		{"not sys.platform == 'win32'", Always},
		{"not (False or TYPE_CHECKING)", Always},
		{"x or True", Always},
		{"x and False", Never},
		{"x and True", Maybe},
		{"False and f'{x}' or True", Maybe},
		{"False and f(x, y=2)[3] or True", Always},
		{"six.PY2", Never},
		{"None", Never},
		{"None is not None", Never},
		{"__debug__", Always},
		{"''", Never},
		{"'a' 'b'", Maybe},
		{"0x10", Always},
		{"1_000", Always},
		{"x", Maybe},
		{"x.y(z)", Maybe},
		{"1 + 1", Maybe},
		{"(y := 1)", Maybe},
		{"lambda: 0", Maybe},
		{"[]", Never},
		{"()", Never},
		{"1 if x else 0", Maybe},
		{"3 < 2 < 1", Never},
		{"2 < 3 > 1", Always},
		{"'a' < 1", Maybe},
		{"importlib.util.find_spec('x') is not None", Maybe},
	} {
		f := parse(t, "import sys, os, platform\nfrom sys import version_info\nif "+c.condition+":\n  import a\nelse:\n  import b\n")
		got, other := f.Imports[len(f.Imports)-2].When, f.Imports[len(f.Imports)-1].When
		want := map[When]When{Always: Never, Never: Always, Maybe: Maybe}[c.want]
		if got != c.want || other != want {
			t.Errorf("%s: %v, else %v, want %v and %v", c.condition, got, other, c.want, want)
		}
	}
}

// TestUnknownEnvironment decides nothing that the environment does not tell.
func TestUnknownEnvironment(t *testing.T) {
	for _, c := range []struct {
		env       Env
		condition string
		want      When
	}{
		{Env{}, "sys.version_info >= (3, 8)", Maybe},
		{Env{}, "sys.platform == 'win32'", Maybe},
		{Env{}, "os.name == 'nt'", Maybe},
		{Env{Python: "3"}, "sys.version_info[0] == 3", Maybe},
		{Env{Python: "3.11"}, "sys.version_info[0] == 3", Always},
		{Env{Python: "3.11"}, "sys.version_info >= (3, 11)", Always},
		{Env{Python: "3.11"}, "sys.version_info >= (3, 11, 4)", Maybe},
		{Env{Python: "3.11"}, "sys.version_info >= (3, 10, 4)", Always},
		{Env{Python: "3.13.0rc1"}, "sys.version_info >= (3, 13, 0)", Always},
		{Env{Platform: "win32"}, "os.name == 'nt'", Always},
		{Env{Platform: "win32"}, "platform.system() == 'Windows'", Always},
		{Env{Platform: "darwin"}, "platform.system() == 'Darwin'", Always},
	} {
		f, err := Parse("x.py", []byte("if "+c.condition+": import a"), c.env)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Imports[0].When; got != c.want {
			t.Errorf("%+v: %s: %v, want %v", c.env, c.condition, got, c.want)
		}
	}
}
