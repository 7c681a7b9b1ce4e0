package pysource

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func env() Env { return Env{Python: "3.11.7", Platform: "linux", Implementation: "cpython"} }

func parse(t *testing.T, src string) *File {
	t.Helper()
	f, err := Parse("flow.py", []byte(src), env())
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	return f
}

// show writes imports as "line when module: names".
func show(imports []Import) []string {
	var out []string
	for _, im := range imports {
		s := fmt.Sprintf("%d %v %s%s", im.Line, im.When, strings.Repeat(".", im.Level), im.Module)
		if im.Dynamic {
			s += " dynamic"
		}
		if im.From {
			s += ": " + strings.Join(im.Names, " ")
		}
		out = append(out, s)
	}
	return out
}

func TestImports(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"plain", "import a.b as c, d\n", []string{"1 always a.b", "1 always d"}},
		{"relative", "from . import x\nfrom ..a.b import c as d, e\nfrom ...import f\nfrom ....g import h", []string{
			"1 always .: x", "2 always ..a.b: c e", "3 always ...: f", "4 always ....g: h",
		}},
		{"parentheses", "from a import (  # why\n  b as c,\n  d,\n)\n", []string{"1 always a: b d"}},
		{"continued", "from a \\\n  import b, \\\n c", []string{"1 always a: b c"}},
		{"star", "from a import *", []string{"1 always a: *"}},
		{"future", "from __future__ import annotations", []string{"1 always __future__: annotations"}},
		{"semicolons", "import a; import b; x = 1;\nif x: import c; import d", []string{"1 always a", "1 always b", "2 maybe c", "2 maybe d"}},
		{"blocks", "class A:\n\timport a\n\tclass B: import b\nfor x in y:\n  import c\nelse:\n  import d\nwith x: import e\nwhile y: import f\n", []string{
			"2 always a", "3 always b", "5 maybe c", "7 maybe d", "8 maybe e", "9 maybe f",
		}},
		{"managers", "import warnings, contextlib as c, prefect\nfrom contextlib import suppress as s\nwith warnings.catch_warnings(): import a\nwith c.suppress(ImportError): import b\n" +
			"with s(Exception) as t, open(x): import d\nwith (open(x), quiet()): import e\nwith open(x), c.redirect_stdout(y): import f\nwith prefect.Flow('x') as flow: import g\nwith (yield): import h\n", []string{
			"1 always warnings", "1 always contextlib", "1 always prefect", "2 always contextlib: suppress", "3 always a", "4 maybe b", "5 maybe d", "6 maybe e", "7 always f", "8 always g", "9 maybe h",
		}},
		{"assigned exceptions", "E = ImportError\ntry: import a\nexcept E: pass\ntry: import b\nexcept Other: pass\n", []string{"2 maybe a", "4 always b"}},
		{"functions", "def f(x=lambda: 1) -> {1: 2}[1]:\n  import a\n  class B:\n    import b\n  if x: import c\nasync def g(): import d\nimport e", []string{
			"2 lazy a", "4 lazy b", "5 lazy c", "6 lazy d", "7 always e",
		}},
		{"typing", "from typing import TYPE_CHECKING\nimport typing as t\nif TYPE_CHECKING:\n  import a\nelse:\n  import b\nif t.TYPE_CHECKING: import c\nif not TYPE_CHECKING: import d\n", []string{
			"1 always typing: TYPE_CHECKING", "2 always typing", "4 never a", "6 always b", "7 never c", "8 always d",
		}},
		{"script", "if __name__ == '__main__':\n  import a\n  def f(): import b\n", []string{"2 lazy a", "3 lazy b"}},
		{"constants", "if False: import a\nif 0: import b\nelif 1: import c\nelse: import d\nwhile 0: import e\n", []string{
			"1 never a", "2 never b", "3 always c", "4 never d", "5 never e",
		}},
		{"optional", "try:\n  import a\nexcept ImportError:\n  import b\nelse:\n  import c\nfinally:\n  import d\n", []string{
			"2 maybe a", "4 fallback b", "6 maybe c", "8 always d",
		}},
		{"not caught", "try:\n  import a\nexcept (ValueError, socket.error) as e:\n  import b\nelse:\n  import c\n", []string{
			"2 always a", "4 maybe b", "6 always c",
		}},
		{"raised again", "try:\n  import a\nexcept ImportError as e:\n  raise RuntimeError('pip install a') from e\n", []string{"2 always a"}},
		{"exits", "try:\n  import a\nexcept ImportError:\n  sys.exit(1)\n", []string{"2 always a"}},
		{"raised sometimes", "try:\n  import a\nexcept ImportError:\n  if x: raise\n", []string{"2 maybe a"}},
		{"anything caught", "try: import a\nexcept: pass\ntry: import b\nexcept ERRORS: pass\ntry: import c\nexcept ImportError: raise\nexcept Exception: pass\n", []string{
			"1 maybe a", "3 maybe b", "5 always c",
		}},
		{"suppressed", "with suppress(ImportError): import a\nwith contextlib.suppress(OSError):\n  import b\nwith try_import() as _i: import c\n", []string{
			"1 maybe a", "3 always b", "4 maybe c",
		}},
		{"dynamic", "m = importlib.import_module('a.b')\n__import__(\"c\")\nx = __import__('d') if y else None\nimport_module('.e', package=__name__)\nimport_module('.f', 'g.h')\nimport_module(f'i')\nimport_module('j' + k)\ndef f(): return import_module('l')\nf = lambda: __import__('m')\n", []string{
			"1 always a.b dynamic", "2 always c dynamic", "3 maybe d dynamic", "4 always .e dynamic", "5 always g.h.f dynamic", "8 lazy l dynamic", "9 maybe m dynamic",
		}},
		{"match", "match x:\n  case 1: import a\n  case {'k': y, **z} if y: import b\n", []string{"2 maybe a", "3 maybe b"}},
		{"no imports", "x = 'import a'\n'''\nimport b\n'''\n# import c\nf(\nimport_ := 3)\n", nil},
		{"f-string", "x = f'{__import__(\"a\")!r:>{__import__(\"b\")}}'\n", []string{"1 always a dynamic", "1 always b dynamic"}},
		{"lambda heads", "if lambda: 0: import a\nfor x in lambda y, z=3: 0, 1: import b\nx = {lambda: 1: 2}\nx[lambda: 1:2]\nimport c", []string{"1 maybe a", "2 maybe b", "5 always c"}},
		{"form feed", "\f\nif 1:\n\f  import a\n\f\nimport b", []string{"3 always a", "5 always b"}},
		{"BOM and CRLF", "\xef\xbb\xbfimport a\r\nif 1:\r\n  import b\r\n", []string{"1 always a", "3 always b"}},
		{"old Mac", "import a\rimport b\r", []string{"1 always a", "2 always b"}},
		{"Unicode", "import ﬁle, módulo\n", []string{"1 always file", "1 always módulo"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := show(parse(t, c.src).Imports); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q\n%s", got, c.want, c.src)
			}
		})
	}
}

func TestWhy(t *testing.T) {
	f := parse(t, `
try:
    import a
except ImportError:
    import b
def f():
    if x:
        import c
if sys.version_info < (3, 8):
    import d
if y:
    import e
if TYPE_CHECKING:
    import g
`)
	want := []string{
		"in a try block whose except clause catches it (line 4)", "when an import of the try block fails (line 2)",
		"inside a function (line 6)", "under a condition that is false here (line 9)", "under a condition (line 11)", "under TYPE_CHECKING (line 13)",
	}
	for i, im := range f.Imports {
		if im.Why != want[i] {
			t.Errorf("%s: %q, want %q", im.Module, im.Why, want[i])
		}
	}
}
