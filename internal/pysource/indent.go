package pysource

// margin is the width of an indentation, with tabs to multiples of eight and with tabs of one:
// where the two disagree, tabs and spaces are mixed ("Indentation").
type margin struct{ col, alt int }

// indentation reads the white space at the start of a logical line, passes lines that have nothing
// but comments, and opens or closes blocks.
func (s *scanner) indentation() {
	for {
		m, ok := s.margin()
		if !ok {
			return
		}
		if s.pos >= len(s.src) {
			return // finish closes the blocks
		}
		switch s.src[s.pos] {
		case '#':
			s.comment()
			if s.pos < len(s.src) {
				s.pos++
				s.line++
			}
		case '\n':
			s.pos++
			s.line++
		case '\\':
			// A continuation before anything else: Python 3.8 takes the width up to it, 3.9 none, later
			// versions read on.
			s.started = true
			if s.env.before(9) {
				s.level(m)
			}
			return
		default:
			s.started = true
			s.level(m)
			return
		}
	}
}

// margin measures; it reports false after an error.
func (s *scanner) margin() (margin, bool) {
	var m margin
	first := 0 // the width before the first continuation, the one that counts
	for s.pos < len(s.src) {
		switch s.src[s.pos] {
		case ' ':
			m.col++
			m.alt++
		case '\t':
			m.col = (m.col/tabSize + 1) * tabSize
			m.alt++
		case '\f':
			m = margin{}
		case '\\':
			if s.env.before(10) {
				return m, true
			}
			if first <= 0 {
				first = m.col
			}
			s.continuation()
			if s.err != nil {
				return m, false
			}
			continue
		default:
			if first > 0 {
				m = margin{first, first}
			}
			return m, true
		}
		s.pos++
	}
	return m, true
}

// level compares with the open blocks.
func (s *scanner) level(m margin) {
	top := margin{}
	if n := len(s.indents); n > 0 {
		top = s.indents[n-1]
	}
	const mixed = "inconsistent use of tabs and spaces in indentation"
	switch {
	case m.col == top.col:
		if m.alt != top.alt {
			s.fail(s.line, mixed)
		}
	case m.col > top.col:
		if len(s.indents)+1 >= maxIndents {
			s.fail(s.line, "too many levels of indentation")
		} else if m.alt <= top.alt {
			s.fail(s.line, mixed)
		}
		s.indents = append(s.indents, m)
		s.pending = -1
	default:
		for len(s.indents) > 0 && m.col < s.indents[len(s.indents)-1].col {
			s.indents = s.indents[:len(s.indents)-1]
			s.pending++
		}
		top = margin{}
		if n := len(s.indents); n > 0 {
			top = s.indents[n-1]
		}
		if m.col != top.col {
			s.fail(s.line, "unindent does not match any outer indentation level")
		} else if m.alt != top.alt {
			s.fail(s.line, mixed)
		}
	}
}
