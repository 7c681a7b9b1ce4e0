package rootfs

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// What Linux takes (limits.h, PATH_MAX without its NUL, and NAME_MAX), and what an image with a
// purpose stays far below: without the last two, a few entries could ask for more memory than there is.
const (
	maxPath  = 4095
	maxName  = 255
	maxDepth = 256       // folders above a path
	maxNodes = 2_000_000 // paths of an image
)

// Clean turns the name of a tar entry into a path: "./usr//bin/" and "/usr/bin" are "usr/bin", as
// runtimes read them, and the root is "". Names with "..", with NUL, or longer than Linux allows
// are refused with a [refusal.Error].
func Clean(name string) (string, error) {
	if isClean(name) {
		return name, nil
	}
	if strings.IndexByte(name, 0) >= 0 {
		return "", refusal.Newf(quote(name), "the name has a NUL byte in it")
	}
	parts := make([]string, 0, strings.Count(name, "/")+1)
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == ".":
		case part == "..":
			return "", refusal.Newf(quote(name), "the name has \"..\" in it, which could leave the image")
		case len(part) > maxName:
			return "", refusal.Newf(quote(name), "a part of the name has %d bytes, Linux allows %d", len(part), maxName)
		default:
			parts = append(parts, part)
		}
	}
	out := strings.Join(parts, "/")
	if len(out) > maxPath {
		return "", refusal.Newf(quote(name), "the path has %d bytes, Linux allows %d", len(out), maxPath)
	}
	if len(parts) > maxDepth+1 {
		return "", refusal.Newf(quote(name), "the path is more than %d folders deep", maxDepth)
	}
	return out, nil
}

// isClean says that Clean has nothing to do: the common case, without an allocation.
func isClean(name string) bool {
	if len(name) > maxName { // then no part can be too long either
		return false
	}
	start := 0
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] == 0 {
			return false
		}
		if i == len(name) || name[i] == '/' {
			if part := name[start:i]; part == "" || part == "." || part == ".." {
				return name == ""
			}
			start = i + 1
		}
	}
	return true
}
