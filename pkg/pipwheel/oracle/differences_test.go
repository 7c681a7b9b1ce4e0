//go:build oracle

package oracle

import (
	"regexp"
	"strings"
)

// difference is a kind of answer in which we differ from packaging on purpose.
type difference struct {
	kind    string
	reason  string
	applies func(text, what, got, want string) bool
}

// differences is the whole list.
func differences() []difference {
	folds := func(text string) bool { return strings.ContainsAny(text, "\u017f\u0131\u212a") }
	refused := func(what, got string) bool { return what == "validity" && got == "false" }
	setCompared := regexp.MustCompile(`(===?|[<>~!]=?) *(extras|dependency_groups)`)
	extra := regexp.MustCompile(`\bextra\b`)
	nameEnd := regexp.MustCompile(`_[ \t]*($|[]\[,;@(<>=!~])`)
	return []difference{
		{
			"set", "letters that only Unicode's case folding takes for ASCII ones are no part of a version; " +
				"packaging accepts the clause and fails when it uses it",
			func(text, what, got, _ string) bool {
				return refused(what, got) && strings.HasPrefix(text, "~=") && folds(text)
			},
		},
		{
			"contains", "=== folds the case of ASCII letters only",
			func(text, _, got, _ string) bool {
				return got == "false" && strings.HasPrefix(text, "===") && folds(text)
			},
		},
		{
			"marker", "PEP 508 has no backslash in quoted texts; packaging reads them as literals of Python",
			func(text, what, got, _ string) bool { return refused(what, got) && strings.Contains(text, `\`) },
		},
		{
			"marker", "names of extras fold ASCII letters only",
			func(text, what, _, _ string) bool { return what == "text" && folds(text) },
		},
		{
			"evaluate", "a comparison of two fields or two texts has no value; packaging takes the name of the right field for " +
				"a text, and the right text for the name of a field",
			func(text, _, got, _ string) bool {
				return got == "e" && (text == "os_name == sys_platform" || text == "'posix' == 'os_name'" ||
					text == "python_version in python_full_version")
			},
		},
		{
			"extras", "several extras are one set (amendment of January 2026): != means none of them, and each comparison may find " +
				"another; pip asks for each extra alone",
			func(text, _, _, _ string) bool {
				return strings.Contains(text, "!=") || strings.Contains(text, "not") || len(extra.FindAllString(text, -1)) > 1
			},
		},
		{
			"lock", "sets are only compared with in and not in (PEP 751); packaging lets no text equal a set",
			func(text, what, got, _ string) bool {
				return strings.HasPrefix(what, "value with") && got == "e" && setCompared.MatchString(text)
			},
		},
		{
			"requirement", "names end in a letter or digit (PEP 508); packaging lets them end in _",
			func(text, what, got, _ string) bool { return refused(what, got) && nameEnd.MatchString(text) },
		},
		{
			"name", "only ASCII letters are folded; names with others are not valid",
			func(text, what, _, _ string) bool { return what == "normal form" && folds(text) },
		},
	}
}
