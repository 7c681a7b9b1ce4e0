package plan

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// debian is a base with what matters: linked folders, folders with other modes and owners, links
// to files, a file at the root.
func debian(t *testing.T) *rootfs.Tree {
	t.Helper()
	node := func(path string, kind layers.Kind, mode uint32, target string) rootfs.Entry {
		return rootfs.Entry{Node: rootfs.Node{Path: path, Kind: kind, Mode: mode, Target: target}}
	}
	home := node("home/app", layers.Dir, 0o750, "")
	home.UID, home.GID = 1000, 1001
	tree := rootfs.New()
	if err := tree.Apply([]rootfs.Entry{
		node("bin", layers.Symlink, 0o777, "usr/bin"), node("lib", layers.Symlink, 0o777, "/usr/lib"),
		node("tmp", layers.Dir, 0o1777, ""), node("root", layers.Dir, 0o700, ""), home,
		node("usr/bin", layers.Dir, 0o755, ""), node("usr/lib", layers.Dir, 0o755, ""),
		node("usr/bin/python3.11", layers.File, 0o755, ""), node("usr/bin/python3", layers.Symlink, 0o777, "python3.11"),
		node("usr/bin/python", layers.Symlink, 0o777, "/bin/python3"),
		node("usr/bin/tini", layers.File, 0o755, ""), node("opt/entry.sh", layers.File, 0o755, ""),
		node("var/run", layers.Symlink, 0o777, "../run"), node("loop", layers.Symlink, 0o777, "loop"),
		node("etc/hosts", layers.File, 0o644, ""),
	}); err != nil {
		t.Fatal(err)
	}
	return tree
}

func newPlacer(t *testing.T) (*placer, *[]string) {
	t.Helper()
	notes := &[]string{}
	return &placer{base: debian(t), written: map[string]placed{}, guarded: map[string]string{}, notes: notes, removals: newGroup(layers.RoleRemovals, 0)}, notes
}

func file(path, content string) layers.Entry {
	var sum [32]byte
	copy(sum[:], content)
	return layers.Entry{Path: path, Kind: layers.File, Mode: 0o644, Size: int64(len(content)), SHA256: &sum, Origin: "host/" + content}
}

func executable(path, content string) layers.Entry {
	e := file(path, content)
	e.Mode = 0o755
	return e
}

// unhashed is a file that says nothing of its bytes.
func unhashed(path, content string) layers.Entry {
	e := file(path, content)
	e.SHA256 = nil
	e.Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
	return e
}

// show lists a group: "path mode owner".
func show(g *group) string {
	var out []string
	for _, path := range slices.Sorted(maps.Keys(g.entries)) {
		e := g.entries[path]
		out = append(out, fmt.Sprintf("%s %04o %d:%d", path, e.Mode, e.UID, e.GID))
	}
	return strings.Join(out, "\n")
}

// TestPlace: entries land where the base's links lead, and every folder on the way is as the base
// has it, else 0755 and root's.
func TestPlace(t *testing.T) {
	for path, want := range map[string]string{
		"tmp/x":          "tmp 1777 0:0\ntmp/x 0644 0:0",
		"lib/x":          "usr 0755 0:0\nusr/lib 0755 0:0\nusr/lib/x 0644 0:0",
		"home/app/a/b":   "home 0755 0:0\nhome/app 0750 1000:1001\nhome/app/a 0755 0:0\nhome/app/a/b 0644 0:0",
		"root/.x":        "root 0700 0:0\nroot/.x 0644 0:0",
		"var/run/pid":    "run 0755 0:0\nrun/pid 0644 0:0",
		"new":            "new 0644 0:0",
		"bin/python3.12": "usr 0755 0:0\nusr/bin 0755 0:0\nusr/bin/python3.12 0644 0:0",
	} {
		p, _ := newPlacer(t)
		g := newGroup(layers.RoleFiles, 0)
		if err := p.put(g, file(path, "x")); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got := show(g); got != want {
			t.Errorf("%s gives\n%s\nwant\n%s", path, got, want)
		}
	}
}

// TestRecipeNamesTheLayout: what a base makes of the folders is part of a wheel layer's recipe.
func TestRecipeNamesTheLayout(t *testing.T) {
	p, _ := newPlacer(t)
	g := newGroup(layers.RolePure, 0)
	for _, path := range []string{"lib/x", "tmp/x", "usr/lib/y"} {
		if err := p.put(g, file(path, path)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"/lib -> /usr/lib", "/tmp 1777 0:0"}
	if got := slices.Sorted(maps.Keys(g.layout)); !slices.Equal(got, want) {
		t.Errorf("layout %q, want %q", got, want)
	}
}

func TestPlaceRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		role    layers.Role
		entries []layers.Entry
		says    string
	}{
		"two for one path":         {layers.RoleFiles, []layers.Entry{file("opt/x", "a"), file("opt/x", "b")}, "/opt/x: it comes from both host/a and host/b"},
		"two through a link":       {layers.RoleFiles, []layers.Entry{file("lib/x", "a"), file("usr/lib/x", "b")}, "/usr/lib/x: it comes from both"},
		"below a file of ours":     {layers.RoleFiles, []layers.Entry{file("opt/x", "a"), file("opt/x/y", "b")}, "/opt/x is written as a file by host/a and needed as a folder by host/b"},
		"over a folder of ours":    {layers.RoleFiles, []layers.Entry{file("opt/x/y", "a"), file("opt/x", "b")}, "one as a folder, the other not"},
		"executable or not":        {layers.RolePure, []layers.Entry{file("opt/x", "a"), executable("opt/x", "a")}, "only one of them executable"},
		"below a file of the base": {layers.RoleFiles, []layers.Entry{file("etc/hosts/x", "a")}, "/etc/hosts"},
		"over a folder":            {layers.RoleFiles, []layers.Entry{file("usr/lib", "a")}, "/usr/lib is a folder in the base"},
		"over a linked folder":     {layers.RoleSource, []layers.Entry{file("bin", "a")}, "/bin is a link to a folder in the base"},
		"through a loop":           {layers.RoleFiles, []layers.Entry{file("loop/x", "a")}, "too many symbolic links"},
		"a wheel over the base":    {layers.RolePure, []layers.Entry{file("etc/hosts", "a")}, "it would replace /etc/hosts of the base"},
		"an unhashed pair":         {layers.RoleFiles, []layers.Entry{unhashed("opt/x", "a"), unhashed("opt/x", "b")}, "it comes from both"},
	} {
		p, _ := newPlacer(t)
		g := newGroup(test.role, 0)
		var err error
		for _, e := range test.entries {
			if err == nil {
				err = p.put(g, e)
			}
		}
		if !refusal.Is(err) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want a refusal with %q", name, err, test.says)
		}
	}
}

