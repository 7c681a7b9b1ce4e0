package source

import (
	"testing"

	"github.com/containerd/stargz-snapshotter/estargz"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestReservedNamesAreThoseOfEstargz(t *testing.T) {
	if tocName != estargz.TOCTarName || prefetchLandmark != estargz.PrefetchLandmark || noPrefetchLandmark != estargz.NoPrefetchLandmark {
		t.Error("eStargz has other names now")
	}
}

func TestCheckPath(t *testing.T) {
	for path, ok := range map[string]bool{
		"a/b c.py": true, "wh.x": true, "a.wh.x": true, ".wh": true, "x/.whx": true, "é/日本": true,
		"new\nline": true, `back\slash`: true, "x/my.stargz.index.json": true, ".prefetch.landmark.txt": true,
		".wh.x": false, "a/.wh.x": false, ".wh..wh..opq": false, ".wh.d/x": false,
		"stargz.index.json": false, "a/stargz.index.json": false, ".prefetch.landmark": false, "d/.no.prefetch.landmark": false,
		"caf\xe9": false, "a\x00b": false,
	} {
		err := CheckPath(path)
		if ok != (err == nil) || err != nil && !refusal.Is(err) {
			t.Errorf("CheckPath(%q) = %v", path, err)
		}
	}
}

func TestNamesInAFolder(t *testing.T) {
	for _, c := range []struct{ line, says string }{
		{"d/.wh.x", "d/.wh.x: names beginning .wh."},
		{".wh.d/", ".wh. delete files"},
		{"stargz.index.json", "eStargz"},
		{"caf\xe9", `"caf\xe9": its name is not UTF-8`},
		{"link -> caf\xe9", "link: its target is not UTF-8"},
	} {
		_, err := Folder(plant(t, c.line), Options{})
		refused(t, err, c.says, "or name it in a .dockerignore (which then stands in for the built-in excludes)")
		// The way out that the message names works.
		dir := plant(t, c.line, ".dockerignore = d\n.wh.*\nstargz*\ncaf*\nlink\n")
		if got := walked(t, dir); len(got.Entries) != 1 || len(got.LeftOut) != 1 {
			t.Errorf("%q ignored: %v, left out %v", c.line, got.Entries, got.LeftOut)
		}
	}
	// Under an exception, the folder on the way is checked as well.
	_, err := Folder(plant(t, ".wh.d/f", ".dockerignore = .wh.d\n!.wh.d/f\n"), Options{})
	refused(t, err, ".wh.d", "or name it in .dockerignore")
}
