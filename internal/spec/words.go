package spec

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// words reads a command: each time the flag is given is one word, unless a single value is
// a JSON list, as in a Dockerfile's exec form. One empty value, or an empty list, means no command.
func words(flag string, given *[]string) (*[]string, error) {
	if given == nil {
		return nil, nil //nolint:nilnil // not given is a normal answer
	}
	list := slices.Clone(*given)
	switch {
	case len(list) == 1 && list[0] == "":
		return &[]string{}, nil
	case len(list) == 1 && strings.HasPrefix(strings.TrimSpace(list[0]), "["):
		var err error
		if list, err = jsonWords(flag, list[0]); err != nil {
			return nil, err
		}
	}
	for i, w := range list {
		if i == 0 && w == "" {
			return nil, usage("%s: the first word, the program, is empty", flag)
		}
		if !utf8.ValidString(w) || strings.ContainsRune(w, 0) {
			return nil, usage("%s %q: not a word that a program can be given", flag, w)
		}
	}
	return &list, nil
}

func jsonWords(flag, text string) ([]string, error) {
	var list []*string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, usage("%s %s: not a JSON list of strings: %w", flag, text, err)
	}
	out := []string{}
	for _, w := range list {
		if w == nil {
			return nil, usage("%s %s: not a JSON list of strings: it has a null", flag, text)
		}
		out = append(out, *w)
	}
	return out, nil
}
