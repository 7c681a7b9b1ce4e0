package index

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// sdistSuffixes are of source distributions; only those that a message should count.
var sdistSuffixes = [...]string{".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.Z", ".tar"}

// splitFilename takes the name and version out of a file's name. project is the normalised name
// that it should have, or empty where any will do. It reports false for other kinds of files, and
// for those of other projects.
//
// Wheels escape "-" in names (PEP 427). Source distributions did not always: their name is as much
// of it as is the project's; where that is not known, all before the last "-".
func splitFilename(file, project string) (name, ver string, ok bool) {
	if stem, wheel := strings.CutSuffix(file, ".whl"); wheel {
		name, rest, found := strings.Cut(stem, "-")
		ver, _, more := strings.Cut(rest, "-")
		if name = distname.Normalize(name); !found || !more || project != "" && name != project {
			return "", "", false
		}
		return name, ver, true
	}
	stem := ""
	for _, s := range sdistSuffixes {
		if stem, ok = strings.CutSuffix(file, s); ok {
			break
		}
	}
	if !ok {
		return "", "", false
	}
	if project == "" {
		i := strings.LastIndexByte(stem, '-')
		if i < 1 {
			return "", "", false
		}
		return distname.Normalize(stem[:i]), stem[i+1:], true
	}
	for i := 1; i < len(stem); i++ {
		if stem[i] == '-' && distname.Normalize(stem[:i]) == project {
			return project, stem[i+1:], true
		}
	}
	return "", "", false
}
