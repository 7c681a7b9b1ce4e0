package pysource

import "bytes"

// number reads a numeric literal ("Numeric literals").
func (s *scanner) number() token {
	s.started = true
	start := s.pos
	what := "decimal"
	if s.src[s.pos] == '0' {
		base := s.at(1) | 0x20
		if base == 'x' || base == 'o' || base == 'b' {
			return s.based(base)
		}
	}
	if s.src[s.pos] != '.' && !s.digits() {
		return s.badNumber(what)
	}
	float := false
	if s.at(0) == '.' {
		float = true
		s.pos++
		if isDigit(s.at(0)) && !s.digits() {
			return s.badNumber(what)
		}
	}
	if c := s.at(0); c == 'e' || c == 'E' {
		sign := s.at(1) == '+' || s.at(1) == '-'
		switch {
		case isDigit(s.at(1)), sign && isDigit(s.at(2)):
			float = true
			s.pos++
			if sign {
				s.pos++
			}
			if !s.digits() {
				return s.badNumber(what)
			}
		case sign:
			return s.badNumber(what)
		}
	}
	if c := s.at(0); c == 'j' || c == 'J' {
		float, what = true, "imaginary"
		s.pos++
	}
	if !float && s.src[start] == '0' && len(bytes.Trim(s.src[start:s.pos], "0_")) > 0 {
		return s.fail(s.line, "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
	}
	return s.endNumber(start, what)
}

// based reads 0x, 0o and 0b.
func (s *scanner) based(base byte) token {
	start := s.pos
	what, fits := "hexadecimal", func(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
	switch base {
	case 'o':
		what, fits = "octal", func(c byte) bool { return c >= '0' && c <= '7' }
	case 'b':
		what, fits = "binary", func(c byte) bool { return c == '0' || c == '1' }
	}
	s.pos += 2
	for {
		if s.at(0) == '_' {
			s.pos++
		}
		if !fits(s.at(0)) {
			return s.badNumber(what)
		}
		for fits(s.at(0)) {
			s.pos++
		}
		if s.at(0) != '_' {
			break
		}
	}
	if isDigit(s.at(0)) {
		return s.badNumber(what)
	}
	return s.endNumber(start, what)
}

// digits passes digits with single underscores between them.
func (s *scanner) digits() bool {
	for {
		for isDigit(s.at(0)) {
			s.pos++
		}
		if s.at(0) != '_' {
			return true
		}
		s.pos++
		if !isDigit(s.at(0)) {
			return false
		}
	}
}

// endNumber checks what follows: a letter only where a keyword begins, as in "1if x else 2".
func (s *scanner) endNumber(start int, what string) token {
	if c := s.at(0); isAlnum(c) || c >= 0x80 {
		rest := s.src[s.pos:]
		ok := false
		for _, k := range []string{"and", "else", "for", "if", "in", "is", "not", "or"} {
			ok = ok || bytes.HasPrefix(rest, []byte(k))
		}
		if !ok {
			return s.badNumber(what)
		}
	}
	return token{kind: number, start: start, end: s.pos, line: s.line}
}

func (s *scanner) badNumber(what string) token { return s.fail(s.line, "invalid %s literal", what) }

// at returns the byte that lies some bytes ahead, 0 after the end.
func (s *scanner) at(ahead int) byte {
	if s.pos+ahead < len(s.src) {
		return s.src[s.pos+ahead]
	}
	return 0
}
