package pysource

import "unicode/utf8"

// prefix is what the letters before a quote say ("String and Bytes literals").
type prefix struct{ raw, bytes, format, template bool }

// prefixOf reads one or two letters.
func prefixOf(b []byte) (prefix, bool) {
	var p prefix
	unicode := false
	for _, c := range b {
		switch c | 0x20 {
		case 'r':
			if p.raw {
				return p, false
			}
			p.raw = true
		case 'b':
			p.bytes = true
		case 'f':
			p.format = true
		case 't':
			p.template = true
		case 'u':
			unicode = true
		default:
			return p, false
		}
	}
	return p, len(b) == 1 || p.raw && !unicode
}

// text reads a string from its quote on, or the start of an f-string or t-string.
func (s *scanner) text(start int, p prefix) token {
	s.started = true
	line, quote := s.line, s.src[s.pos]
	size := 1
	if s.at(1) == quote && s.at(2) == quote {
		size = 3
	}
	if p.format || p.template {
		return s.open(start, p, quote, size)
	}
	s.pos += size
	if size == 1 {
		if !s.single(quote) {
			return s.fail(line, "unterminated string literal")
		}
	} else if !s.triple(quote) {
		return s.fail(line, "unterminated triple-quoted string literal")
	}
	if s.mixed && !s.encoded(start, s.pos) {
		return s.fail(line, "")
	}
	if p.bytes {
		for _, c := range s.src[start:s.pos] {
			if c >= utf8.RuneSelf {
				return s.fail(line, "bytes can only contain ASCII literal characters")
			}
		}
	}
	if len(s.strings) > 0 {
		s.oldBackslash(s.src[start:s.pos])
	}
	return token{kind: text, start: start, end: s.pos, line: line}
}

// single passes the rest of a string with single quotes; false when its line ends first.
func (s *scanner) single(quote byte) bool {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		s.pos++
		switch {
		case c == quote:
			return true
		case c == '\n':
			return false
		case c == '\\':
			if s.at(0) == '\n' {
				s.line++
			}
			s.pos++
		}
	}
	return false
}

// triple passes the rest of a string with triple quotes; false when the file ends first.
func (s *scanner) triple(quote byte) bool {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		s.pos++
		switch {
		case c == quote:
			if s.at(0) == quote && s.at(1) == quote {
				s.pos += 2
				return true
			}
		case c == '\n':
			s.line++
		case c == '\\':
			if s.at(0) == '\n' {
				s.line++
			}
			s.pos++
		}
	}
	return false
}
