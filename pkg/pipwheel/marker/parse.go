package marker

import (
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
)

// maxDepth is how deep parentheses may be nested; markers in the wild have two levels.
const maxDepth = 100

// Parse reads a marker, such as `python_version < "3.11" and extra == "test"`. Names of extras and groups in it are
// normalised. An unknown field is an error. The error is an [*Error].
func Parse(s string) (Marker, error) {
	sc := &scanner{s: s}
	if !utf8.ValidString(s) {
		return Marker{}, sc.fail("a marker is UTF-8 text")
	}
	g, err := sc.group()
	if err == nil && !sc.done() {
		err = sc.fail("expected \"and\", \"or\" or the end of the marker")
	}
	if err != nil {
		return Marker{}, err
	}
	return Marker{expr: g}, nil
}

// group reads terms joined by "and" and "or".
func (sc *scanner) group() (group, error) {
	var g group
	for {
		t, err := sc.term()
		if err != nil {
			return group{}, err
		}
		g.terms = append(g.terms, t)
		switch {
		case sc.word("and"):
			g.ops = append(g.ops, "and")
		case sc.word("or"):
			g.ops = append(g.ops, "or")
		default:
			return g, nil
		}
	}
}

// term reads a comparison or a group in parentheses, with the white space around it.
func (sc *scanner) term() (term, error) {
	sc.space()
	if !sc.take('(') {
		t, err := sc.comparison()
		sc.space()
		return t, err
	}
	if sc.depth++; sc.depth > maxDepth {
		return term{}, sc.fail("parentheses are nested deeper than %d levels", maxDepth)
	}
	g, err := sc.group()
	if err != nil {
		return term{}, err
	}
	if !sc.take(')') {
		return term{}, sc.fail("expected \"and\", \"or\" or a closing parenthesis")
	}
	sc.depth--
	sc.space()
	return term{sub: &g}, nil
}

func (sc *scanner) comparison() (term, error) {
	lhs, err := sc.operand()
	if err != nil {
		return term{}, err
	}
	sc.space()
	op, err := sc.operator()
	if err != nil {
		return term{}, err
	}
	sc.space()
	rhs, err := sc.operand()
	if err != nil {
		return term{}, err
	}
	switch {
	case lhs.field == fieldExtra && rhs.field == "":
		rhs.text = distname.Normalize(rhs.text)
	case lhs.field == "" && (rhs.field == fieldExtra || rhs.field.isSet()):
		lhs.text = distname.Normalize(lhs.text)
	}
	return term{lhs: lhs, op: op, rhs: rhs}, nil
}

// operand reads a field or a quoted text. The grammar has no backslashes and no line ends in texts.
func (sc *scanner) operand() (operand, error) {
	name := sc.rest()
	if i := strings.IndexFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && r != '_' && r != '.' }); i >= 0 {
		name = name[:i]
	}
	if f, ok := fieldOf(name); ok && sc.word(name) {
		return operand{field: f}, nil
	}
	if sc.done() || sc.s[sc.pos] != '"' && sc.s[sc.pos] != '\'' {
		return operand{}, sc.fail("expected a marker field (python_version, sys_platform, extra, ...) or a quoted text")
	}
	text, _, closed := strings.Cut(sc.s[sc.pos+1:], sc.s[sc.pos:sc.pos+1])
	if !closed {
		return operand{}, sc.fail("the quotation mark is not closed")
	}
	if i := strings.IndexAny(text, "\\\n\r\x00"); i >= 0 {
		return operand{}, sc.fail("a quoted text of a marker cannot hold %q", text[i])
	}
	sc.pos += len(text) + 2
	return operand{text: text}, nil
}

func (sc *scanner) operator() (string, error) {
	if sc.word("in") {
		return "in", nil
	}
	if sc.word("not") {
		if !sc.space() || !sc.word("in") {
			return "", sc.fail("expected \"in\" after \"not\"")
		}
		return "not in", nil
	}
	for _, op := range []string{"===", "==", "~=", "!=", "<=", ">=", "<", ">"} {
		if strings.HasPrefix(sc.rest(), op) {
			sc.pos += len(op)
			return op, nil
		}
	}
	return "", sc.fail("expected an operator: <=, <, !=, ==, >=, >, ~=, ===, in or not in")
}
