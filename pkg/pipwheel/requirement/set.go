package requirement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Set is everything that files or words asked for, in their order.
type Set struct {
	Requirements []Requirement
	// Constraints limit versions and add nothing (pip's -c).
	Constraints []Requirement
	Options     Options
	// Notes say what was read and has no effect here.
	Notes []Note
}

// Note is a remark for the user.
type Note struct {
	Origin Origin
	Text   string
}

// String joins origin and text.
func (n Note) String() string { return n.Origin.String() + ": " + n.Text }

// Origin says where something was written.
type Origin struct {
	File  string // as given, or as found from the including file; a URL without its password
	Line  int    // counted from 1, the first one of joined lines; 0 when Table says more
	Table string // of a TOML file: "[project] dependencies"
}

// String is "requirements.txt:3" or "pyproject.toml: [project] dependencies".
func (o Origin) String() string {
	switch {
	case o.Table != "":
		return o.File + ": " + o.Table
	case o.Line == 0:
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// Requirement is one thing to install, or one constraint.
type Requirement struct {
	// Requirement has name, extras, versions and marker (PEP 508). For a wheel that is given by path or
	// URL alone the name is that of the file. It has no name if Build says so.
	marker.Requirement
	// Wheel is the file to install, nil for a requirement by version.
	Wheel *Wheel
	// Build says what has to be built to install it ("a source distribution"), empty if nothing has to be.
	Build string
	// Hashes are those of --hash options: a file must have one of them.
	Hashes Hashes
	// Text is the requirement as written, variables not expanded, passwords taken out.
	Text   string
	Origin Origin
}

// Wheel is a wheel file that is named itself (PEP 508, "Direct references").
type Wheel struct {
	URL     string // to fetch it, fragment included; with credentials if it was written with them; empty for a path
	Path    string // on this machine, relative to the working folder as with pip; empty for a URL
	File    string // its file name, percent-decoded
	Version string // of the file name, as spelled
	// Hash is what the URL's fragment promises, "sha256:...", or empty. Unlike Hashes it does not turn on hash mode.
	Hash string
}

// Hashes has lower-case hexadecimal digests by algorithm ("sha256"), each sorted, none twice.
type Hashes map[string][]string

// HashMode reports whether every file must have one of the hashes of its requirement: because
// one requirement or constraint has hashes, or because --require-hashes says so; --no-require-hashes revokes
// the former (pip, "Hash-checking Mode").
func (s *Set) HashMode() bool {
	if s.Options.RequireHashes {
		return true
	}
	hashed := func(r Requirement) bool { return len(r.Hashes) > 0 }
	return !s.Options.NoRequireHashes && (slices.ContainsFunc(s.Requirements, hashed) || slices.ContainsFunc(s.Constraints, hashed))
}

// For returns the requirements and constraints whose markers hold in an environment.
//
// If some of them must be built, the error is one [*refusal.Error] that names all of those.
func (s *Set) For(env marker.Environment) (*Set, error) {
	out := &Set{Options: s.Options, Notes: s.Notes}
	var err error
	if out.Requirements, err = holding(s.Requirements, env); err != nil {
		return nil, err
	}
	if out.Constraints, err = holding(s.Constraints, env); err != nil {
		return nil, err
	}
	return out, refuseBuilds(out.Requirements, out.Constraints)
}

func holding(all []Requirement, env marker.Environment) ([]Requirement, error) {
	var out []Requirement
	for _, r := range all {
		ok, err := r.Marker.Evaluate(env)
		if err != nil {
			return nil, &refusal.Error{Input: r.Origin.String(), Cause: fmt.Sprintf("the marker of %q has no value", r.Text), Err: err}
		}
		if ok {
			out = append(out, r)
		}
	}
	return out, nil
}

// BuildFix is what to do about distributions that must be built.
const BuildFix = `build wheels of them on a machine like the image (same Python, architecture and C library):
  pip wheel --no-deps --wheel-dir wheels REQUIREMENT...
then give the folder with --wheels wheels, and name them by version instead`

func refuseBuilds(lists ...[]Requirement) error {
	var lines []string
	for _, list := range lists {
		for _, r := range list {
			if r.Build != "" {
				lines = append(lines, fmt.Sprintf("  %s (%s): %s", r.Text, r.Origin, r.Build))
			}
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return refusal.New("requirements", "only wheels can be installed without running Python, and these must be built:\n"+
		strings.Join(lines, "\n")+"\n", BuildFix)
}
