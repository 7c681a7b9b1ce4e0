package requirement

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// ParseArgs is [Reader.Args] of a reader that reads no files.
func ParseArgs(text string) (*Set, error) { return Reader{}.Args("arguments", text) }

// Args reads the words that would follow `pip install` on a command line, such as
// "scikit-learn matplotlib>=3", in one text: the value of --pip, or of the variable
// EXTRA_PIP_PACKAGES of Prefect's images. One requirement may be written with spaces ("pandas >= 2"); of several, those with spaces are
// quoted as in a shell. Options that requirement files know are understood; those of pip that change no
// version are passed over with a note. source says in messages where the text is from.
func (r Reader) Args(source, text string) (*Set, error) {
	p := &pass{Reader: r, set: &Set{}, table: argTable()}
	origin := Origin{File: source}
	if strings.TrimSpace(text) == "" {
		return p.set, nil
	}
	words := []string{strings.TrimSpace(text)}
	if _, err := marker.ParseRequirement(text); err != nil {
		if words, err = splitWords(text); err != nil {
			return nil, refuse(origin, text, err, false)
		}
	}
	options, names, err := parseOptions(words, p.table)
	if err != nil {
		return nil, refuse(origin, text, err, false)
	}
	for _, name := range names {
		if err := p.requirement(entry{origin: origin, text: redact(name)}, name, nil); err != nil {
			return nil, refuse(origin, name, spaced(name, err), false)
		}
	}
	if err := p.argOptions(origin, options); err != nil {
		return nil, err
	}
	return p.set, p.check()
}

// spaced explains the commonest mistake: "pandas >= 2 numpy".
func spaced(word string, err error) error {
	if strings.HasPrefix(word, "=") || strings.HasPrefix(word, "<") || strings.HasPrefix(word, ">") || strings.HasPrefix(word, "~") || strings.HasPrefix(word, "!") {
		return errors.New("a version without a name: write the requirement without spaces, or in quotes")
	}
	return err
}

// passedOver are options of `pip install` that change nothing about which wheels are installed.
func passedOver() []string {
	return []string{
		"--upgrade", "-U", "--no-cache-dir", "--quiet", "-q", "--verbose", "-v", "--disable-pip-version-check", "--no-input", "--no-compile",
		"--no-warn-script-location", "--no-color", "--force-reinstall", "--break-system-packages", "--system",
	}
}

// argTable is the options of requirement files, without those that need a requirement before them, and what is passed over.
func argTable() map[string]option {
	t := optionTable()
	delete(t, "--hash")
	for _, name := range passedOver() {
		t[name] = option{name, false}
	}
	return t
}

// argOptions applies options as a command line does: all --find-links and files count, not one a line.
func (p *pass) argOptions(origin Origin, options []given) error {
	var plain []given
	for _, g := range options {
		var err error
		switch g.name {
		case "--requirement", "--constraint":
			err = p.file(g.value, g.name == "--constraint", nil)
		case "--editable":
			err = p.requirement(entry{origin: origin, text: "-e " + redact(g.value), editable: true}, g.value, nil)
		case "--find-links":
			p.set.Options.FindLinks = append(p.set.Options.FindLinks, FindLink{Location: g.value})
		case "--no-binary", "--only-binary", "--all-releases", "--only-final":
			if err := p.set.Options.control(g); err != nil {
				return refusal.New(origin.String(), err.Error(), "")
			}
		default:
			if slices.Contains(passedOver(), g.name) {
				p.note(origin, fmt.Sprintf("%s has no effect here", g.name))
				continue
			}
			plain = append(plain, g)
		}
		if err != nil {
			return err
		}
	}
	p.noteOptions(origin, plain, nil)
	p.set.Options.apply(plain, nil)
	return nil
}
