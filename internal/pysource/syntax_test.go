package pysource

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"x = (1,\n[2)\n", `2: closing parenthesis ')' does not match opening parenthesis '['`},
		{"x = )", `1: unmatched ')'`},
		{"\nf(\n  {\n", `3: '{' was never closed`},
		{strings.Repeat("(", 201), `1: too many nested parentheses`},
		{"\n'abc\n", `2: unterminated string literal`},
		{"\n'''abc\n", `2: unterminated triple-quoted string literal`},
		{"'a\\", `1: unterminated string literal`},
		{"f'{x", `1: unterminated f-string literal`},
		{"f'{x}", `1: unterminated f-string literal`},
		{"f'}'", `1: f-string: single '}' is not allowed`},
		{"f'{x)}'", `1: closing parenthesis ')' does not match`},
		{"f'{a:{b:{c:{d}}}}'", `1: f-string: expressions nested too deeply`},
		{"f'{a:b'", `1: f-string: expecting '}'`},
		{"b'é'", `1: bytes can only contain ASCII literal characters`},
		{"x = 0777", `1: leading zeros in decimal integer literals are not permitted`},
		{"x = 1_", `1: invalid decimal literal`},
		{"x = 1__0", `1: invalid decimal literal`},
		{"x = 0x", `1: invalid hexadecimal literal`},
		{"x = 0o8", `1: invalid octal literal`},
		{"x = 0b12", `1: invalid binary literal`},
		{"x = 1e+", `1: invalid decimal literal`},
		{"x = 10L", `1: invalid decimal literal`},
		{"x = 1jx", `1: invalid imaginary literal`},
		{"x = a ? b", `1: invalid syntax: unexpected character '?'`},
		{"x = `a`", "1: invalid syntax: unexpected character '`'"},
		{"x = $a", `1: invalid syntax: unexpected character '$'`},
		{"x = a !b", `1: invalid syntax: unexpected character '!'`},
		{"x = “a”", `1: invalid character '“' (U+201C)`},
		{"x\u00a0= 1", `1: invalid character`},
		{"x = 1 \\ \n", `1: unexpected character after line continuation character`},
		{"x = 1 \\\n", `2: unexpected EOF while parsing`},
		{"if x:\n    a\n  b\n", `3: unindent does not match any outer indentation level`},
		{"if x:\n        a\n\tb\n", `3: inconsistent use of tabs and spaces in indentation`},
		{"if x:\n\tif y:\n        a\n", `3: inconsistent use of tabs and spaces in indentation`},
		{"x = 1\n  y = 2\n", `2: unexpected indent`},
		{"if x:\ny\n", `2: expected an indented block after line 1`},
		{"def f():\n# nothing\n", `3: expected an indented block after line 1`},
		{"if x\n  y\n", `1: expected ':'`},
		{"match x:\ncase y: pass\n", `2: expected an indented block after line 1`},
		{"match x:\n  y\n", `2: invalid syntax at "y"`},
		{"try:\n  x\ny\n", `3: expected 'except' or 'finally' block`},
		{"else:\n  x\n", `1: invalid syntax at "else"`},
		{"import\n", `1: invalid syntax: the line ends too early`},
		{"import a.\n", `1: invalid syntax: the line ends too early`},
		{"import a as b.c\n", `1: invalid syntax at "."`},
		{"from import a\n", `1: invalid syntax at "import"`},
		{"from a import\n", `1: invalid syntax: the line ends too early`},
		{"from a import ()\n", `1: invalid syntax at ")"`},
		{"from a import b,\n", `1: invalid syntax: the line ends too early`},
		{"from . import class\n", `1: invalid syntax at "class"`},
		{"def class(): pass", `1: invalid syntax at "class"`},
		{"class A\n", `1: invalid syntax: the line ends too early`},
		{"@x\ny = 1\n", `2: invalid syntax at "y"`},
		{"print 'x'\n", `1: invalid syntax at "'x'"`},
		{"exec code\n", `1: invalid syntax at "code"`},
		{"x = a b\n", `1: invalid syntax at "b"`},
		{"x = 1 2\n", `1: invalid syntax at "2"`},
		{"x = ur'a'\n", `1: invalid syntax at "'a'"`},
		{"x = (a b)\n", `1: invalid syntax at "b"`},
		{"x:\n", `1: invalid syntax: the line ends too early`},
		{"x: int: str\n", `1: invalid syntax at "str"`},
		{"return x:\n  y\n", `1: invalid syntax at ":"`},
		{"; x\n", `1: invalid syntax at ";"`},
		{"async x\n", `1: invalid syntax at "x"`},
		{"if x: for y in z: pass\n", `1: invalid syntax at "for"`},
		{"for x y in z: pass\n", `1: invalid syntax at "y"`},
		{"a\x00b", `1: source code cannot contain null bytes`},
		{"# \xe9\nx = '''\n\xe9'''", `3: it is not UTF-8 and declares no encoding`},
		{"x = f'{1}\xe9'", `1: it is not UTF-8 and declares no encoding`},
		{"\n\xff\n", `2: it is not UTF-8 and declares no encoding`},
		{"# coding: ascii\né\n", `2: a byte that is not ASCII in a file that is declared as ASCII`},
		{"\xef\xbb\xbf# coding: latin-1\n", `1: encoding problem: latin-1 with BOM`},
		{strings.Repeat(" ", 1) + "x\n", `1: unexpected indent`},
	} {
		_, err := Parse("flow.py", []byte(c.src), env())
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.File != "flow.py" {
			t.Errorf("%q: %v, want a syntax error", c.src, err)
			continue
		}
		if got := fmt.Sprintf("%d: %s", syntax.Line, syntax.Reason); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q: %s, want %s", c.src, got, c.want)
		}
	}
}

