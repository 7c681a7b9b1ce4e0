package layers

import (
	"strings"
	"unicode/utf8"

	"github.com/containerd/stargz-snapshotter/estargz"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// whiteoutPrefix begins the names by which a layer removes files of the layers below it
// (image-spec, "Whiteouts").
const whiteoutPrefix = ".wh."

// CheckName refuses a path that cannot be the path of an [Entry], or that a runtime would
// not take for a plain file: whiteouts (image-spec, "Whiteouts") and the names that eStargz
// keeps for itself. Nothing is repaired.
func CheckName(path string) error {
	switch {
	case path == "":
		return refusal.New("", "empty path", "")
	case !utf8.ValidString(path):
		return refusal.Newf(quote(path), "the name is not UTF-8")
	case strings.IndexByte(path, 0) >= 0:
		return refusal.Newf(quote(path), "the name has a NUL byte")
	}
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "", ".", "..":
			return refusal.Newf(quote(path), "the path has an empty, \".\" or \"..\" part")
		}
		if strings.HasPrefix(part, whiteoutPrefix) {
			return refusal.New(quote(path), "names beginning .wh. delete files in an image layer", "rename it or leave it out")
		}
	}
	switch path {
	case estargz.TOCTarName, estargz.PrefetchLandmark, estargz.NoPrefetchLandmark:
		return refusal.New(quote(path), "the name is reserved by the eStargz format", "rename it or leave it out")
	}
	return nil
}

func quote(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == utf8.RuneError }) {
		return strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if r < ' ' {
				return '?'
			}
			return r
		}, path), "?")
	}
	return path
}
