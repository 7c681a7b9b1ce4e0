package source

import (
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Names with a meaning of their own in a layer.
const (
	whiteoutPrefix = ".wh." // image-spec, "Whiteouts"

	// eStargz's own entries (stargz-snapshotter, docs/estargz.md). They count at the image's
	// root only; they are refused everywhere, since a path here does not know yet where it goes.
	tocName            = "stargz.index.json"
	prefetchLandmark   = ".prefetch.landmark"
	noPrefetchLandmark = ".no.prefetch.landmark"
)

// CheckPath refuses a slash-separated path that an image layer cannot hold as the file it is: a
// part that begins with ".wh." (image-spec, "Whiteouts": it would delete), one of eStargz's own
// names, and bytes that are not UTF-8 (pax headers hold UTF-8 only, POSIX.1-2001) or are NUL.
// Everything else that a tar header holds is accepted: spaces, backslashes, control characters.
func CheckPath(path string) error {
	if err := checkText(path, path, "name"); err != nil {
		return err
	}
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case strings.HasPrefix(part, whiteoutPrefix):
			return refusal.New(printable(path), "names beginning .wh. delete files in an image layer",
				"rename it")
		case part == tocName, part == prefetchLandmark, part == noPrefetchLandmark:
			return refusal.New(printable(path), part+" is a name that the eStargz format keeps for itself",
				"rename it")
		}
	}
	return nil
}

// checkText refuses the text of path that no tar header holds; what is the word for it.
func checkText(path, text, what string) error {
	if !utf8.ValidString(text) {
		return refusal.New(printable(path), "its "+what+" is not UTF-8, and layers hold no other",
			"rename it")
	}
	if strings.ContainsRune(text, 0) {
		return refusal.New(printable(path), "its "+what+" holds a NUL byte", "rename it")
	}
	return nil
}
