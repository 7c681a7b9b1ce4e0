package marker

import (
	"errors"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// ParseRequirementLenient is [ParseRequirement] for what projects have published: version clauses that it refuses are read
// with the repairs of [version.ParseSetLenient], each of which is returned and deserves a warning. What cannot be repaired is
// refused with the error of ParseRequirement. It is not meant for what a user wrote.
func ParseRequirementLenient(s string) (Requirement, []version.Repair, error) {
	r, err := ParseRequirement(s)
	var syntax *Error
	if err == nil || !errors.As(err, &syntax) {
		return r, nil, err
	}
	sc := &scanner{s: s}
	sc.space()
	if _, ok := sc.identifier(); !ok {
		return r, nil, err
	}
	sc.space()
	if _, bad := sc.extras(); bad != nil {
		return r, nil, err
	}
	head := sc.s[:sc.pos]
	clauses, marker, marked := strings.Cut(sc.rest(), ";")
	clauses = strings.Trim(clauses, " \t")
	if inner, ok := strings.CutPrefix(clauses, "("); ok {
		if clauses, ok = strings.CutSuffix(inner, ")"); !ok {
			return r, nil, err
		}
	}
	set, repairs, bad := version.ParseSetLenient(clauses)
	if bad != nil {
		return r, nil, err
	}
	if len(repairs) == 0 && set.String() != clauses {
		repairs = []version.Repair{{From: clauses, To: set.String(), Why: "stray comma"}}
	}
	mended := head + set.String()
	if marked {
		mended += ";" + marker
	}
	r, bad = ParseRequirement(mended)
	if bad != nil {
		return Requirement{}, nil, err
	}
	return r, repairs, nil
}