func TestDeepIndentation(t *testing.T) {
	deep := func(n int) []byte {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "if x:\n")
		}
		b.WriteString(strings.Repeat(" ", n) + "import a\n")
		return []byte(b.String())
	}
	if _, err := Parse("x.py", deep(98), Env{}); err != nil {
		t.Error(err)
	}
	if _, err := Parse("x.py", deep(200), Env{}); err == nil {
		t.Error("200 levels are no error")
	}
}

// TestAccepted are odd things that Python compiles.
func TestAccepted(t *testing.T) {
	for _, src := range []string{
		"", "\n", "\f", "# only\n", "\\\n\n", "x", "x;", "1if x else 2", "0xfor x", "1_0.0_1e1_0j", ".5", "5.", "0_0", "00", "0e0", "07.5", "1..real",
		`r'\\'`, "b'\\xff' rb'' Br\"\" u'' F'' fR'''\n'''", "f'{{}}{x!r}{y:>{z}}{w=}'", "f'''{\nx\n}'''", "f'{x:{y}{z}}'", "f'\\{x}'", "f'\\N{DASH}'", "rf'\\{x}'", "f'{x!=y}'",
		"f'{(lambda x: 1)}'", "f'{x[a:b]}'", "f'{ {1: 2}[1] }'", "f''''a'''", "f\"{x:%H:%M}\"", "''''a'''", "if x:\n  y\n\n # c\n  z", "if x:\n\ty\n        \n\tz\n",
		"(a\n  # c\n\n  , b)", "x = [\n1,\n]\n", "print(*a, **b)", "x = yield", "await x", "not x", "lambda: (yield)", "assert x, y", "del x, (y), [z]", "x = *a, *b", "x @= y", "x @ y",
		"@a.b\n\n# c\nclass C: ...", "x = a if b else c", "f(x for x in y)", "x[1:2, ::3]", "raise X from Y", "global x", "nonlocal_ = 1", "match(x)\n", "case = 1", "type = match = _ = 1",
		"try: pass\nfinally: pass", "while x: break\nelse: pass", "class A(B, metaclass=C): pass", "def f(a, /, b: int = 1, *, c, **d) -> e: ...", "x = {**a, 'b': c}", "x = {a: b for c, d in e if f}", "x = ...", "x = ...if y else ...",
		"from .import a\nfrom ...b import c", "x: 'int' = 1", "if (yield): pass", "with a, b as c: pass", "with (a): pass", "with (a, b): pass", "with (a) as b, (c): pass", "e = 1if 2else 3", "print >>f, x", "a = b'' b''\n", "x = (yield)\n",
		"for x, in y: pass", "for [x] in y: pass", "for x.y[0] in z: pass", "for (x) in y, z: pass", "async def f():\n  async for x in y: pass\n  async with a as b: pass\n  return [x async for x in y]", "if x:\n  y\n# c\nelse: z\n",
	} {
		if f, err := Parse("x.py", []byte(src), Env{Python: "3.8"}); err != nil || len(f.Newer) > 0 && !strings.Contains(src, "\n}") {
			t.Errorf("%q: %v %+v", src, err, f)
		}
	}
}

func TestNewer(t *testing.T) {
	for _, c := range []struct{ since, src, what string }{
		{"3.8", "(x := 1)", "assignment expression"},
		{"3.9", "@a[0].b\ndef f(): pass", "decorator that is no dotted name or call of one"},
		{"3.9", "@(lambda f: f)\ndef f(): pass", "decorator that is no dotted name or call of one"},
		{"3.9", "with (a as b, c as d): pass", "parentheses around the items of a with statement"},
		{"3.10", "match x:\n  case 1: pass", "match statement"},
		{"3.10", "def f():\n  match (x):\n    case 1: pass", "match statement"},
		{"3.11", "try: pass\nexcept* E: pass", "except*"},
		{"3.12", "type X = int", "type statement"},
		{"3.12", "def f[T](x: T): pass", "type parameters"},
		{"3.12", "class A[*Ts, **P]: pass", "type parameters"},
		{"3.12", "f'{x['a']}'", "quote or line break of an f-string within its own expression"},
		{"3.12", "f'{\nx}'", "quote or line break of an f-string within its own expression"},
		{"3.12", `f"{f'{f"{x}"}'}"`, "quote or line break of an f-string within its own expression"},
		{"3.12", `f'''{f"""{'\n'}"""}'''`, "backslash in the expression of an f-string"},
		{"3.12", "f'''{x # c\n}'''", "comment in the expression of an f-string"},
		{"3.14", "t'{x}'", "template string"},
		{"3.14", "try: pass\nexcept A, B: pass", "several exceptions in an except clause without parentheses"},
	} {
		minor := 0
		if _, err := fmt.Sscanf(c.since, "3.%d", &minor); err != nil {
			t.Fatal(err)
		}
		for _, m := range []int{minor - 1, minor} {
			f, err := Parse("x.py", []byte(c.src), Env{Python: fmt.Sprintf("3.%d", m)})
			if err != nil {
				t.Errorf("%q: %v", c.src, err)
				continue
			}
			old := m < minor
			if old != (len(f.Newer) > 0) || old && (f.Newer[0].What != c.what || f.Newer[0].Since != c.since) {
				t.Errorf("%q with 3.%d: %+v", c.src, m, f.Newer)
			}
		}
		if f, err := Parse("x.py", []byte(c.src), Env{}); err != nil || f.Newer != nil {
			t.Errorf("%q: %v %+v", c.src, err, f)
		}
	}
}
