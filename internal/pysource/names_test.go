package pysource

import (
	"fmt"
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"assignments", "a = b = 1\nc, (d, *e), [f] = g.h, i[j], *k = 2\nl: int = 3\nm: str\nn += 1\n(o) = 4\n(p): int = 5\nq.r: int = 6\n", []string{
			"a", "b", "c", "d", "e", "f", "k", "l", "o", "p",
		}},
		{"no targets", "a.b = 1\nc[d] = 2\n(e, f).g = 3\n[h, i][0] = 4\nj(k=5)\n{l: m}[n] = 6\no == p\nq(r)[s] = 7\n", nil},
		{"values", "x = lambda a=1, b=2: a\ny = [z for z in w]\nf'{v=}'\n", []string{"x", "y"}},
		{"walrus", "if (a := 1): pass\n[b := c for c in d]\nf(lambda: (e := 1), (g := 2))\nh = lambda i=(j := 1): (k := 2)\n", []string{"a", "b", "g", "j", "h"}},
		{"loops", "for a, (b, c.d) in e: f = 1\nwith g as h, i(j) as (k, l), m as n.o: pass\nwith (p as q, r() as s,): pass\nasync def t(): pass", []string{
			"a", "b", "f maybe", "h", "k", "l", "q", "s", "t",
		}},
		{"classes", "class A(B):\n  x = 1\n  def f(self): y = 2\n  class C:\n    z = 3\nw = 4", []string{"A", "A.x", "A.f", "A.C", "A.C.z", "w"}},
		{"match", "match = 1\nmatch.a\nmatch[b]\nmatch(c)\nmatch, d = 1\nmatch: int = 3\nmatch x:\n  case [e, *f, _] | {'k': g, **h}: i = 1\n  case j.k(l, m=n) as o if p: pass\n  case -1 | None: pass\n", []string{
			"match", "match", "d", "match", "e maybe", "f maybe", "g maybe", "h maybe", "i maybe", "l maybe", "n maybe", "o maybe",
		}},
		{"type", "type = 1\ntype(x)\ntype A = int\ntype B[T] = list[T]\ntype.x = 1\n", []string{"type", "A", "B"}},
		{"imports", "import a.b, c.d as e\nfrom f import g as h, i\nfrom j import *\n", []string{"a", "e", "h", "i"}},
		{"deleted", "a = b = c = 1\ndel a, (b)\nif x: del c\n", []string{"c maybe"}},
		{"global", "def f():\n  global a, b\n  a = 1\n", []string{"f", "a lazy", "b lazy"}},
		{"conditions", "if x: a = 1\nif TYPE_CHECKING: b = 1\ntry: c = 1\nexcept ValueError as d: pass\nif __name__ == '__main__': e = 1\n", []string{
			"a maybe", "b never", "c", "e lazy",
		}},
		{"one line", "class A: x = 1; y = 2\nif 1: z = 3\n", []string{"A", "A.x", "A.y", "z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Parse("x.py", []byte(c.src), Env{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, n := range f.Names {
				s := n.Name
				if n.When != Always {
					s += " " + n.When.String()
				}
				got = append(got, s)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q\n%s", got, c.want, c.src)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	f := parse(t, `
from prefect import flow
try:
    from fast import thing
except ImportError:
    thing = None
if TYPE_CHECKING:
    from x import Never
def f(): pass
class Plain:
    def run(self): pass
class Derived(Base):
    pass
obj = make()
`)
	for name, want := range map[string]Presence{
		"flow": Present, "f": Present, "thing": Possible, "Never": Absent, "nothing": Absent, "Plain.run": Present,
		"Plain.stop": Absent, "Derived.run": Possible, "obj.run": Possible, "nothing.run": Absent, "": Absent, "f.": Possible,
	} {
		if _, got := f.Lookup(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
	for _, src := range []string{"from x import *", "globals()['f'] = 1", "exec(code)", "def __getattr__(n): pass", "setattr(sys.modules[__name__], 'f', 1)"} {
		f := parse(t, src)
		if _, got := f.Lookup("f"); got != Possible || f.Open == "" {
			t.Errorf("%s: %v, open because of %q", src, got, f.Open)
		}
	}
}

func TestPrefect(t *testing.T) {
	f := parse(t, `
import prefect
import prefect as p
from prefect import flow as fl, task, Flow as F1
from prefect.flows import flow
from other import flow as strange

@fl
def a(): pass

@prefect.flow(name="B flow", retries=3)
async def b(): pass

@cache
@p.task(
    retries=f(1, name="no"), name='C ' "task",
)
def c(): pass

@strange(name="no")
def d(): pass

@flow(name=f"E {x}")
def e(): pass

g = fl(a, name="G")
h = fl(name="H")(a)
with F1("I\x21", schedule=None) as i:
    pass
with (F1("J") as j):
    pass
k = b.with_options(name="K")
l = b.with_options(retries=1)
m = prefect.Flow("M")
n = fl(a) + 1
o = k.with_options()

def fl(x): return x

@fl
def q(): pass

class Work:
    @task(name=r"R\n")
    def r(self): pass
`)
	want := map[string]string{
		"a": "1 ", "b": "1 B flow", "c": "2 C task", "d": "0 ", "e": "1 ", "g": "1 G", "h": "1 H", "i": "1 I!", "j": "1 J",
		"k": "1 K", "l": "1 B flow", "m": "1 M", "n": "0 ", "o": "1 K", "q": "0 ", "Work.r": `2 R\n`,
	}
	for name, want := range want {
		n, found := f.Lookup(name)
		if found != Present {
			t.Errorf("%s is not there", name)
		}
		role, title := f.Prefect(n)
		if got := fmt.Sprint(int(role), " ", title); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if n, _ := f.Lookup("b"); !n.Async || !n.Decorators[0].Titled || n.Decorators[0].Name != "prefect.flow" {
		t.Errorf("%+v", n)
	}
}
