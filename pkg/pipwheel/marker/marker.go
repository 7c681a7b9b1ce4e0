package marker

import (
	"slices"
	"strings"
)

// Marker is a condition on the environment. The zero value is no condition: it is always true.
type Marker struct{ expr group }

// group is what stands between parentheses: terms[0] ops[0] terms[1] ..., where "and" binds tighter than "or".
type group struct {
	terms []term
	ops   []string // "and", "or"
}

// term is a group in parentheses, or one comparison.
type term struct {
	sub      *group
	lhs, rhs operand
	op       string // a version operator, "in" or "not in"
}

// operand is a field, or a quoted text when field is empty.
type operand struct {
	field field
	text  string
}

// IsZero reports whether m is no condition.
func (m Marker) IsZero() bool { return len(m.expr.terms) == 0 }

// Fields returns the names of the fields that the marker compares, sorted.
func (m Marker) Fields() []string {
	names := m.expr.fields(nil)
	slices.Sort(names)
	return slices.Compact(names)
}

func (g *group) fields(names []string) []string {
	for _, t := range g.terms {
		if t.sub != nil {
			names = t.sub.fields(names)
			continue
		}
		for _, o := range []operand{t.lhs, t.rhs} {
			if o.field != "" {
				names = append(names, string(o.field))
			}
		}
	}
	return names
}

// String writes the marker with single spaces, double quotes where possible, and no parentheses that change nothing.
func (m Marker) String() string {
	var b strings.Builder
	m.expr.write(&b, true)
	return b.String()
}

// MarshalText returns [Marker.String].
func (m Marker) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is [Parse]; an empty text is no condition.
func (m *Marker) UnmarshalText(text []byte) error {
	*m = Marker{}
	if len(text) == 0 {
		return nil
	}
	parsed, err := Parse(string(text))
	if err == nil {
		*m = parsed
	}
	return err
}

func (g *group) write(b *strings.Builder, outermost bool) {
	if len(g.terms) == 1 {
		g.terms[0].write(b, outermost)
		return
	}
	if !outermost {
		b.WriteByte('(')
	}
	for i := range g.terms {
		if i > 0 {
			b.WriteString(" " + g.ops[i-1] + " ")
		}
		g.terms[i].write(b, false)
	}
	if !outermost {
		b.WriteByte(')')
	}
}

func (t *term) write(b *strings.Builder, outermost bool) {
	if t.sub != nil {
		t.sub.write(b, outermost)
		return
	}
	b.WriteString(t.lhs.String() + " " + t.op + " " + t.rhs.String())
}

// String quotes a text with the quotation mark that it does not hold; it never holds both.
func (o operand) String() string {
	switch {
	case o.field != "":
		return string(o.field)
	case strings.Contains(o.text, `"`):
		return `'` + o.text + `'`
	}
	return `"` + o.text + `"`
}
