package prefect

import (
	"errors"
	"regexp"
	"strings"
)

// words splits a line as Python's shlex.split does in POSIX mode, by which run_shell_script finds the
// command and its arguments. A placeholder counts as one unbroken piece of text, spaces and all: Prefect
// has replaced it by then.
func words(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	inWord := false
	for line != "" {
		if loc := placeholder.FindStringIndex(line); loc != nil && loc[0] == 0 {
			word.WriteString(line[:loc[1]])
			line, inWord = line[loc[1]:], true
			continue
		}
		c := line[0]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if inWord {
				out = append(out, word.String())
				word.Reset()
				inWord = false
			}
			line = line[1:]
		case c == '\\':
			if len(line) == 1 {
				return nil, errors.New("it ends in a backslash, with nothing after it")
			}
			word.WriteByte(line[1])
			line, inWord = line[2:], true
		case c == '\'' || c == '"':
			n, err := quoted(line, &word)
			if err != nil {
				return nil, err
			}
			line, inWord = line[n:], true
		default:
			word.WriteByte(c)
			line, inWord = line[1:], true
		}
	}
	if inWord {
		out = append(out, word.String())
	}
	return out, nil
}

// quoted writes what stands between the quote that line begins with and its partner, and returns
// the length of it all.
func quoted(line string, word *strings.Builder) (int, error) {
	quote := line[0]
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] == quote:
			return i + 1, nil
		case quote == '"' && line[i] == '\\' && i+1 < len(line):
			if line[i+1] != '"' && line[i+1] != '\\' {
				word.WriteByte('\\')
			}
			i++
			word.WriteByte(line[i])
		default:
			word.WriteByte(line[i])
		}
	}
	return 0, errors.New("a quote is opened and not closed")
}

// plainWord is what a POSIX shell and shlex take as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./\-]+$`)

// shellWord quotes a word for shlex and for a shell. Placeholders stay as they are: what Prefect
// puts in their place is split like the rest of the line.
func shellWord(word string) string {
	bare := placeholder.ReplaceAllString(word, "")
	if plainWord.MatchString(bare) || bare == "" && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'"
}
