package plan

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// priorities are the paths that come first in eStargz layers. Each must be in some layer.
type priorities struct {
	paths []string
	found map[string]bool
}

// of returns those that a layer holds, in the user's order.
func (p *priorities) of(entries []layers.Entry) []string {
	if len(p.paths) == 0 {
		return nil
	}
	if p.found == nil {
		p.found = map[string]bool{}
	}
	here, _ := layers.Prioritized(p.paths, entries)
	for _, path := range here {
		p.found[path] = true
	}
	return here
}

// missing refuses paths that no new layer holds.
func (p *priorities) missing() error {
	var lost []string
	for _, path := range p.paths {
		if !p.found[path] {
			lost = append(lost, "/"+path)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return refusal.New("--prioritize", "no new layer holds "+strings.Join(lost[:min(5, len(lost))], ", "), "name paths of files that this build adds")
}
