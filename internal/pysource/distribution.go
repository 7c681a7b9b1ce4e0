package pysource

import (
	_ "embed"
	"strings"
)

// distributions names, for modules whose distribution has another name, the one on PyPI that brings
// them: "module distribution" a line, dotted modules where several distributions share a package.
//
//go:embed distributions.txt
var distributions string

// Distribution returns the distribution that most likely brings a module, and whether that is known:
// else it is a guess, the module's own top-level name as distributions are written. It answers for
// "google.cloud.storage" as for "yaml", and returns "" for no module at all.
func Distribution(module string) (name string, known bool) {
	for prefix := module; prefix != ""; {
		if line := row(distributions, prefix); line != "" {
			return line[len(prefix)+1:], true
		}
		i := strings.LastIndexByte(prefix, '.')
		if i < 0 {
			break
		}
		prefix = prefix[:i]
	}
	parts := strings.SplitN(module, ".", 4)
	switch parts[0] {
	case "google", "azure": // packages that many distributions share, each named after its part
		parts = parts[:min(len(parts), 3)]
	default:
		parts = parts[:1]
	}
	return strings.ReplaceAll(strings.Join(parts, "-"), "_", "-"), false
}

// Distribution is the distribution of the module, or of what is taken out of it: for "from
// google.cloud import storage" google-cloud-storage. It is empty for a relative import.
func (i Import) Distribution() (name string, known bool) {
	if i.Level > 0 {
		return "", false
	}
	if len(i.Names) > 0 && !i.Star() {
		if row(distributions, i.Module+"."+i.Names[0]) != "" || i.Module == "google.cloud" || i.Module == "azure" {
			return Distribution(i.Module + "." + i.Names[0])
		}
	}
	return Distribution(i.Module)
}
