package requirement

import (
	"errors"
	"strings"
)

// splitWords splits as a POSIX shell does, quotes and backslashes included, expanding nothing (Python's shlex.split).
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, escaped := false, false
	var quote rune
	for _, r := range s {
		switch {
		case escaped:
			// Within double quotes a backslash stands for itself but before these two.
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case strings.ContainsRune(" \t\r\n", r):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	switch {
	case escaped:
		return nil, errors.New("nothing follows the last backslash")
	case quote != 0:
		return nil, errors.New("a quotation mark is not closed")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// breakOptions splits a line before its first word that begins with "-". Only what follows is split like a shell would: markers
// need their quotes.
func breakOptions(s string) (args, options string) {
	for i := 0; i < len(s); {
		if s[i] == '-' {
			return strings.TrimSuffix(s[:i], " "), s[i:]
		}
		next := strings.IndexByte(s[i:], ' ')
		if next < 0 {
			break
		}
		i += next + 1
	}
	return s, ""
}
