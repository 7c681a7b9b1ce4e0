package version

import "strings"

// Specifier is one version clause (PEP 440, "Version specifiers").
type Specifier struct {
	Op      string  // "~=", "==", "!=", "<=", ">=", "<", ">" or "==="
	Text    string  // what follows the operator, as written: "1.2", "v1.2.*"; for "===" any text, even none
	Version Version // of the text, without ".*"; the zero value for "==="
	Prefix  bool    // the text ends in ".*"
}

// ParseSpecifier reads one clause, such as ">= 1.2" or "==1.2.*". The error is an [*Error].
func ParseSpecifier(s string) (Specifier, error) {
	fail := func(cause string) (Specifier, error) {
		return Specifier{}, &Error{Input: s, Cause: cause}
	}
	t := trimSpace(s)
	sp := Specifier{Op: operator(t)}
	if sp.Op == "" {
		return fail("a version specifier begins with ~=, ==, !=, <=, >=, <, > or ===")
	}
	sp.Text = trimSpace(t[len(sp.Op):])
	if sp.Op == "===" {
		if strings.ContainsFunc(sp.Text, func(r rune) bool { return r == ';' || r == ')' || IsSpace(r) }) {
			return fail("the text after === holds white space, \";\" or \")\"")
		}
		return sp, nil
	}
	text, prefix := strings.CutSuffix(sp.Text, ".*")
	p, ok := scan(text)
	if !ok {
		return fail("the operator is not followed by a version (PEP 440)")
	}
	sp.Prefix = prefix
	equality := sp.Op == "==" || sp.Op == "!="
	switch {
	case prefix && !equality:
		return fail("only == and != may have .*")
	case prefix && (p.rank != 0 || p.post != "" || p.dev != "" || p.local != ""):
		return fail(".* may only follow release numbers")
	case p.local != "" && !equality:
		return fail("only ==, != and === may have a local version label")
	case sp.Op == "~=" && !strings.Contains(p.release, "."):
		return fail("~= needs two release numbers or more")
	}
	sp.Version = p.version()
	return sp, nil
}

func operator(s string) string {
	switch {
	case strings.HasPrefix(s, "==="):
		return s[:3]
	case len(s) >= 2 && s[1] == '=' && strings.IndexByte("~=!<>", s[0]) >= 0:
		return s[:2]
	case s != "" && (s[0] == '<' || s[0] == '>'):
		return s[:1]
	}
	return ""
}

// String returns the clause as written, without white space.
func (sp Specifier) String() string { return sp.Op + sp.Text }

// Range returns the versions that satisfy the clause. For "===" that is one that more versions can belong to than satisfy
// it: all that are equal to its text, where [Specifier.Match] wants the same spelling; none, if the text is no version.
func (sp Specifier) Range() Range {
	v := sp.Version
	switch sp.Op {
	case "===":
		v, err := Parse(sp.Text)
		if err != nil {
			return Range{}
		}
		return Exactly(v)
	case "==", "!=":
		lo, hi := cutBelow(v), cut{v: v, at: above}
		if sp.Prefix {
			first, after := v.prefix(v.releases())
			lo, hi = cutBelow(first), cutBelow(after)
		} else if v.local() == nil {
			hi = cutAboveLocals(v)
		}
		r := between(lo, hi)
		if sp.Op == "!=" {
			r = r.Complement()
		}
		return r
	case "~=":
		_, after := v.prefix(v.releases() - 1)
		return between(cutBelow(v), cutBelow(after))
	case ">=":
		return between(cutBelow(v), cut{at: top})
	case "<=":
		return between(cut{}, cutAboveLocals(v))
	case ">":
		return between(cutAbovePosts(v), cut{at: top})
	case "<":
		return between(cut{}, cutBelowPhases(v))
	}
	return Range{}
}

// Match reports whether v satisfies the clause; pre-releases are not treated differently.
func (sp Specifier) Match(v Version) bool {
	return sp.Range().Contains(v) && sp.spelled(v)
}

// MatchString is Match for a version in any spelling. Text that is no version satisfies nothing but "===".
func (sp Specifier) MatchString(s string) bool {
	if sp.Op == "===" {
		return equalFold(sp.Text, s)
	}
	v, err := Parse(s)
	return err == nil && sp.Range().Contains(v)
}

// spelled reports whether "===" finds its text in v, upper or lower case; for other operators, it is true.
func (sp Specifier) spelled(v Version) bool {
	return sp.Op != "===" || equalFold(sp.Text, v.String())
}

// asks reports whether the clause names a pre-release that satisfies it, and so asks for pre-releases.
func (sp Specifier) asks() bool {
	v := sp.Version
	if sp.Op == "===" {
		v, _ = Parse(sp.Text)
	}
	return sp.Op != "!=" && v.IsPrerelease()
}

// means reports whether two clauses have the same operator and the same version.
func (sp Specifier) means(o Specifier) bool {
	switch {
	case sp.Op != o.Op || sp.Prefix != o.Prefix:
		return false
	case sp.Op == "===" || sp.Prefix:
		return sp.Text == o.Text
	case sp.Op == "~=": // the number of release numbers matters
		return sp.Version.String() == o.Version.String()
	}
	return sp.Version.Equal(o.Version)
}

// compareSpelling orders clauses as their texts.
func compareSpelling(a, b Specifier) int {
	switch {
	case a.Op == b.Op:
		return strings.Compare(a.Text, b.Text)
	case strings.HasPrefix(a.Op, b.Op) || strings.HasPrefix(b.Op, a.Op):
		return strings.Compare(a.String(), b.String())
	}
	return strings.Compare(a.Op, b.Op)
}
