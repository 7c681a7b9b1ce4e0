package index

import (
	"errors"
	"fmt"
	"strings"
)

// maxPipConf bounds a configuration file, in bytes.
const maxPipConf = 1 << 20

// PipConf is a configuration file of pip: section, then option, then value. Names of options are
// as pip compares them: lower-case, "-" for "_".
type PipConf map[string]map[string]string

// ParsePipConf reads a configuration file as pip does (Python's RawConfigParser): sections in
// brackets, "name = value" or "name: value", values that go on in indented lines, comments that
// begin a line with # or ;. What stands in [DEFAULT] holds for every section. An option or a
// section that is there twice is an error, as for pip. No error quotes a value.
func ParsePipConf(text string) (PipConf, error) {
	if len(text) > maxPipConf {
		return nil, errors.New("pip's configuration is larger than 1 MiB")
	}
	p := &confParser{conf: PipConf{}, defaults: map[string]string{}}
	n := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		n++
		if err := p.line(strings.TrimRight(line, " \t\r\f\v")); err != nil {
			return nil, fmt.Errorf("pip's configuration, line %d: %w", n, err)
		}
	}
	p.finish()
	for _, section := range p.conf {
		for name, value := range p.defaults {
			if _, ok := section[name]; !ok {
				section[name] = value
			}
		}
	}
	return p.conf, nil
}

type confParser struct {
	conf     PipConf
	defaults map[string]string
	section  map[string]string
	option   string   // the one whose value goes on
	value    []string // its lines
	indent   int      // of the line that began it
}

func (p *confParser) line(line string) error {
	text := strings.TrimLeft(line, " \t\f\v")
	indent := len(line) - len(text)
	switch {
	case text == "":
		if p.option != "" {
			p.value = append(p.value, "")
		}
		return nil
	case text[0] == '#' || text[0] == ';':
		return nil
	case p.option != "" && indent > p.indent:
		p.value = append(p.value, text)
		return nil
	}
	p.finish()
	p.indent = indent
	if text[0] == '[' {
		return p.header(text)
	}
	if p.section == nil {
		return errors.New("an option before the first [section]")
	}
	i := strings.IndexAny(text, "=:")
	if i < 0 {
		return errors.New(`neither a section nor "name = value"`)
	}
	name := optionName(strings.TrimSpace(text[:i]))
	if name == "" {
		return errors.New("a value without a name")
	}
	if _, ok := p.section[name]; ok {
		return fmt.Errorf("the option %.50q is there twice", name)
	}
	p.option, p.value = name, []string{strings.TrimSpace(text[i+1:])}
	p.section[name] = ""
	return nil
}

func (p *confParser) header(text string) error {
	name, _, ok := strings.Cut(text[1:], "]")
	if !ok || name == "" {
		return errors.New("a section without a name")
	}
	if name == "DEFAULT" {
		p.section = p.defaults
		return nil
	}
	if p.conf[name] != nil {
		return fmt.Errorf("the section %.50q is there twice", name)
	}
	p.section = map[string]string{}
	p.conf[name] = p.section
	return nil
}

// finish ends a value. Empty lines at its end do not belong to it.
func (p *confParser) finish() {
	if p.option != "" {
		p.section[p.option] = strings.TrimRight(strings.Join(p.value, "\n"), "\n")
	}
	p.option, p.value = "", nil
}

// optionName is an option's name as pip compares it: "--Index_URL" is "index-url".
func optionName(s string) string {
	return strings.TrimPrefix(strings.ReplaceAll(strings.ToLower(s), "_", "-"), "--")
}
