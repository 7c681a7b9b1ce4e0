package rootfs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// entries reads a layer in short hand, an entry per word: "a/" folder, "a" file, "a->b" symbolic
// link, "a=b" hard link, "a|" FIFO; "a:1777" a folder with a mode.
func entries(t *testing.T, words string) []Entry {
	t.Helper()
	var out []Entry
	for i, w := range strings.Fields(words) {
		e := Entry{Node: Node{Path: w, Kind: layers.File, Mode: 0o644, Size: int64(i + 1), Ref: i + 1}}
		if path, target, ok := strings.Cut(w, "->"); ok {
			e.Node = Node{Path: path, Kind: layers.Symlink, Mode: 0o777, Target: target}
		} else if path, target, ok := strings.Cut(w, "="); ok {
			e.Node, e.Link = Node{Path: path, Kind: HardLink}, target
		} else if path, ok := strings.CutSuffix(w, "/"); ok {
			e.Node = Node{Path: path, Kind: layers.Dir, Mode: 0o755}
		} else if path, ok := strings.CutSuffix(w, ":1777"); ok {
			e.Node = Node{Path: path, Kind: layers.Dir, Mode: 0o1777}
		} else if path, ok := strings.CutSuffix(w, "|"); ok {
			e.Node = Node{Path: path, Kind: FIFO, Mode: 0o600}
		}
		out = append(out, e)
	}
	return out
}

func tree(t *testing.T, layersOf ...string) *Tree {
	t.Helper()
	tr := New()
	for _, l := range layersOf {
		if err := tr.Apply(entries(t, l)); err != nil {
			t.Fatalf("applying %q: %v", l, err)
		}
	}
	n := 0
	for range tr.All() {
		n++
	}
	if n != tr.Len() {
		t.Errorf("%q: Len says %d, All yields %d", layersOf, tr.Len(), n)
	}
	return tr
}

// list is the tree in the short hand of entries.
func list(t *Tree) string {
	var out []string
	for n := range t.All() {
		switch n.Kind {
		case layers.Dir:
			n.Path += "/"
		case layers.Symlink:
			n.Path += "->" + n.Target
		case FIFO:
			n.Path += "|"
		}
		out = append(out, n.Path)
	}
	return strings.Join(out, " ")
}

// The rules of image-spec, "Applying Changesets", and what runtimes do beyond them.
func TestApply(t *testing.T) {
	for _, c := range []struct {
		name   string
		layers []string
		want   string
	}{
		{"order does not show", []string{"b a/ a/c a-b a/b"}, "a/ a/b a/c a-b b"},
		{"names are cleaned", []string{"./a/ /a/b .//a///c ./"}, "a/ a/b a/c"},
		{"missing parents are made", []string{"a/b/c"}, "a/ a/b/ a/b/c"},
		{"a folder keeps what it holds", []string{"a/ a/x", "a/ a/y"}, "a/ a/x a/y"},
		{"a file replaces a folder", []string{"a/ a/x a/b/ a/b/c", "a"}, "a"},
		{"a folder replaces a file", []string{"a", "a/ a/x"}, "a/ a/x"},
		{"a folder replaces a link to a folder", []string{"usr/lib/ usr/lib/x lib->usr/lib", "lib/ lib/y"}, "lib/ lib/y usr/ usr/lib/ usr/lib/x"},
		{"a file replaces a link, not what it points to", []string{"a b->a", "b"}, "a b"},
		{"entries go through links", []string{"usr/lib/ lib->usr/lib", "lib/x lib/d/ lib/d/y"}, "lib->usr/lib usr/ usr/lib/ usr/lib/d/ usr/lib/d/y usr/lib/x"},
		{"links of the same layer too", []string{"lib->usr/lib lib/x usr/lib/y"}, "lib->usr/lib usr/ usr/lib/ usr/lib/x usr/lib/y"},
		{"a link that leads nowhere becomes a folder", []string{"a->/b/c a/x"}, "a->/b/c b/ b/c/ b/c/x"},
		{"whiteout of a file", []string{"a b", ".wh.a"}, "b"},
		{"whiteout of a folder", []string{"a/ a/x a/b/ a/b/c d", ".wh.a"}, "d"},
		{"whiteout of nothing", []string{"a", ".wh.b c/.wh.d a/.wh.x"}, "a"},
		{"whiteout through a link", []string{"usr/lib/x lib->usr/lib", "lib/.wh.x"}, "lib->usr/lib usr/ usr/lib/"},
		{"whiteout counts below only", []string{"q/ q/old", "q/ q/new .wh.q"}, "q/ q/new"},
		{"opaque", []string{"a/ a/x a/b/ a/b/c", "a/ a/y a/.wh..wh..opq"}, "a/ a/y"},
		{"opaque without its folder", []string{"a/ a/x", "a/.wh..wh..opq"}, "a/"},
		{"opaque root", []string{"a b/ b/c", ".wh..wh..opq d"}, "d"},
		{"marks of aufs", []string{"a", ".wh..wh.plnk .wh..wh.aufs .wh..wh.plnk/1.2 .wh..wh.orph/.wh.a"}, "a"},
		{"a whiteout is not a file in its own layer", []string{"a", ".wh.a", "a"}, "a"},
		{"hard link", []string{"a/x b=a/x c=./a/x"}, "a/ a/x b c"},
		{"hard link to a layer below", []string{"a", "b=/a", ".wh.a"}, "b"},
		{"hard link to a link", []string{"a->x b=a"}, "a->x b->x"},
		{"twice in a layer: the last counts", []string{"a->x a/ a/y a"}, "a"},
		{"device", []string{"a| b"}, "a| b"},
	} {
		if got := list(tree(t, c.layers...)); got != c.want {
			t.Errorf("%s: %q gives\n %s, want\n %s", c.name, c.layers, got, c.want)
		}
	}
}

