package marker

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// EvaluateError says that a marker has no value: it compares what cannot be compared, or uses a field that is not defined
// where the marker stands.
type EvaluateError struct {
	Marker string // the comparison
	Cause  string
}

func (e *EvaluateError) Error() string { return fmt.Sprintf("marker %s: %s", e.Marker, e.Cause) }

// Evaluate reports whether the marker of a requirement holds in an environment for the requested extras, which need not be
// normalised. The field extra stands for the set of them: == and in say that one of them does, != and not in that none does;
// without extras, it is the empty text. The error is an [*EvaluateError].
func (m Marker) Evaluate(env Environment, extras ...string) (bool, error) {
	ev := evaluator{env: &env, extra: normalize(extras)}
	if len(ev.extra) == 0 {
		ev.extra = []string{""}
	}
	return ev.marker(m)
}

// EvaluateLock is Evaluate for a marker in a lock file, where the fields extras and dependency_groups are defined, and
// extra is not (PEP 751).
func (m Marker) EvaluateLock(env Environment, extras, groups []string) (bool, error) {
	ev := evaluator{env: &env, lock: true, extras: normalize(extras), groups: normalize(groups)}
	return ev.marker(m)
}

func normalize(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, distname.Normalize(n))
	}
	return out
}

type evaluator struct {
	env            *Environment
	extra          []string
	lock           bool
	extras, groups []string
}

func (ev *evaluator) marker(m Marker) (bool, error) {
	if m.IsZero() {
		return true, nil
	}
	return ev.group(&m.expr)
}

// group evaluates all terms, even those that no longer matter: whether a marker has a value must not depend on the environment.
func (ev *evaluator) group(g *group) (bool, error) {
	either, all := false, true
	for i := range g.terms {
		if i > 0 && g.ops[i-1] == "or" {
			either, all = either || all, true
		}
		holds, err := ev.term(&g.terms[i])
		if err != nil {
			return false, err
		}
		all = all && holds
	}
	return either || all, nil
}

func (ev *evaluator) term(t *term) (bool, error) {
	if t.sub != nil {
		return ev.group(t.sub)
	}
	fail := func(cause string) (bool, error) {
		return false, &EvaluateError{Marker: t.lhs.String() + " " + t.op + " " + t.rhs.String(), Cause: cause}
	}
	f := t.lhs.field
	switch {
	case f == "" && t.rhs.field == "":
		return fail("compares two texts")
	case f != "" && t.rhs.field != "":
		return fail("compares two fields")
	case f == "":
		f = t.rhs.field
	}
	if f == fieldExtra && ev.lock {
		return fail("extra is not defined in lock files, which have extras")
	}
	if f.isSet() {
		switch {
		case !ev.lock:
			return fail(string(f) + " is only defined in lock files")
		case t.rhs.field == "" || t.op != "in" && t.op != "not in":
			return fail(string(f) + " is a set, used as: \"name\" in " + string(f))
		}
		set := ev.extras
		if f == fieldGroups {
			set = ev.groups
		}
		return slices.Contains(set, t.lhs.text) == (t.op == "in"), nil
	}
	values := ev.extra
	if f != fieldExtra {
		value, _ := ev.env.value(f)
		values = []string{value}
	}
	op, negated := positive(t.op)
	for _, value := range values {
		lhs, rhs := value, t.rhs.text
		if t.lhs.field == "" {
			lhs, rhs = t.lhs.text, value
		}
		if f.isVersion() {
			// Which side is the clause does not depend on which side is the field.
			if sp, err := version.ParseSpecifier(t.op + rhs); err == nil {
				return sp.MatchString(lhs), nil
			}
		}
		holds, ok := compareText(lhs, op, rhs)
		if !ok {
			return fail(t.op + " compares versions, which these are not")
		}
		if holds {
			return !negated, nil
		}
	}
	return negated, nil
}

// positive returns the operator whose opposite op is, if it is one.
func positive(op string) (string, bool) {
	switch op {
	case "!=":
		return "==", true
	case "not in":
		return "in", true
	}
	return op, false
}

// compareText compares what are no versions: texts have no order, so <= and >= mean equal.
func compareText(lhs, op, rhs string) (holds, ok bool) {
	switch op {
	case "==", "<=", ">=":
		return lhs == rhs, true
	case "<", ">":
		return false, true
	case "in":
		return strings.Contains(rhs, lhs), true
	}
	return false, false
}
