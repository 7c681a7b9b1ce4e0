package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// Finding is one thing that was found.
type Finding struct {
	Rule    Rule
	Warning bool   // said, but no reason to stop
	Subject string // what it is about: a wheel's file name, a path of the image, a distribution with its version
	Cause   string // lower-case, no full stop
	Fix     string // the way out; may be empty
}

// Rule names what was looked for.
type Rule string

// The rules.
const (
	MissingLibrary   Rule = "missing-library"        // no file for a DT_NEEDED
	LibraryElsewhere Rule = "library-elsewhere"      // the base has it where the loader does not look
	GlibcTooOld      Rule = "glibc-too-old"          // a file needs a newer GLIBC_x.y than the base has
	WrongLibc        Rule = "wrong-libc"             // glibc's file in a musl base, or the other way round
	WrongMachine     Rule = "wrong-machine"          // built for another architecture
	MissingLoader    Rule = "missing-loader"         // an executable's dynamic linker is not there
	BrokenLibrary    Rule = "broken-library"         // an extension module that is cut or no whole ELF file
	MissingDist      Rule = "missing-requirement"    // a required distribution is not installed
	UnmetVersion     Rule = "unmet-requirement"      // it is installed in another version
	RequiresPython   Rule = "requires-python"        // the distribution is for other versions of Python
	Unreadable       Rule = "unreadable-requirement" // metadata that cannot be understood
)

// String says the finding in one line.
func (f Finding) String() string {
	s := f.Subject + ": " + f.Cause
	if f.Fix != "" {
		s += "; " + f.Fix
	}
	return s
}

const (
	maxShown = 20       // findings in one message
	maxText  = 12 << 10 // its length in bytes
)

// Refuse turns findings into one refusal.Error that names all that are no warnings, as far as a
// message can hold; nil when there are none.
func Refuse(findings []Finding) error {
	var bad []Finding
	for _, f := range findings {
		if !f.Warning {
			bad = append(bad, f)
		}
	}
	switch len(bad) {
	case 0:
		return nil
	case 1:
		return refusal.New(bad[0].Subject, bad[0].Cause, bad[0].Fix)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d things would not work in it", len(bad))
	for i, f := range bad {
		line := "\n  " + f.String()
		if i == maxShown || i > 0 && b.Len()+len(line) > maxText {
			fmt.Fprintf(&b, "\n  and %d more", len(bad)-i)
			break
		}
		b.WriteString(line)
	}
	return refusal.New("the image", b.String(), "")
}

// sorted puts errors first, then goes by subject.
func sorted(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		if a.Warning != b.Warning {
			if b.Warning {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Cause, b.Cause))
	})
	return findings
}
