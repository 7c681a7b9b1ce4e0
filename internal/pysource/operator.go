package pysource

// operator reads an operator or a delimiter ("Operators", "Delimiters").
func (s *scanner) operator(c byte) token {
	s.started = true
	t := token{kind: op, op: c, start: s.pos, line: s.line}
	if f := s.inField(); f != nil {
		switch {
		case c == '}':
			return s.endField(f)
		case c == ':':
			f.literal = true
			s.pos++
			t.op, t.end = opSpec, s.pos
			return t
		case c == '!' && s.at(1) != '=':
			s.pos++
			t.end = s.pos
			return t
		}
	}
	size := 1
	switch c {
	case '(', '[', '{':
		if !s.push(c) {
			return s.next()
		}
	case ')', ']', '}':
		if !s.pop(c) {
			return s.next()
		}
	case ',', ';', '~':
	default:
		t.op, size = s.longer(c)
		if size == 0 {
			return s.fail(s.line, "invalid syntax: unexpected character %q", c)
		}
	}
	s.pos += size
	t.end = s.pos
	return t
}

// longer finds the longest operator that begins with c; size 0 when there is none.
func (s *scanner) longer(c byte) (code uint8, size int) {
	next := s.at(1)
	switch c {
	case '+', '%', '&', '|', '^', '@':
		if next == '=' {
			return opAugment, 2
		}
		return c, 1
	case '-':
		switch next {
		case '=':
			return opAugment, 2
		case '>':
			return opArrow, 2
		}
		return c, 1
	case '*', '/', '<', '>':
		return s.doubled(c, next)
	case '=':
		if next == '=' {
			return opOther, 2
		}
		return c, 1
	case '!':
		if next == '=' {
			return opOther, 2
		}
		return 0, 0
	case ':':
		if next == '=' {
			return opWalrus, 2
		}
		return c, 1
	case '.':
		if next == '.' && s.at(2) == '.' {
			return opEllipsis, 3
		}
		return c, 1
	}
	return 0, 0
}

// doubled reads the operators of * / < and >, which may be written twice and with an equals sign.
func (s *scanner) doubled(c, next byte) (code uint8, size int) {
	comparison := c == '<' || c == '>'
	switch {
	case next == c && s.at(2) == '=':
		return opAugment, 3
	case next == c:
		return opOther, 2
	case next == '=' && comparison:
		return opOther, 2
	case next == '=':
		return opAugment, 2
	}
	return c, 1
}

func (s *scanner) push(c byte) bool {
	if len(s.brackets) >= maxBrackets {
		s.fail(s.line, "too many nested parentheses")
		return false
	}
	s.brackets = append(s.brackets, bracket{c, s.line})
	return true
}

func (s *scanner) pop(c byte) bool {
	n := len(s.brackets)
	if n == 0 {
		s.fail(s.line, "unmatched '%c'", c)
		return false
	}
	opened := s.brackets[n-1].char
	if opened == '(' && c != ')' || opened == '[' && c != ']' || opened == '{' && c != '}' {
		s.fail(s.line, "closing parenthesis '%c' does not match opening parenthesis '%c'", c, opened)
		return false
	}
	s.brackets = s.brackets[:n-1]
	return true
}
