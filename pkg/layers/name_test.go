package layers

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/containerd/stargz-snapshotter/estargz"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestCheckName(t *testing.T) {
	long := strings.Repeat("n", 255)
	for path, want := range map[string]string{
		"a": "", "usr/local/bin/x": "", "...": "", ".whx": "", "a/.hidden": "", "x.wh.y": "", "a b\nc": "", "C:\\x": "", "é": "",
		long: "", long + "/" + long: "", strings.Repeat("a/", 2047) + "a": "",
		"a/stargz.index.json": "", "a/.prefetch.landmark": "",

		"":                         "empty path",
		"/a":                       `/a: the path has an empty, "." or ".." part`,
		"a/":                       `a/: the path has an empty, "." or ".." part`,
		"a//b":                     `a//b: the path has an empty, "." or ".." part`,
		".":                        `.: the path has an empty, "." or ".." part`,
		"a/../b":                   `a/../b: the path has an empty, "." or ".." part`,
		"a\xff":                    `"a\xff": the name is not UTF-8`,
		"a\x00":                    `"a\x00": the name has a NUL byte`,
		"a/.wh.b":                  "a/.wh.b: names beginning .wh. delete files in an image layer; rename it or leave it out",
		".wh..wh..opq/x\x1b[2J":    `".wh..wh..opq/x\x1b[2J": names beginning .wh. delete files in an image layer; rename it or leave it out`,
		long + "n":                 long + "n: a part of the path has 256 bytes, Linux holds 255; shorten it",
		strings.Repeat("a/", 2048): strings.Repeat("a/", 32) + "…: the path has 4096 bytes, Linux holds 4095; shorten it",
		"stargz.index.json":        "stargz.index.json: the name is reserved by the eStargz format; rename it or leave it out",
		".prefetch.landmark":       ".prefetch.landmark: the name is reserved by the eStargz format; rename it or leave it out",
		".no.prefetch.landmark":    ".no.prefetch.landmark: the name is reserved by the eStargz format; rename it or leave it out",
	} {
		err := CheckName(path)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", path, err)
		case want != "" && (err == nil || err.Error() != want || !refusal.Is(err)):
			t.Errorf("%q:\n got %v\nwant %s", path, err, want)
		}
	}
}

func TestReservedNamesAreThoseOfEstargz(t *testing.T) {
	if tocName != estargz.TOCTarName || prefetchLandmark != estargz.PrefetchLandmark || noPrefetchLandmark != estargz.NoPrefetchLandmark {
		t.Error("the eStargz library has other names")
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"a/b", "../a", "\xc3", "\x1b]0;x\a", ".wh.a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		err := CheckName(path)
		if err == nil {
			if !utf8.ValidString(path) || strings.HasPrefix(path, "/") || strings.Contains("/"+path+"/", "/../") {
				t.Fatalf("%q is let through", path)
			}
			return
		}
		for _, r := range err.Error() {
			if r < ' ' || r == 0x7f || r == utf8.RuneError && !strings.Contains(path, "\ufffd") {
				t.Fatalf("%q: the message has %U", path, r)
			}
		}
	})
}
