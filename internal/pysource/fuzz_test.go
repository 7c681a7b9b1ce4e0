package pysource

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"import a.b as c\nfrom ..x import (y as z, w)\n", "try:\n  import a\nexcept (ImportError, E) as e:\n  raise\nelse: pass\nfinally: pass\n",
		"if sys.version_info[:2] >= (3, 8) and not TYPE_CHECKING: import a\n", "@flow(name='x' \"\\x41\")\nasync def f[T](a, /, *, b=lambda: 0): ...\n",
		"class A(B): x: int = (y := 3)\n", "match x:\n  case [a, *b] | {'c': d, **e}: pass\n", "f'{x!r:>{w}} {f\"{y=}\"} {{}} \\N{DASH}' rb'' t'{z}'\n",
		"a = (b, [c, *d]) = e[f] = 0x1_F + 1e-3j\n", "# coding: latin-1\n\xe9 = 1\n", "\xef\xbb\xbfx\r\n\ty\\\n", "with (a as b, c() as (d, e)): pass\nfor x, y[0] in z: pass\n",
		"importlib.import_module('..a', package='b.c')\n", "def f():\n\tglobal a\n        del b\n", "type X[T] = int; del a, (b)\n", "x = lambda a=(b := 1): {1: lambda: 2}\n",
	} {
		f.Add([]byte(s), byte(8))
		f.Add([]byte(s), byte(14))
	}
	f.Fuzz(func(t *testing.T, src []byte, minor byte) {
		env := Env{Python: "3." + itoa(int(minor%16)), Platform: "linux"}
		file, err := Parse("x.py", src, env)
		if err != nil {
			var syntax *SyntaxError
			var encoding *EncodingError
			if errors.As(err, &syntax) == errors.As(err, &encoding) || syntax != nil && syntax.Line < 1 {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		lines := 1 + bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r"))
		for _, im := range file.Imports {
			if im.Line < 1 || im.Line > lines || im.Module == "" && im.Level == 0 || (im.When == Always) != (im.Why == "") {
				t.Fatalf("%+v", im)
			}
		}
		for _, n := range file.Names {
			if n.Line < 1 || n.Line > lines || n.Name == "" {
				t.Fatalf("%+v", n)
			}
			if _, found := file.Lookup(n.Name); found == Absent && n.When != Never {
				t.Fatalf("%+v is not found", n)
			}
			file.Prefect(n)
		}
		if n := len(file.Missing(func(Import) Presence { return Present })); n > 0 {
			t.Fatalf("%d imports are missing though all are found", n)
		}
		for _, im := range file.Missing(func(Import) Presence { return Absent }) {
			if im.When == Maybe && im.node != 0 && file.own(file.nodes[im.node]) == Never || im.When >= Lazy {
				t.Fatalf("missing: %+v", im)
			}
		}
		// What comes before a source does not change it.
		again, err := Parse("x.py", append([]byte("\n"), bytes.TrimPrefix(src, []byte(bom))...), env)
		if err == nil && (len(again.Imports) != len(file.Imports) || len(again.Names) != len(file.Names)) {
			t.Fatal("an empty line changes the file")
		}
	})
}

// TestLinear parses sources that could invite quadratic work, in two sizes.
func TestLinear(t *testing.T) {
	shapes := map[string]func(n int) string{
		"statements": func(n int) string { return strings.Repeat("import a\nx = 1\n", n) },
		"deletions":  func(n int) string { return strings.Repeat("x = 1\n", n) + strings.Repeat("if y: del x\n", n) },
		"lambdas": func(n int) string {
			return "x = " + strings.Repeat("lambda:", n) + strings.Repeat("(y:=1)+", n) + "1\n"
		},
		"defaults":     func(n int) string { return strings.Repeat("lambda a=", n) + strings.Repeat("(y:=1)+", n) + "1" },
		"elif":         func(n int) string { return "if x: import a\n" + strings.Repeat("elif x: import a\n", n) },
		"one line":     func(n int) string { return strings.Repeat("import a; ", n) },
		"continued":    func(n int) string { return "x = 1" + strings.Repeat(" + 1\\\n", n) + "+1\n" },
		"long list":    func(n int) string { return "x = [" + strings.Repeat("1, 'a', f'{b}', ", n) + "]\n" },
		"long target":  func(n int) string { return strings.Repeat("a, ", n) + "= b\n" },
		"not a target": func(n int) string { return "(" + strings.Repeat("a, ", n) + ").b = c\n" },
		"long text":    func(n int) string { return "'''" + strings.Repeat("a\\'''\n", n) + "'''\n" },
		"f-strings":    func(n int) string { return "x = f'" + strings.Repeat("{a:{b}}", n) + "'\n" },
		"class names":  func(n int) string { return "class " + strings.Repeat("a", n) + ":\n" + strings.Repeat(" b = 1\n", n) },
		"module names": func(n int) string {
			return "from " + strings.Repeat("a", n) + " import " + strings.Repeat("b, ", n) + "b\n"
		},
		"alias": func(n int) string {
			return "import " + strings.Repeat("a", n) + " as b\n" + strings.Repeat("x = b.c()\n", n)
		},
		"conditions":  func(n int) string { return "if " + strings.Repeat("not ", n) + "x: import a\n" },
		"arguments":   func(n int) string { return "@a(" + strings.Repeat("(),", n) + ")\ndef f(): pass\n" },
		"blank lines": func(n int) string { return "if x:\n" + strings.Repeat(" # c\n", n) + " y\n" },
		"dynamic":     func(n int) string { return strings.Repeat("x if __import__('a') else ", n) + "1\n" },
		"tries":       func(n int) string { return strings.Repeat("try: import a\nexcept ImportError: import b\n", n) },
	}
	measure := func(src string) time.Duration {
		best := time.Hour
		for range 3 {
			start := time.Now()
			f, err := Parse("x.py", []byte(src), Env{Python: "3.8"})
			if err != nil {
				t.Fatalf("%v in %.60q", err, src)
			}
			f.Missing(func(Import) Presence { return Possible })
			best = min(best, time.Since(start))
		}
		return best
	}
	for name, shape := range shapes {
		small, large := measure(shape(2000)), measure(shape(32000))
		// Sixteen times the source: linear work takes sixteen times as long, quadratic 256 times.
		if large > 100*small && large > 100*time.Millisecond {
			t.Errorf("%s: %v, and %v for 16 times as much", name, small, large)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	src := []byte(strings.Repeat(`"""A flow."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect import flow, task

if TYPE_CHECKING:
    from pandas import DataFrame


@task(retries=3, retry_delay_seconds=[1, 10, 100])
def extract(url: str, *, timeout: float = 30.0) -> "DataFrame":
    # Read the table.
    import pandas as pd

    frame = pd.read_csv(url, sep=";", dtype={"id": "int64", "name": "string"})
    if frame.empty and not timeout > 0.5:
        raise ValueError(f"nothing at {url!r} after {timeout:.1f} s")
    return frame[frame["id"] > 0].dropna(subset=["name"])


@flow(name="etl", log_prints=True)
def etl(urls: list[str]) -> int:
    total = sum(len(extract(u)) for u in urls)
    print("rows:", total, os.getpid())
    return total
`, 200))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("x.py", src, Env{Python: "3.11"}); err != nil {
			b.Fatal(err)
		}
	}
}