func TestApplyKeepsFacts(t *testing.T) {
	tr := tree(t, "tmp:1777 a x/y b=a", "tmp/ c=b")
	want := map[string]Node{
		"tmp": {Path: "tmp", Kind: layers.Dir, Mode: 0o755},
		"a":   {Path: "a", Kind: layers.File, Mode: 0o644, Size: 2, Ref: 2},
		"c":   {Path: "c", Kind: layers.File, Mode: 0o644, Size: 2, Ref: 2},
		"x":   {Path: "x", Kind: layers.Dir, Mode: 0o755},
		"":    {Kind: layers.Dir, Mode: 0o755},
	}
	for path, w := range want {
		if got, ok := tr.Lookup(path); !ok || got != w {
			t.Errorf("%q: %+v (%v), want %+v", path, got, ok, w)
		}
	}
	if err := tr.Apply([]Entry{{Node: Node{Path: "./", Kind: layers.Dir, Mode: 0o700, UID: 5}}}); err != nil {
		t.Fatal(err)
	}
	if root, _ := tr.Lookup(""); root.Mode != 0o700 || root.UID != 5 {
		t.Errorf("root is %+v", root)
	}
	if n, ok := tr.Lookup("a/b"); ok {
		t.Errorf("found %+v below a file", n)
	}
	var names []string
	for _, n := range tr.Children("x") {
		names = append(names, n.Path)
	}
	if diff := cmp.Diff([]string{"x/y"}, names); diff != "" || tr.Children("a") != nil && len(tr.Children("a")) != 0 {
		t.Errorf("children: %s", diff)
	}
}

func TestApplyRefuses(t *testing.T) {
	long := strings.Repeat("n", 256)
	for name, e := range map[string]Entry{
		"dotdot":             {Node: Node{Path: "a/../b", Kind: layers.File}},
		"NUL":                {Node: Node{Path: "a\x00b", Kind: layers.File}},
		"long part":          {Node: Node{Path: long, Kind: layers.File}},
		"long path":          {Node: Node{Path: strings.Repeat("abcdefg/", 600), Kind: layers.File}},
		"deep path":          {Node: Node{Path: strings.Repeat("a/", 300), Kind: layers.File}},
		"below a file":       {Node: Node{Path: "file/x", Kind: layers.File}},
		"below a loop":       {Node: Node{Path: "loop/x", Kind: layers.File}},
		"whiteout of itself": {Node: Node{Path: "a/.wh..", Kind: layers.File}},
		"whiteout of parent": {Node: Node{Path: "a/.wh...", Kind: layers.File}},
		"whiteout, no name":  {Node: Node{Path: ".wh.", Kind: layers.File}},
		"whiteout folder":    {Node: Node{Path: ".wh.a/b", Kind: layers.File}},
		"file as root":       {Node: Node{Path: "/", Kind: layers.File}},
		"below a link to a name that is too long": {Node: Node{Path: "longlink/x", Kind: layers.File}},
		"empty link":        {Node: Node{Path: "x", Kind: layers.Symlink}},
		"hard link outside": {Node: Node{Path: "x", Kind: HardLink}, Link: "../file"},
		"hard link to none": {Node: Node{Path: "x", Kind: HardLink}, Link: "none"},
		"hard link to dir":  {Node: Node{Path: "x", Kind: HardLink}, Link: "dir"},
		"hard link to self": {Node: Node{Path: "file", Kind: HardLink}, Link: "./file"},
		"mode":              {Node: Node{Path: "x", Kind: layers.File, Mode: 0o10000}},
		"owner":             {Node: Node{Path: "x", Kind: layers.File, UID: -1}},
		"size":              {Node: Node{Path: "x", Kind: layers.File, Size: -1}},
		"kind":              {Node: Node{Path: "x", Kind: 'S'}},
	} {
		err := tree(t, "file dir/ loop->loop longlink->"+long).Apply([]Entry{e})
		if !refusal.Is(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
		if err != nil && len(err.Error()) > 500 {
			t.Errorf("%s: a message of %d bytes", name, len(err.Error()))
		}
	}
}

func TestManyPathsAreRefused(t *testing.T) {
	tr := New()
	tr.len = maxNodes
	if err := tr.Apply(entries(t, "one-more")); !refusal.Is(err) {
		t.Errorf("path %d: %v, want a refusal", maxNodes+1, err)
	}
}