// TestPlaceAccepts: the same bytes twice are one entry, and files of the base may be replaced by
// what the user named.
func TestPlaceAccepts(t *testing.T) {
	p, notes := newPlacer(t)
	g := newGroup(layers.RoleFiles, 0)
	for _, e := range []layers.Entry{file("opt/x", "a"), file("opt/x", "a"), file("etc/hosts", "b")} {
		if err := p.put(g, e); err != nil {
			t.Fatal(err)
		}
	}
	source := newGroup(layers.RoleSource, 0)
	if err := p.put(source, file("usr/bin/tini", "c")); err != nil {
		t.Fatal(err)
	}
	want := []string{"host/b replaces /etc/hosts of the base", "warning: host/c replaces /usr/bin/tini of the base"}
	if !slices.Equal(*notes, want) {
		t.Errorf("notes %q, want %q", *notes, want)
	}
}

// TestEntrypointPaths: every word of the entrypoint that names a file is guarded, directly or along
// PATH, with each link on the way to it.
func TestEntrypointPaths(t *testing.T) {
	const path = "/nowhere:/bin:relative"
	for _, test := range []struct {
		entrypoint []string
		want       []string
	}{
		{[]string{"tini", "-g", "--", "/opt/entry.sh"}, []string{"opt/entry.sh", "usr/bin/tini"}},
		{[]string{"python", "-m", "prefect.engine"}, []string{"usr/bin/python", "usr/bin/python3", "usr/bin/python3.11"}},
		{[]string{"/bin/python3"}, []string{"usr/bin/python3", "usr/bin/python3.11"}},
		{[]string{"/missing", "", "loop", "/loop", "/usr/lib"}, nil},
	} {
		got := slices.Sorted(maps.Keys(entrypointPaths(debian(t), test.entrypoint, path)))
		if !slices.Equal(got, test.want) {
			t.Errorf("%q guards %q, want %q", test.entrypoint, got, test.want)
		}
	}
}

func TestGuarded(t *testing.T) {
	for _, role := range []layers.Role{layers.RoleFiles, layers.RoleSource, layers.RolePure} {
		p, _ := newPlacer(t)
		p.guarded = map[string]string{"opt/entry.sh": "which starts the container"}
		err := p.put(newGroup(role, 0), file("opt/entry.sh", "x"))
		if !refusal.Is(err) || !strings.Contains(err.Error(), "it would replace /opt/entry.sh, which starts the container") {
			t.Errorf("%s: %v", role, err)
		}
	}
}

// What the base has already may come again: an empty file, or one whose digest RECORD gives. A link that
// leads to nothing may be replaced by a wheel, too.
func TestAsInBase(t *testing.T) {
	p, _ := newPlacer(t)
	same := file("opt/same", "x")
	if err := p.base.Apply([]rootfs.Entry{
		{Node: rootfs.Node{Path: "opt/empty", Kind: layers.File, Mode: 0o644}},
		{Node: rootfs.Node{Path: "opt/same", Kind: layers.File, Mode: 0o644, Size: 1}},
		{Node: rootfs.Node{Path: "opt/other", Kind: layers.File, Mode: 0o644, Size: 1}},
		{Node: rootfs.Node{Path: "opt/link", Kind: layers.Symlink, Mode: 0o777, Target: "gone"}},
	}); err != nil {
		t.Fatal(err)
	}
	p.recorded = func() (map[string]string, error) {
		return map[string]string{"opt/same": fmt.Sprintf("%x", *same.SHA256), "opt/other": "00"}, nil
	}
	g := newGroup(layers.RolePure, 0)
	for _, e := range []layers.Entry{file("opt/empty", ""), same, file("opt/link", "x")} {
		if err := p.put(g, e); err != nil {
			t.Errorf("%s: %v", e.Path, err)
		}
	}
	for _, e := range []layers.Entry{file("opt/other", "x"), executable("opt/same", "x")} {
		if err := p.put(newGroup(layers.RolePure, 0), e); !refusal.Is(err) {
			t.Errorf("%s: %v", e.Path, err)
		}
	}
}
