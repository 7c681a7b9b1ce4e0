package docscheck

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// filled stands for what a template or a variable of a page would be.
const filled = "filled"

// template is what GitHub, Prefect and Argo write in braces.
var template = regexp.MustCompile(`\$?\{\{[^{}]*\}\}`)

// script splits shell commands into words, as far as pages need it: quotes, variables, continuation lines, pipes, lists,
// redirections and commands in the place of words, which are commands of their own. Here-documents are refused.
func script(text string) ([][]string, error) {
	s := &shell{rest: strings.ReplaceAll(template.ReplaceAllString(text, filled), "\\\n", "")}
	if err := s.list(false); err != nil {
		return nil, err
	}
	return s.done, nil
}

type shell struct {
	rest string
	done [][]string
}

// list reads commands up to the end of the text, or of the parenthesis that it stands in.
func (s *shell) list(nested bool) error {
	var words []string
	end := func() {
		if len(words) > 0 {
			s.done = append(s.done, words)
		}
		words = nil
	}
	drop := false // the next word belongs to a redirection
	for s.rest != "" {
		c := s.rest[0]
		switch {
		case c == ' ' || c == '\t':
			s.rest = s.rest[1:]
		case c == ')' && nested:
			s.rest = s.rest[1:]
			end()
			return nil
		case strings.HasPrefix(s.rest, "<<"):
			return errors.New("a here-document")
		case c == '>' || c == '<':
			s.rest = strings.TrimLeft(s.rest, "<>&")
			drop = true
		case strings.IndexByte("\n;&|()", c) >= 0:
			s.rest = s.rest[1:]
			end()
		case c == '#':
			_, s.rest, _ = strings.Cut(s.rest, "\n")
			end()
		default:
			word, err := s.word()
			if err != nil {
				return err
			}
			number := strings.Trim(word, "0123456789") == "" && strings.IndexAny(s.rest, "<>") == 0
			if !drop && !number {
				words = append(words, word)
			}
			drop = false
		}
	}
	end()
	if nested {
		return errors.New("a parenthesis is not closed")
	}
	return nil
}

// word reads one word; variables become [filled].
func (s *shell) word() (string, error) {
	var out strings.Builder
	var quote byte
	for s.rest != "" {
		c := s.rest[0]
		switch {
		case quote == 0 && strings.IndexByte(" \t\n;&|()<>", c) >= 0:
			return out.String(), nil
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != '\'' && c == '\\' && len(s.rest) > 1:
			s.rest = s.rest[1:]
			out.WriteByte(s.rest[0])
		case quote != '\'' && strings.HasPrefix(s.rest, "$("):
			s.rest = s.rest[2:]
			if err := s.list(true); err != nil {
				return "", err
			}
			out.WriteString(filled)
			continue
		case quote != '\'' && variable.MatchString(s.rest):
			s.rest = s.rest[len(variable.FindString(s.rest)):]
			out.WriteString(filled)
			continue
		default:
			out.WriteByte(c)
		}
		s.rest = s.rest[1:]
	}
	if quote != 0 {
		return "", errors.New("a quote is not closed")
	}
	return out.String(), nil
}

var variable = regexp.MustCompile(`^\$(\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)`)

func TestScript(t *testing.T) {
	for text, want := range map[string][][]string{
		"a b \\\n  c":                         {{"a", "b", "c"}},
		"a 'b c' \"d $E\" f\\ g":              {{"a", "b c", "d filled", "f g"}},
		"set -e\nX=$(a b | c) && d # e\n f":   {{"set", "-e"}, {"a", "b"}, {"c"}, {"X=filled"}, {"d"}, {"f"}},
		"a -t {{ $IMAGE }}:{{ $SHA }}":        {{"a", "-t", "filled:filled"}},
		"a ${{ secrets.x }} '${{ b }}' $C/$D": {{"a", "filled", "filled", "filled/filled"}},
		"a > b 2> c < d >>e f":                {{"a", "f"}},
		"if a; then b; fi":                    {{"if", "a"}, {"then", "b"}, {"fi"}},
		"x \"$(a \"b c\")\" y":                {{"a", "b c"}, {"x", "filled", "y"}},
	} {
		got, err := script(text)
		if err != nil || !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"a 'b", "a <<E\nE\n", "a $(b"} {
		if got, err := script(text); err == nil {
			t.Errorf("%q: %q, want an error", text, got)
		}
	}
}
