package layers

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/refusal"
)

const (
	// whiteoutPrefix begins the names by which a layer removes files of the layers below it
	// (image-spec, "Whiteouts").
	whiteoutPrefix = ".wh."

	// What eStargz keeps for itself in the root of a layer (stargz-snapshotter, docs/estargz.md).
	tocName            = "stargz.index.json"
	prefetchLandmark   = ".prefetch.landmark"
	noPrefetchLandmark = ".no.prefetch.landmark"

	// What Linux holds: a layer with longer names cannot be unpacked.
	maxPart = 255  // bytes of one part of a path (NAME_MAX)
	maxPath = 4095 // bytes of a path or of a link's target (PATH_MAX, less its NUL)
)

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
	case len(path) > maxPath:
		return refusal.New(quote(path[:64])+"…", "the path has "+strconv.Itoa(len(path))+" bytes, Linux holds "+strconv.Itoa(maxPath), "shorten it")
	}
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "", ".", "..":
			return refusal.Newf(quote(path), "the path has an empty, \".\" or \"..\" part")
		}
		if len(part) > maxPart {
			return refusal.New(quote(path), "a part of the path has "+strconv.Itoa(len(part))+" bytes, Linux holds "+strconv.Itoa(maxPart), "shorten it")
		}
		if strings.HasPrefix(part, whiteoutPrefix) {
			return refusal.New(quote(path), "names beginning .wh. delete files in an image layer", "rename it or leave it out")
		}
	}
	switch path {
	case tocName, prefetchLandmark, noPrefetchLandmark:
		return refusal.New(quote(path), "the name is reserved by the eStargz format", "rename it or leave it out")
	}
	return nil
}

// isPlain tells quickly that a part of a path, which has no slash, is ASCII and does not begin with a
// dot, as nearly all. It says nothing about others.
func isPlain(part string) bool {
	if part == "" || len(part) > maxPart || part[0] == '.' {
		return false
	}
	for i := range len(part) {
		if c := part[i]; c == 0 || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// quote makes a path fit for a message: one with characters that could command a terminal is
// written as a Go string.
func quote(path string) string {
	if !utf8.ValidString(path) || strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}
