package requirement

import (
	"fmt"
	"slices"
	"strings"
)

// option is one that pip accepts in requirement files.
type option struct {
	name  string // the long form it is known by here: "--index-url"
	value bool   // it takes one
}

// optionTable has every long and short form.
func optionTable() map[string]option {
	t := map[string]option{}
	for _, names := range []string{
		"--index-url -i --pypi-url", "--extra-index-url", "--find-links -f", "--constraint -c", "--requirement -r", "--editable -e",
		"--no-binary", "--only-binary", "--all-releases", "--only-final", "--trusted-host", "--use-feature", "--hash",
		"--config-settings -C",
	} {
		for name := range strings.FieldsSeq(names) {
			t[name] = option{strings.Fields(names)[0], true}
		}
	}
	for _, name := range []string{"--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre"} {
		t[name] = option{name, false}
	}
	return t
}

// given is one option of a line with its value.
type given struct{ name, value string }

// parseOptions reads words as Python's optparse does: long options may be abbreviated and have their value after "=" or
// in the next word, short ones directly behind, and what is no option is collected apart.
func parseOptions(words []string, table map[string]option) (options []given, rest []string, err error) {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if word == "--" {
			return options, append(rest, words...), nil
		}
		if len(word) < 2 || word[0] != '-' {
			rest = append(rest, word)
			continue
		}
		read := shortOptions
		if strings.HasPrefix(word, "--") {
			read = longOption
		}
		var more []given
		if more, words, err = read(word, words, table); err != nil {
			return nil, nil, err
		}
		options = append(options, more...)
	}
	return options, rest, nil
}

func longOption(word string, next []string, table map[string]option) ([]given, []string, error) {
	name, value, attached := strings.Cut(word, "=")
	o, err := matchOption(name, table)
	switch {
	case err != nil:
		return nil, nil, err
	case !o.value && attached:
		return nil, nil, fmt.Errorf("%s takes no value", o.name)
	case !o.value, attached:
	case len(next) == 0:
		return nil, nil, fmt.Errorf("%s needs a value", o.name)
	default:
		value, next = next[0], next[1:]
	}
	return []given{{o.name, value}}, next, nil
}

// matchOption finds a long option by its name or an unambiguous beginning of it.
func matchOption(name string, table map[string]option) (option, error) {
	if o, ok := table[name]; ok {
		return o, nil
	}
	var found []string
	for full := range table {
		if strings.HasPrefix(full, "--") && strings.HasPrefix(full, name) {
			found = append(found, full)
		}
	}
	slices.Sort(found)
	switch len(found) {
	case 0:
		return option{}, fmt.Errorf("%s is no option of requirement files", name)
	case 1:
		return table[found[0]], nil
	}
	return option{}, fmt.Errorf("%s could be each of %s", name, strings.Join(found, ", "))
}

// shortOptions reads "-rFILE", "-r FILE" and clusters of short options without values.
func shortOptions(word string, next []string, table map[string]option) ([]given, []string, error) {
	var out []given
	for i := 1; i < len(word); i++ {
		o, ok := table["-"+word[i:i+1]]
		switch {
		case !ok:
			return nil, nil, fmt.Errorf("-%c is no option of requirement files", []rune(word[i:])[0])
		case !o.value:
			out = append(out, given{o.name, ""})
			continue
		case i+1 < len(word):
			return append(out, given{o.name, word[i+1:]}), next, nil
		case len(next) == 0:
			return nil, nil, fmt.Errorf("-%s needs a value", word[i:])
		}
		return append(out, given{o.name, next[0]}), next[1:], nil
	}
	return out, next, nil
}
