package marker

import (
	"errors"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// requirement reads the rule "specification" of the grammar of PEP 508.
func (sc *scanner) requirement() (r Requirement, err error) {
	sc.space()
	var ok bool
	if r.Name, ok = sc.identifier(); !ok {
		return r, sc.fail("expected the name of a distribution: letters, digits, \".\", \"_\", \"-\"")
	}
	sc.space()
	if r.Extras, err = sc.extras(); err != nil {
		return r, err
	}
	sc.space()
	if sc.take('@') {
		r.URL, err = sc.url()
	} else {
		r.Specifiers, err = sc.specifiers()
	}
	if err != nil {
		return r, err
	}
	sc.space()
	if sc.done() {
		return r, nil
	}
	if !sc.take(';') {
		return r, sc.fail("expected a comma and a version specifier, a semicolon and a marker, or the end")
	}
	if r.Marker.expr, err = sc.group(); err == nil && !sc.done() {
		err = sc.fail("expected \"and\", \"or\" or the end of the marker")
	}
	return r, err
}

func (sc *scanner) extras() ([]string, error) {
	if !sc.take('[') {
		return nil, nil
	}
	sc.space()
	if sc.take(']') {
		return nil, nil
	}
	var names []string
	for {
		name, ok := sc.identifier()
		if !ok {
			return nil, sc.fail("expected the name of an extra")
		}
		names = append(names, name)
		sc.space()
		if sc.take(']') {
			break
		}
		if !sc.take(',') {
			return nil, sc.fail("expected a comma or \"]\" after the name of an extra")
		}
		sc.space()
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// url reads up to white space; a semicolon belongs to the URL unless white space comes before it.
func (sc *scanner) url() (string, error) {
	sc.space()
	url := sc.rest()
	if i := strings.IndexAny(url, " \t"); i >= 0 {
		url = url[:i]
	}
	if url == "" {
		return "", sc.fail("expected a URL after \"@\"")
	}
	sc.pos += len(url)
	return url, nil
}

// specifiers reads version clauses, which may stand in parentheses and may end with a comma.
func (sc *scanner) specifiers() (version.Set, error) {
	closing := sc.take('(')
	sc.space()
	start, end := sc.pos, sc.pos
	for {
		n := clause(sc.rest())
		if n == 0 {
			break
		}
		sc.pos += n
		end = sc.pos
		sc.space()
		if !sc.take(',') {
			break
		}
		end = sc.pos
		sc.space()
	}
	set, err := version.ParseSet(sc.s[start:end])
	if err != nil {
		var inner *version.Error
		if errors.As(err, &inner) {
			return set, &Error{Input: sc.s, Offset: start, Cause: "not a version specifier", Err: inner}
		}
		return set, err
	}
	sc.space()
	if closing && !sc.take(')') {
		return set, sc.fail("expected a comma and a version specifier, or a closing parenthesis")
	}
	return set, nil
}

// clause returns the length of the version clause at the start of s, 0 if there is none. After === it goes on to white space,
// ";" or ")", commas included.
func clause(s string) int {
	text := strings.TrimLeft(s, "<>=!~")
	if len(text) == len(s) {
		return 0
	}
	arbitrary := strings.HasPrefix(s, "===")
	if arbitrary {
		text = s[3:]
	}
	text = strings.TrimLeftFunc(text, version.IsSpace)
	end := strings.IndexFunc(text, func(r rune) bool {
		return r == ';' || r == ')' || r == ',' && !arbitrary || version.IsSpace(r)
	})
	if end < 0 {
		return len(s)
	}
	return len(s) - len(text) + end
}
