package pysource

import (
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func itoa(n int) string { return strconv.Itoa(n) }

// identifier returns a name as Python compares it: in Unicode's form NFKC ("Identifiers and
// keywords").
func (p *parser) identifier(t token) string {
	b := p.src[t.start:t.end]
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return norm.NFKC.String(string(b))
		}
	}
	return string(b)
}

// maxQualified is how long a name may be to have others appended to it: sources whose names are long beyond
// reason must not cost memory for each combination.
const maxQualified = 1 << 10

// bind notes a name of the module or of a class in it.
func (p *parser) bind(n Name) {
	if p.inside {
		return
	}
	if len(p.class) > maxQualified {
		p.unlisted(n.Line, "a class with a very long name")
		return
	}
	if p.class == "" && n.Kind != Imported {
		delete(p.known, n.Name)
		if n.Kind == Variable {
			p.bound[n.Name] = true
		}
	}
	n.Name = p.class + n.Name
	n.node = p.at
	p.file.Names = append(p.file.Names, n)
}

func (p *parser) bindImport(name, from string, line int) {
	if p.inside {
		return
	}
	if len(from) > maxQualified {
		from = ""
	}
	if p.class == "" {
		p.known[name] = from
	}
	p.bind(Name{Name: name, Kind: Imported, Line: line, From: from})
}

// bindTargets binds the targets that were read.
func (p *parser) bindTargets(value *Call) {
	if !p.inside {
		for _, t := range p.targets {
			p.bind(Name{Name: p.identifier(t), Line: t.line, Value: value})
		}
	}
	p.targets = p.targets[:0]
}

// walrus binds the name before :=, in a comprehension too, which has no scope for it (PEP 572).
func (p *parser) walrus() {
	p.feature(p.tok.line, 8, "assignment expression")
	if p.bodies == 0 {
		p.bind(Name{Name: p.identifier(p.prev), Line: p.prev.line})
	}
}

// delete reads a del statement.
func (p *parser) delete() {
	p.next()
	p.targets = p.targets[:0]
	for !p.ends() {
		if p.tok.is(',') {
			p.next()
			continue
		}
		p.target()
	}
	if !p.inside {
		for _, t := range p.targets {
			n := Name{Name: p.class + p.identifier(t), Line: t.line, node: p.at, deleted: true}
			p.file.Names = append(p.file.Names, n)
		}
	}
	p.targets = p.targets[:0]
}

// global reads a global statement: whoever calls the function may make the module's name.
func (p *parser) global() {
	p.next()
	for !p.ends() {
		if p.tok.kind == word && (p.inside || p.class != "") {
			p.file.Names = append(p.file.Names, Name{Name: p.identifier(p.tok), Line: p.tok.line, node: p.at})
		}
		p.next()
	}
}

// settle takes out what del statements delete, and finds for each name the binding that decides.
func (f *File) settle(when []When) {
	live := map[string][]int{}
	gone := make([]bool, len(f.Names))
	for i := range f.Names {
		n := &f.Names[i]
		n.When = when[n.node]
		if !n.deleted {
			live[n.Name] = append(live[n.Name], i)
			continue
		}
		gone[i] = true
		if n.When >= Lazy {
			continue
		}
		for _, k := range live[n.Name] {
			gone[k] = n.When == Always
			f.Names[k].When = max(f.Names[k].When, Maybe)
		}
		live[n.Name] = nil
	}
	names := f.Names[:0]
	f.index = map[string]int{}
	for i, n := range f.Names {
		if gone[i] {
			continue
		}
		if k, ok := f.index[n.Name]; !ok || n.When <= names[k].When {
			f.index[n.Name] = len(names)
		}
		names = append(names, n)
	}
	f.Names = names
}
