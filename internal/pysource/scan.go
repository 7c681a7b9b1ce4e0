package pysource

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

const (
	maxIndents  = 100 // CPython's MAXINDENT
	maxBrackets = 200 // CPython's MAXLEVEL
	maxStrings  = 150 // CPython's MAXFSTRINGLEVEL
	tabSize     = 8
)

// scanner turns decoded source into tokens. After an error it returns only end.
type scanner struct {
	file string
	src  []byte
	pos  int
	line int
	env  version

	mixed    bool      // not all of src is UTF-8: CPython minds that everywhere but in comments
	fresh    bool      // at the start of a logical line
	started  bool      // the line has a token, so that its end counts
	indents  []margin  // open blocks
	pending  int       // dedents to be returned, or -1 for an indent
	brackets []bracket // open brackets, braces of f-strings among them
	strings  []format  // open f-strings and t-strings

	newer []Feature
	err   *SyntaxError
}

// bracket is an open one.
type bracket struct {
	char byte
	line int
}

func (s *scanner) fail(line int, format string, args ...any) token {
	if s.err == nil {
		s.err = &SyntaxError{s.file, line, fmt.Sprintf(format, args...)}
	}
	return token{kind: end, start: len(s.src), end: len(s.src), line: line}
}

// feature notes syntax that the interpreter does not know, once.
func (s *scanner) feature(line, since int, what string) {
	if !s.env.before(since) {
		return
	}
	for _, f := range s.newer {
		if f.What == what {
			return
		}
	}
	s.newer = append(s.newer, Feature{what, fmt.Sprintf("3.%d", since), line})
}

// next returns the next token.
func (s *scanner) next() token {
	for {
		switch {
		case s.err != nil:
			return s.fail(s.line, "")
		case s.fresh:
			s.fresh = false
			s.indentation()
			continue
		case s.pending < 0:
			s.pending = 0
			return token{kind: indent, start: s.pos, end: s.pos, line: s.line}
		case s.pending > 0:
			s.pending--
			return token{kind: dedent, start: s.pos, end: s.pos, line: s.line}
		case len(s.strings) > 0 && s.strings[len(s.strings)-1].literal:
			return s.middle()
		}
		if t, ok := s.token(); ok {
			return t
		}
	}
}

// token reads one token, or whitespace, and says which.
func (s *scanner) token() (token, bool) {
	for s.pos < len(s.src) && (s.src[s.pos] == ' ' || s.src[s.pos] == '\t' || s.src[s.pos] == '\f') {
		s.pos++
	}
	if s.pos >= len(s.src) {
		return s.finish(), true
	}
	c := s.src[s.pos]
	switch {
	case isLetter(c) || c >= utf8.RuneSelf:
		return s.word(), true
	case isDigit(c) || c == '.' && s.pos+1 < len(s.src) && isDigit(s.src[s.pos+1]):
		return s.number(), true
	case c == '"' || c == '\'':
		return s.text(s.pos, prefix{}), true
	case c == '#':
		s.comment()
		return token{}, false
	case c == '\n':
		return s.newline()
	case c == '\\':
		s.continuation()
		return token{}, false
	}
	return s.operator(c), true
}

func (s *scanner) newline() (token, bool) {
	t := token{kind: newline, start: s.pos, end: s.pos + 1, line: s.line}
	s.pos++
	s.line++
	if len(s.brackets) > 0 {
		return token{}, false
	}
	s.fresh, s.started = true, false
	return t, true
}

// continuation passes a backslash and the newline that must follow it.
func (s *scanner) continuation() {
	if s.pos+1 < len(s.src) && s.src[s.pos+1] != '\n' {
		s.fail(s.line, "unexpected character after line continuation character")
		return
	}
	s.pos += 2
	s.line++
	s.old("backslash")
	if s.pos >= len(s.src) {
		s.pos = len(s.src)
		s.fail(s.line, "unexpected EOF while parsing")
	}
}

func (s *scanner) comment() {
	s.old("comment")
	if n := bytes.IndexByte(s.src[s.pos:], '\n'); n >= 0 {
		s.pos += n
		return
	}
	s.pos = len(s.src)
}

// finish ends the last line, the open blocks and the file.
func (s *scanner) finish() token {
	if len(s.strings) > 0 {
		f := s.strings[len(s.strings)-1]
		return s.fail(f.line, "unterminated %s literal", f.name())
	}
	if n := len(s.brackets); n > 0 {
		return s.fail(s.brackets[n-1].line, "'%c' was never closed", s.brackets[n-1].char)
	}
	t := token{start: len(s.src), end: len(s.src), line: s.line}
	switch {
	case s.started:
		s.started = false
		t.kind = newline
	case len(s.indents) > 0:
		s.indents = s.indents[:len(s.indents)-1]
		t.kind = dedent
	}
	return t
}

// word reads an identifier, a keyword or a string with a prefix.
func (s *scanner) word() token {
	s.started = true
	start, pos, ascii := s.pos, s.pos, true
	for pos < len(s.src) {
		c := s.src[pos]
		if isAlnum(c) {
			pos++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRune(s.src[pos:])
		if s.mixed && !s.encoded(start, pos+size) {
			return s.fail(s.line, "")
		}
		if !identifies(r) {
			return s.fail(s.line, "invalid character '%c' (%U)", r, r)
		}
		ascii = false
		pos += size
	}
	if pos-start <= 2 && pos < len(s.src) && (s.src[pos] == '"' || s.src[pos] == '\'') {
		if p, ok := prefixOf(s.src[start:pos]); ok {
			s.pos = pos
			return s.text(start, p)
		}
	}
	s.pos = pos
	t := token{kind: word, start: start, end: pos, line: s.line}
	if ascii {
		if k, ok := keywordOf(s.src[start:pos]); ok {
			t.kind, t.op = keyword, k
		}
	}
	return t
}

// encoded fails where a part of the source is not UTF-8.
func (s *scanner) encoded(start, end int) bool {
	at := invalidUTF8(s.src[start:end])
	if at >= 0 {
		s.fail(lineOf(s.src, start+at), "it is not UTF-8 and declares no encoding")
	}
	return at < 0
}

// identifies reports whether a rune beyond ASCII may be part of an identifier ("Identifiers and
// keywords"). Whether it may be the first is not asked, and what the interpreter's Unicode may know
// better than ours is let through.
func identifies(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Nl, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Start, unicode.Other_ID_Continue) ||
		!unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}

func isLetter(c byte) bool { return isAlnum(c) && !isDigit(c) }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
