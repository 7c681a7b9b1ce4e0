package resolve

import (
	"context"
	"fmt"
	"sync"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Provider tells what there is. Its methods are called concurrently, many of them ahead of need and in vain: an error
// counts only when the answer is needed. An [*Unusable] error rules out what was asked about; any other ends the resolution.
type Provider interface {
	// Candidates lists what there is of a distribution, by its normalised name. A name that nobody has is no error:
	// neither Fit nor Unfit has elements then.
	Candidates(ctx context.Context, name string) (Candidates, error)
	// Direct returns the one candidate behind the URL of a requirement "name @ url".
	Direct(ctx context.Context, name, url string) (Candidate, error)
	// Metadata returns the metadata of a candidate that Candidates or Direct returned.
	Metadata(ctx context.Context, c Candidate) (Metadata, error)
}

// Candidates is all that is known of one distribution.
type Candidates struct {
	Fit   []Candidate // what the target can install, newest first, one file a version: the best one
	Unfit []Unfit     // versions without such a file, newest first; they only serve messages
}

// Candidate is one version of a distribution: the file that would be installed.
type Candidate struct {
	Name           string // normalised
	Version        version.Version
	Yanked         bool        // PEP 592: taken only where the user pins it or a lock names it
	YankedReason   string      // as its author gave it; may be empty
	RequiresPython version.Set // as the index tells it; candidates for other interpreters are passed over
	ID             any         // the provider's own handle
}

// Metadata is what a candidate's METADATA says of dependencies (core metadata specification).
type Metadata struct {
	Requires       []marker.Requirement // Requires-Dist
	RequiresPython version.Set          // Requires-Python
	Extras         []string             // Provides-Extra, normalised
}

// ParseMetadata reads the fields Requires-Dist, Requires-Python and Provides-Extra leniently, as published metadata needs:
// each repair deserves a warning. A Requires-Python that cannot be read is ignored, as pip and uv do; the error for a
// requirement that cannot be read is an [*Unusable].
func ParseMetadata(requires []string, python string, extras []string) (Metadata, []version.Repair, error) {
	return new(Parser).Metadata(requires, python, extras)
}

// Parser is [ParseMetadata] for many candidates: versions of one distribution mostly require the same, and each text is
// read once. The zero value is ready, for parallel use.
type Parser struct {
	read sync.Map // of a Requires-Dist line, to its parsedLine
}

type parsedLine struct {
	requirement marker.Requirement
	repairs     []version.Repair
	err         error
}

func (p *Parser) line(text string) *parsedLine {
	if known, ok := p.read.Load(text); ok {
		return known.(*parsedLine)
	}
	l := &parsedLine{}
	l.requirement, l.repairs, l.err = marker.ParseRequirementLenient(text)
	p.read.Store(text, l)
	return l
}

// Metadata is ParseMetadata.
func (p *Parser) Metadata(requires []string, python string, extras []string) (Metadata, []version.Repair, error) {
	var repairs []version.Repair
	m := Metadata{Requires: make([]marker.Requirement, 0, len(requires))}
	for _, text := range requires {
		l := p.line(text)
		if l.err != nil {
			return Metadata{}, nil, &Unusable{Reason: fmt.Sprintf("its metadata has a requirement that cannot be read, %q", text), Err: l.err}
		}
		m.Requires = append(m.Requires, l.requirement)
		repairs = append(repairs, l.repairs...)
	}
	if set, fixed, err := version.ParseSetLenient(python); err == nil {
		m.RequiresPython = set
		repairs = append(repairs, fixed...)
	}
	for _, e := range extras {
		m.Extras = append(m.Extras, distname.Normalize(e))
	}
	return m, repairs, nil
}

// Unusable says that a candidate cannot be used; another version may be.
type Unusable struct {
	Reason string // lower-case, no full stop
	Err    error  // the error underneath, if there is one
}

func (u *Unusable) Error() string {
	if u.Err != nil {
		return u.Reason + ": " + u.Err.Error()
	}
	return u.Reason
}

// Unwrap returns the error underneath.
func (u *Unusable) Unwrap() error { return u.Err }

// Unfit is a version that the target cannot install.
type Unfit struct {
	Version version.Version
	Why     Why
	Text    string // in words: tag.Explain's for WrongPlatform, the specifiers for WrongPython, the reason for WasYanked; may be empty
	// Explain gives the text where Text is empty, when a message needs it; nil has none.
	Explain func() string
}

// text is the reason in words.
func (u Unfit) text() string {
	if u.Text == "" && u.Explain != nil {
		return u.Explain()
	}
	return u.Text
}

// Why is the kind of reason for which a version is unfit.
type Why uint8

const (
	OtherReason   Why = iota // Text says all
	OnlySource               // only source distributions: it needs a build
	WrongPlatform            // wheels for other interpreters or platforms
	WrongPython              // Requires-Python excludes the interpreter
	WasYanked                // PEP 592
	IsPrerelease             // pre-releases are not wanted
	TooNew                   // uploaded after --exclude-newer
)
