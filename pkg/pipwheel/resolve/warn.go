package resolve

import (
	"fmt"
	"slices"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// warnings tells what deserves a look at a package though it was chosen.
func (b *builder) warnings(p *Package) []string {
	var out []string
	if p.Candidate.Yanked {
		w := fmt.Sprintf("%s %s was yanked by its authors", p.Name, p.Version)
		if p.Candidate.YankedReason != "" {
			w += ": " + p.Candidate.YankedReason
		}
		out = append(out, w)
	}
	provided := b.provided[p.Name]
	for _, e := range p.Extras {
		if !slices.ContainsFunc(provided, func(x string) bool { return distname.Normalize(x) == e }) {
			out = append(out, fmt.Sprintf("%s %s has no extra %s (asked for by %s)", p.Name, p.Version, e, b.askers[p.Name+"["+e+"]"]))
		}
	}
	return out
}
