package rootfs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/pkg/layers"
)

func text(t testing.TB, tr *Tree) string {
	t.Helper()
	var b strings.Builder
	if err := tr.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	tr := tree(t, "etc/passwd mtab->/proc/mounts tmp:1777 run/pipe| end a-b/ a/ a/c/")
	odd := []Entry{
		{Node: Node{Path: "etc/new\nline and\\slash\xff", Kind: layers.File, Mode: 0o4755, Size: 1 << 40, UID: 1000, GID: 4294967295}},
		{Node: Node{Path: "etc/link", Kind: layers.Symlink, Mode: 0o777, Target: "../a b"}},
		{Node: Node{Path: "home", Kind: layers.Dir, UID: 7}},
		{Node: Node{Path: "null", Kind: CharDevice, Mode: 0o666}},
		{Node: Node{Path: "sda", Kind: BlockDevice, Mode: 0o660, GID: 6}},
	}
	if err := tr.Apply(odd); err != nil {
		t.Fatal(err)
	}
	const want = `layerpack-tree 1
/ d755
a d755
	c d755
a-b d755
end f644 5
etc d755
	link l777 ../a\x20b
	new\x0aline\x20and\x5cslash\xff f4755 1099511627776 1000:4294967295
	passwd f644 1
home d0 7:0
mtab l777 /proc/mounts
null c666
run d755
	pipe p600
sda b660 0:6
tmp d1777
end 15
`
	got := text(t, tr)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	back, err := Decode(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if again := text(t, back); again != want || back.Len() != tr.Len() {
		t.Errorf("decoded and encoded again:\n%s", again)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const head, root = "layerpack-tree 1\n", "layerpack-tree 1\n/ d755\n"
	for name, in := range map[string]string{
		"empty":             "",
		"other version":     "layerpack-tree 2\n/ d755\nend 0\n",
		"no root":           head + "end 0\n",
		"root is a file":    head + "/ f755 1\nend 0\n",
		"cut":               root,
		"cut in a line":     root + "a f644 1\nb f64",
		"wrong count":       root + "a f644 1\nend 2\n",
		"more after end":    root + "a f644 1\nend 1\nb f644 1\n",
		"last line cut":     root + "end 0",
		"order":             root + "b f644 1\na f644 1\nend 2\n",
		"twice":             root + "a f644 1\na f644 1\nend 2\n",
		"too deep":          root + "\ta f644 1\nend 1\n",
		"below a file":      root + "a f644 1\n\tb f644 1\nend 2\n",
		"slash":             root + "a/b f644 1\nend 1\n",
		"dotdot":            root + ".. d755\nend 1\n",
		"NUL":               root + "a\\x00 f644 1\nend 1\n",
		"needless escape":   root + "\\x61 f644 1\nend 1\n",
		"upper-case escape": root + "\\xFF f644 1\nend 1\n",
		"bare byte":         root + "\xff f644 1\nend 1\n",
		"cut escape":        root + "\\x f644 1\nend 1\n",
		"leading zero":      root + "a f0644 1\nend 1\n",
		"mode":              root + "a f17777 1\nend 1\n",
		"negative size":     root + "a f644 -1\nend 1\n",
		"size missing":      root + "a f644\nend 1\n",
		"target missing":    root + "a l777\nend 1\n",
		"empty target":      root + "a l777 \nend 1\n",
		"root's own owner":  root + "a d755 0:0\nend 1\n",
		"half an owner":     root + "a d755 1\nend 1\n",
		"trailing space":    root + "a d755 \nend 1\n",
		"kind":              root + "a x755\nend 1\n",
		"CRLF":              root + "a d755\r\nend 1\n",
	} {
		if _, err := Decode(strings.NewReader(in)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Decode(failing{}); !errors.Is(err, errFailing) {
		t.Errorf("a reader's error is lost: %v", err)
	}
	if err := New().Encode(failing{}); !errors.Is(err, errFailing) {
		t.Errorf("a writer's error is lost: %v", err)
	}
}

var errFailing = errors.New("disk on fire")

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errFailing }
func (failing) Write([]byte) (int, error) { return 0, errFailing }

// Whatever is accepted is the one text of its tree.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("layerpack-tree 1\n/ d755\na d755 1:2\n\tb l777 ../c\n\tc\\x20d f644 12\nend 3\n"))
	f.Add([]byte("layerpack-tree 1\n/ d700 5:0\nend c666\nend 1\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		tr, err := Decode(bytes.NewReader(in))
		if err != nil {
			return
		}
		if got := text(t, tr); got != string(in) {
			t.Errorf("accepted\n%q\nbut writes\n%q", in, got)
		}
		for n := range tr.All() {
			if _, ok := tr.Lookup(n.Path); !ok {
				t.Errorf("%q is listed and not found", n.Path)
			}
		}
	})
}

// Any layer is refused or gives a tree that survives its text, with links that resolve or fail.
func FuzzApply(f *testing.F) {
	f.Add("usr/lib/ lib->usr/lib lib/x\n.wh.lib lib/y b=usr/lib/x")
	f.Add("a->" + strings.Repeat("n", 300) + "\na/b")
	f.Add("a->/b a/x\na/.wh..wh..opq .wh.a/b")
	f.Fuzz(func(t *testing.T, in string) {
		tr := New()
		for l := range strings.SplitSeq(in, "\n") {
			if err := tr.Apply(entries(t, l)); err != nil {
				return
			}
		}
		n := 0
		for node := range tr.All() {
			n++
			if clean, err := Clean(node.Path); err != nil || clean != node.Path {
				t.Errorf("the tree holds %.100q", node.Path)
			}
			if to, err := tr.Resolve(node.Path); err == nil && strings.Contains("/"+to+"/", "/../") {
				t.Errorf("%.100q leads to %.100q", node.Path, to)
			}
		}
		if n != tr.Len() {
			t.Errorf("Len says %d, All yields %d", tr.Len(), n)
		}
		want := text(t, tr)
		back, err := Decode(strings.NewReader(want))
		if err != nil {
			t.Fatalf("%v in\n%s", err, want)
		}
		if got := text(t, back); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// large is a tree of some 36,000 paths, shaped like site-packages.
func large(tb testing.TB) *Tree {
	tb.Helper()
	var es []Entry
	for d := range 2400 {
		for n := range 14 {
			path := fmt.Sprintf("usr/local/lib/python3.11/site-packages/package%d/module%d/submodule_%d.py", d/8, d%8, n)
			es = append(es, Entry{Node: Node{Path: path, Kind: layers.File, Mode: 0o644, Size: int64(d * n * 37)}})
		}
	}
	tr := New()
	if err := tr.Apply(es); err != nil {
		tb.Fatal(err)
	}
	return tr
}

func BenchmarkDecode(b *testing.B) {
	in := text(b, large(b))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(strings.NewReader(in)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	tr := large(b)
	b.ReportMetric(float64(tr.Len()), "paths")
	for b.Loop() {
		text(b, tr)
	}
}
