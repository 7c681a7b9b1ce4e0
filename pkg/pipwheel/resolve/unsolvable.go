package resolve

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Unsolvable says that no versions satisfy the input, and proves it. It unwraps to a refusal.
type Unsolvable struct {
	Proof []string // lines: facts after "because" and "and", what follows from those before after "so"
	Fixes []string // what would change the outcome, each for itself a possible way out
}

// Error gives the proof, a line a sentence, then the ways out.
func (u *Unsolvable) Error() string { return u.Unwrap().Error() }

// Unwrap returns the same as a refusal.
func (u *Unsolvable) Unwrap() error {
	fix := ""
	if len(u.Fixes) > 0 {
		fix = "what would help:\n  - " + strings.Join(u.Fixes, "\n  - ")
	}
	return &refusal.Error{Cause: "no versions satisfy the requirements:\n  " + strings.Join(u.Proof, "\n  "), Fix: fix}
}

// explain turns the incompatibility without terms into words.
func (s *solver) explain(c *incompat) error {
	e := &explainer{wording: wording{s}, uses: map[*incompat]int{}, number: map[*incompat]int{}}
	e.countUses(e.see(c))
	e.walk(e.see(c))
	return &Unsolvable{Proof: e.lines, Fixes: e.fixes()}
}
