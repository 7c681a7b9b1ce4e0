package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// maxDepth bounds how deep values of JSON nest.
const maxDepth = 32

var errJSONEnd = errors.New("the JSON ends early")

// jsonScanner reads one JSON text (RFC 8259) from front to back, without building anything but
// what is asked for. Pages of a thousand versions have megabytes, of which a tenth is wanted.
type jsonScanner struct {
	b     []byte
	at    int
	depth int
	texts map[string]string // that are shared
}

func (s *jsonScanner) fail(cause string) error { return fmt.Errorf("JSON, byte %d: %s", s.at, cause) }

// peek returns the first byte of the next token, 0 at the end.
func (s *jsonScanner) peek() byte {
	for s.at < len(s.b) {
		switch c := s.b[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *jsonScanner) take(c byte) error {
	got := s.peek()
	if got == 0 && s.at == len(s.b) {
		return errJSONEnd
	}
	if got != c {
		return s.fail(fmt.Sprintf("%q instead of %q", got, c))
	}
	s.at++
	return nil
}

// object calls do for each member, with the scanner at its value, which do must read. The key is
// only good until then.
func (s *jsonScanner) object(do func(key []byte) error) error {
	return s.list('{', '}', func() error {
		key, err := s.bytes()
		if err != nil {
			return err
		}
		if err := s.take(':'); err != nil {
			return err
		}
		return do(key)
	})
}

// array calls do for each element, with the scanner at it.
func (s *jsonScanner) array(do func() error) error { return s.list('[', ']', do) }

func (s *jsonScanner) list(open, end byte, do func() error) error {
	if err := s.take(open); err != nil {
		return err
	}
	if s.depth++; s.depth > maxDepth {
		return s.fail("nests too deep")
	}
	defer func() { s.depth-- }()
	if s.peek() == end {
		s.at++
		return nil
	}
	for {
		if err := do(); err != nil {
			return err
		}
		if s.peek() == end {
			s.at++
			return nil
		}
		if err := s.take(','); err != nil {
			return err
		}
	}
}

// raw returns the bytes of a string between its quotes, and whether it has escapes.
func (s *jsonScanner) raw() (text []byte, escaped bool, err error) {
	if err := s.take('"'); err != nil {
		return nil, false, err
	}
	start := s.at
	for ; s.at < len(s.b); s.at++ {
		switch c := s.b[s.at]; {
		case c == '"':
			s.at++
			return s.b[start : s.at-1], escaped, nil
		case c == '\\':
			escaped = true
			s.at++
		case c < ' ':
			return nil, false, s.fail("a control character in a string")
		}
	}
	return nil, false, errJSONEnd
}

// bytes returns a string as part of the text, where it has no escapes.
func (s *jsonScanner) bytes() ([]byte, error) {
	raw, escaped, err := s.raw()
	switch {
	case err != nil:
		return nil, err
	case !utf8.Valid(raw):
		return nil, s.fail("a string that is not UTF-8")
	case !escaped:
		return raw, nil
	}
	var text string
	if err := json.Unmarshal(s.b[s.at-len(raw)-2:s.at], &text); err != nil {
		return nil, s.fail("a string with a wrong escape")
	}
	return []byte(text), nil
}

// text returns a string.
func (s *jsonScanner) text() (string, error) {
	b, err := s.bytes()
	return string(b), err
}

// shared returns a string, and nothing for any other value; the same text is kept once.
func (s *jsonScanner) shared() (string, error) {
	if s.peek() != '"' {
		return "", s.skip()
	}
	b, err := s.bytes()
	if err != nil {
		return "", err
	}
	text, ok := s.texts[string(b)]
	if !ok {
		if s.texts == nil {
			s.texts = map[string]string{}
		}
		text = string(b)
		s.texts[text] = text
	}
	return text, nil
}

// textOr returns a string, and nothing for any other value.
func (s *jsonScanner) textOr() (string, error) {
	if s.peek() == '"' {
		return s.text()
	}
	return "", s.skip()
}

// skip reads a value of any kind.
func (s *jsonScanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip() })
	case c == '[':
		return s.array(s.skip)
	case c == '"':
		_, err := s.bytes()
		return err
	default:
		_, err := s.word()
		return err
	}
}

// word returns a number, true, false or null.
func (s *jsonScanner) word() (string, error) {
	s.peek()
	start := s.at
	for s.at < len(s.b) {
		c := s.b[s.at]
		if c != '-' && c != '+' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != 'E' {
			break
		}
		s.at++
	}
	word := s.b[start:s.at]
	if len(word) == 0 && s.at == len(s.b) {
		return "", errJSONEnd
	}
	if !json.Valid(word) {
		return "", s.fail("not a value")
	}
	return string(word), nil
}

// end reports whether nothing but white space is left.
func (s *jsonScanner) end() error {
	if s.peek(); s.at < len(s.b) {
		return s.fail("more after its end")
	}
	return nil
}
