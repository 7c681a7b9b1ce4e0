package requirement

import (
	"errors"
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// line reads one logical line: a requirement with its own options, or options for all.
func (p *pass) line(file string, l line, constraint bool, within []string) error {
	origin := Origin{File: redact(file), Line: l.number}
	text, expanded, err := p.expand(l.text)
	if err != nil {
		return refuse(origin, l.text, err, false)
	}
	args, rest := breakOptions(text)
	words, err := splitWords(rest)
	if err != nil {
		return refuse(origin, l.text, err, expanded)
	}
	options, ignored, err := parseOptions(words, p.table)
	if err != nil {
		return refuse(origin, l.text, err, expanded)
	}
	for _, g := range options {
		if err := p.set.Options.control(g); err != nil {
			return refuse(origin, l.text, err, expanded)
		}
	}
	written, _ := breakOptions(l.text)
	entry := entry{origin: origin, text: redact(written), constraint: constraint}
	switch editables := values(options, "--editable"); {
	case args != "":
		entry.editable = len(editables) > 0
		err = p.requirement(entry, args, options)
	case len(editables) > 0:
		entry.editable, entry.text = true, redact(l.text)
		err = p.requirement(entry, editables[0], options)
	default:
		if _, err := hashesOf(options); err != nil {
			return refuse(origin, l.text, err, expanded)
		}
		p.noteOptions(origin, options, ignored)
		return p.include(origin, file, options, within)
	}
	if err != nil {
		return refuse(origin, l.text, err, expanded)
	}
	p.noteOptions(origin, nil, ignored)
	return nil
}

// include follows -r or -c, or applies the options of a line without requirement.
func (p *pass) include(origin Origin, file string, options []given, within []string) error {
	name, constraint := "", false
	if files := values(options, "--requirement"); len(files) > 0 {
		name = files[0]
	} else if files := values(options, "--constraint"); len(files) > 0 {
		name, constraint = files[0], true
	} else {
		p.set.Options.apply(options, func(location string) string {
			if urlScheme(location) != "" {
				return ""
			}
			return beside(file, location)
		})
		return nil
	}
	if name == "" {
		return refusal.New(origin.String(), "the name of the file to include is empty", "")
	}
	return p.file(beside(file, name), constraint, within)
}

// entry is what is known of a requirement before its text is read.
type entry struct {
	origin               Origin
	text                 string // to be shown
	constraint, editable bool
}

// requirement adds one to the set.
func (p *pass) requirement(e entry, text string, options []given) error {
	r := Requirement{Text: e.text, Origin: e.origin}
	var err error
	if e.editable {
		err = r.editable(text)
	} else {
		err = r.parse(text)
	}
	if err != nil {
		return err
	}
	if r.Hashes, err = hashesOf(options); err != nil {
		return err
	}
	if len(values(options, "--config-settings")) > 0 {
		p.note(e.origin, "--config-settings is for builds and has no effect on a wheel")
	}
	if !e.constraint {
		p.set.Requirements = append(p.set.Requirements, r)
		return nil
	}
	switch {
	case e.editable:
		return errors.New("a constraint cannot be editable")
	case r.Name == "":
		return errors.New("a constraint needs a name")
	case len(r.Extras) > 0:
		return errors.New("a constraint has no extras")
	}
	p.set.Constraints = append(p.set.Constraints, r)
	return nil
}

// editable notes what an editable install is of, as far as it says so.
func (r *Requirement) editable(text string) error {
	if req, err := marker.ParseRequirement(text); err == nil && req.URL != "" {
		r.Requirement, text = req, req.URL
	}
	switch scheme := urlScheme(text); {
	case strings.Contains(scheme, "+") && fragment(text, "egg") == "" && r.Name == "":
		return errors.New("an editable install from version control needs #egg= and its name")
	case scheme != "" && scheme != "file" && !strings.Contains(scheme, "+"), scheme == "" && r.URL != "":
		return errors.New("an editable install is of a folder or from version control")
	}
	return r.build(buildEditable, text)
}

// noteOptions remarks on options that change nothing about wheels, and on words that belong to none.
func (p *pass) noteOptions(origin Origin, options []given, words []string) {
	for _, word := range words {
		p.note(origin, fmt.Sprintf("%q belongs to no option and is ignored, as by pip", redact(word)))
	}
	for _, g := range options {
		switch g.name {
		case "--use-feature":
			p.note(origin, "--use-feature is about pip itself and has no effect")
		case "--prefer-binary":
			p.note(origin, "--prefer-binary has no effect: only wheels are installed")
		case "--hash", "--config-settings":
			p.note(origin, g.name+" stands without a requirement and is ignored, as by pip")
		}
	}
}

func (p *pass) note(origin Origin, text string) {
	p.set.Notes = append(p.set.Notes, Note{origin, text})
}

// values are those of one option, in order.
func values(options []given, name string) []string {
	var out []string
	for _, g := range options {
		if g.name == name {
			out = append(out, g.value)
		}
	}
	return out
}

// refuse says what is wrong with a line, in the words that were written: what a variable held is not repeated.
func refuse(origin Origin, text string, err error, expanded bool) error {
	cause := redact(err.Error())
	if expanded {
		cause = "it cannot be read once its variables have their values"
	}
	return refusal.New(origin.String(), fmt.Sprintf("%q: %s", redact(strings.TrimSpace(text)), cause), "")
}
