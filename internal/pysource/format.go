package pysource

import "bytes"

// maxNesting is how deep replacement fields may lie in format specifications, CPython's
// MAX_EXPR_NESTING.
const maxNesting = 3

// format is an open f-string or t-string (PEP 701, PEP 750).
type format struct {
	quote    byte
	size     int // 1 or 3 quotes
	raw      bool
	template bool
	start    int // its prefix
	line     int
	fields   []int // the numbers of brackets that were open after each open field's brace
	literal  bool  // in literal text or in a format specification, not in an expression
}

func (f *format) name() string {
	if f.template {
		return "t-string"
	}
	return "f-string"
}

func (s *scanner) open(start int, p prefix, quote byte, size int) token {
	if len(s.strings) >= maxStrings {
		return s.fail(s.line, "too many nested f-strings or t-strings")
	}
	f := format{quote: quote, size: size, raw: p.raw, template: p.template, start: start, line: s.line, literal: true}
	s.strings = append(s.strings, f)
	s.pos += size
	if p.template {
		s.feature(s.line, 14, "template string")
	}
	return token{kind: opener, start: start, end: s.pos, line: s.line}
}

// middle passes literal text and returns what ends it: a field's brace or the string's end.
func (s *scanner) middle() token {
	f := &s.strings[len(s.strings)-1]
	spec := len(f.fields) > 0
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == f.quote && (f.size == 1 || s.at(1) == c && s.at(2) == c):
			if spec {
				return s.fail(s.line, "%s: expecting '}'", f.name())
			}
			s.pos += f.size
			return s.close()
		case c == '\n' && f.size == 1:
			return s.fail(f.line, "unterminated %s literal", f.name())
		case c == '\n':
			s.line++
			s.pos++
		case c == '{' && !spec && s.at(1) == '{', c == '}' && !spec && s.at(1) == '}':
			s.pos += 2
		case c == '{':
			return s.field(f)
		case c == '}':
			if !spec {
				return s.fail(s.line, "%s: single '}' is not allowed", f.name())
			}
			return s.endField(f)
		case c == '\\':
			s.escape(f)
		default:
			s.pos++
		}
	}
	return s.fail(f.line, "unterminated %s literal", f.name())
}

// escape passes a backslash and what it takes with it: never a brace, and the name of \N{NAME}.
func (s *scanner) escape(f *format) {
	s.pos++
	switch c := s.at(0); {
	case c == '{' || c == '}' || c == 0:
	case c == 'N' && !f.raw && s.at(1) == '{':
		s.pos += 2
		for s.pos < len(s.src) && s.src[s.pos] != '}' && s.src[s.pos] != '\n' && s.src[s.pos] != f.quote {
			s.pos++
		}
		if s.at(0) == '}' {
			s.pos++
		}
	default:
		if c == '\n' {
			s.line++
		}
		s.pos++
	}
}

// field opens a replacement field.
func (s *scanner) field(f *format) token {
	if len(f.fields) >= maxNesting {
		return s.fail(s.line, "%s: expressions nested too deeply", f.name())
	}
	t := token{kind: op, op: '{', start: s.pos, end: s.pos + 1, line: s.line}
	if !s.push('{') {
		return s.next()
	}
	s.pos++
	f.fields = append(f.fields, len(s.brackets))
	f.literal = false
	return t
}

// endField closes the innermost field: what follows is literal text again, or the rest of the
// format specification that the field lies in.
func (s *scanner) endField(f *format) token {
	t := token{kind: op, op: '}', start: s.pos, end: s.pos + 1, line: s.line}
	s.pos++
	s.brackets = s.brackets[:len(s.brackets)-1]
	f.fields = f.fields[:len(f.fields)-1]
	f.literal = true
	return t
}

// close ends the innermost f-string.
func (s *scanner) close() token {
	f := s.strings[len(s.strings)-1]
	s.strings = s.strings[:len(s.strings)-1]
	t := token{kind: text, op: opOther, start: f.start, end: s.pos, line: f.line}
	if s.mixed && !s.encoded(f.start, s.pos) {
		return s.fail(f.line, "")
	}
	if len(s.strings) > 0 {
		s.oldBackslash(s.src[f.start:s.pos])
		return t
	}
	if s.env.before(12) && !f.template {
		// Before PEP 701 an f-string ended where any string would have.
		old := scanner{src: s.src[:s.pos], pos: f.start}
		for old.at(0) != f.quote {
			old.pos++
		}
		old.pos += f.size
		if f.size == 1 && !old.single(f.quote) || f.size == 3 && !old.triple(f.quote) || old.pos != s.pos {
			s.feature(f.line, 12, "quote or line break of an f-string within its own expression")
		}
	}
	return t
}

// inField returns the f-string whose expression is being read at no bracket's depth, or nil.
func (s *scanner) inField() *format {
	if len(s.strings) == 0 {
		return nil
	}
	f := &s.strings[len(s.strings)-1]
	if n := len(f.fields); n == 0 || f.fields[n-1] != len(s.brackets) {
		return nil
	}
	return f
}

// old notes what could not stand in the expressions of an f-string before PEP 701.
func (s *scanner) old(what string) {
	if len(s.strings) > 0 && !s.strings[0].template {
		s.feature(s.line, 12, what+" in the expression of an f-string")
	}
}

func (s *scanner) oldBackslash(literal []byte) {
	if s.env.before(12) && bytes.IndexByte(literal, '\\') >= 0 {
		s.old("backslash")
	}
}
