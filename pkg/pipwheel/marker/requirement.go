package marker

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Requirement is one dependency: name[extras]specifiers; marker, or name[extras] @ URL ; marker (PEP 508).
type Requirement struct {
	Name       string      // as written; see [Requirement.Key]
	Extras     []string    // as written, sorted, none twice; see [Requirement.ExtraKeys]
	Specifiers version.Set // empty when URL is not
	URL        string      // as written, not checked; empty for a requirement by version
	Marker     Marker
}

// ParseRequirement reads a requirement. The error is an [*Error].
func ParseRequirement(s string) (Requirement, error) {
	sc := &scanner{s: s}
	if !utf8.ValidString(s) {
		return Requirement{}, sc.fail("a requirement is UTF-8 text")
	}
	r, err := sc.requirement()
	if err != nil {
		return Requirement{}, err
	}
	return r, nil
}

// Key returns the normalised name (PEP 503).
func (r Requirement) Key() string { return distname.Normalize(r.Name) }

// ExtraKeys returns the normalised names of the extras, sorted, none twice (PEP 685).
func (r Requirement) ExtraKeys() []string {
	keys := normalize(r.Extras)
	slices.Sort(keys)
	return slices.Compact(keys)
}

// String writes the requirement in its normal order and spacing, names as they were written.
func (r Requirement) String() string {
	s := r.Name
	if len(r.Extras) > 0 {
		s += "[" + strings.Join(r.Extras, ",") + "]"
	}
	s += r.Specifiers.String()
	if r.URL != "" {
		s += " @ " + r.URL
	}
	if !r.Marker.IsZero() {
		if r.URL != "" {
			s += " "
		}
		s += "; " + r.Marker.String()
	}
	return s
}

// MarshalText returns [Requirement.String].
func (r Requirement) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is [ParseRequirement].
func (r *Requirement) UnmarshalText(text []byte) error {
	parsed, err := ParseRequirement(string(text))
	*r = parsed
	return err
}
