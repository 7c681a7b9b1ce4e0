package baseimage

import (
	"archive/tar"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "github.com/layerpack/layerpack/internal/baseimage/fakebase"
)

const site = "usr/local/lib/python3.11/site-packages"

// Only what the last layer leaves counts, whichever layer brought it and whatever name it goes by.
func TestDistributionsOfTheMergedView(t *testing.T) {
	lower := append(stdlib("usr/local", "python3.11"), join(
		Dist(site, "Kept.Name", "1.0", []string{"other >= 2", "more; extra == 'x'"}),
		Dist(site, "removed", "1.0", nil),
		Dist(site, "upgraded", "1.0", nil),
		Dist(site, "leftover", "1.0", nil),
		Dist(site, "Linked", "1.0", nil),
		Dist("opt/elsewhere", "elsewhere", "1.0", nil),
		[]File{
			Text(site+"/legacy-0.5-py3.11.egg-info", 0o644, "Name: legacy\nVersion: 0.5\n"),
			Text(site+"/older.egg-info/PKG-INFO", 0o644, "Name: older\nVersion: 0.1\n"),
			Text(site+"/~emoved-1.0.dist-info/METADATA", 0o644, "Name: removed\nVersion: 1.0\n"),
			Link(site+"/away.dist-info", "/opt/elsewhere/elsewhere-1.0.dist-info"),
		},
	)...)
	upper := []File{
		Whiteout(site + "/.wh.removed-1.0.dist-info"),
		Whiteout(site + "/.wh.upgraded-1.0.dist-info"),
		Whiteout(site + "/leftover-1.0.dist-info/.wh..wh..opq"),
		Text(site+"/Kept.Name-1.0.dist-info/METADATA", 0o644, "Metadata-Version: 2.1\nName: Kept.Name\nVersion: 1.0\nRequires-Dist: new\n  >= 3\n\nName: not this\n"),
		Whiteout(site + "/Kept.Name-1.0.dist-info/.wh.RECORD"),
		{Path: site + "/zz-2.0.dist-info/METADATA", Type: tar.TypeLink, Target: site + "/Linked-1.0.dist-info/METADATA"},
	}
	upper = append(upper, Dist(site, "upgraded", "2.0", nil)...)
	p := testBase{arch: "amd64", tars: [][]byte{tarOf(t, lower...), tarOf(t, upper...)}}.read(t)
	var got []string
	for _, d := range p.Distributions {
		record := ""
		if d.Record {
			record = " RECORD"
		}
		got = append(got, d.Name+" "+d.Version+" "+strings.TrimPrefix(d.Path, site+"/")+record+" "+strings.Join(d.Requires, ","))
	}
	want := []string{
		"elsewhere 1.0 away.dist-info ",
		"Kept.Name 1.0 Kept.Name-1.0.dist-info new >= 3",
		"legacy 0.5 legacy-0.5-py3.11.egg-info ",
		"Linked 1.0 Linked-1.0.dist-info RECORD ",
		"Linked 1.0 zz-2.0.dist-info ",
		"older 0.1 older.egg-info ",
		"upgraded 2.0 upgraded-2.0.dist-info RECORD ",
	}
	want[0] = "elsewhere 1.0 away.dist-info RECORD "
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(p.Notes) < 1 || !strings.Contains(strings.Join(p.Notes, "\n"), "leftover-1.0.dist-info has no metadata") {
		t.Errorf("notes: %q", p.Notes)
	}
}

// A file that a later layer replaces by one that says nothing says nothing.
func TestReplacedFilesAreForgotten(t *testing.T) {
	lower := []File{Text("etc/passwd", 0o644, "root:x:0:0::/root:/bin/sh\n"), Text("etc/group", 0o644, "root:x:0:\n")}
	p := testBase{tars: [][]byte{tarOf(t, lower...), tarOf(t, Link("etc/passwd", "shadow"), Text("etc/group", 0o644, ""))}}.read(t)
	if len(p.Users) != 0 || len(p.Groups) != 0 {
		t.Errorf("users %v, groups %v, want none", p.Users, p.Groups)
	}
}

// Layers are read at the same time and applied in order.
func TestManyLayers(t *testing.T) {
	var b testBase
	for i := range 40 {
		b.tars = append(b.tars, tarOf(t, Text("etc/passwd", 0o644, "root:x:"+strings.Repeat("1", i%9+1)+":0::/:/\n"), Text("x", 0o644, strings.Repeat("x", i))))
	}
	p := b.read(t)
	if n, _ := p.Tree.Lookup("x"); n.Size != 39 || p.Users["root"].UID != 1111 {
		t.Errorf("x has %d bytes, users are %v", n.Size, p.Users)
	}
}
