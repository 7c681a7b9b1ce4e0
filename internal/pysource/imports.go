package pysource

import "strings"

// importStatement reads "import a.b as c, d".
func (p *parser) importStatement() {
	line := p.tok.line
	for {
		p.next()
		module, ok := p.dotted()
		if !ok {
			return
		}
		p.imports(Import{Module: module, Line: line})
		name, from := module, module
		if p.tok.isKeyword(kwAs) {
			if name, ok = p.alias(); !ok {
				return
			}
		} else {
			name, _, _ = strings.Cut(module, ".")
			from = name
		}
		p.bindImport(name, from, line)
		if !p.tok.is(',') {
			return
		}
	}
}

// fromStatement reads "from ..a import b as c, d".
func (p *parser) fromStatement() {
	im := Import{Line: p.tok.line, From: true}
	p.next()
	for ; p.tok.is('.') || p.tok.is(opEllipsis); p.next() {
		im.Level += p.tok.end - p.tok.start
	}
	ok := true
	if !p.tok.isKeyword(kwImport) || im.Level == 0 {
		if im.Module, ok = p.dotted(); !ok {
			return
		}
	}
	if !p.tok.isKeyword(kwImport) {
		p.refuse()
		return
	}
	p.next()
	if p.tok.is('*') {
		p.next()
		im.Names = []string{"*"}
		if !p.inside {
			p.unlisted(im.Line, "from "+relative(im)+" import *")
		}
	} else if !p.taken(&im) {
		return
	}
	p.imports(im)
}

// taken reads the names of a from statement.
func (p *parser) taken(im *Import) bool {
	group := p.tok.is('(')
	if group {
		p.next()
	}
	base := relative(*im)
	if im.Module != "" {
		base += "."
	}
	for {
		if group && p.tok.is(')') && len(im.Names) > 0 {
			break
		}
		if p.tok.kind != word {
			p.refuse()
			return false
		}
		name := p.identifier(p.tok)
		im.Names = append(im.Names, name)
		bound, ok := name, true
		p.next()
		if p.tok.isKeyword(kwAs) {
			if bound, ok = p.alias(); !ok {
				return false
			}
		}
		from := ""
		if len(base) <= maxQualified {
			from = base + name
		}
		p.bindImport(bound, from, im.Line)
		if !p.tok.is(',') {
			break
		}
		p.next()
	}
	if group {
		if !p.tok.is(')') {
			p.refuse()
			return false
		}
		p.next()
	}
	return true
}

// relative writes the module of an import with its dots.
func relative(im Import) string { return strings.Repeat(".", im.Level) + im.Module }

// dotted reads the name of a module.
func (p *parser) dotted() (string, bool) {
	var parts []string
	for {
		if p.tok.kind != word {
			p.refuse()
			return "", false
		}
		parts = append(parts, p.identifier(p.tok))
		p.next()
		if !p.tok.is('.') {
			return strings.Join(parts, "."), true
		}
		p.next()
	}
}

// alias reads "as NAME".
func (p *parser) alias() (string, bool) {
	p.next()
	if p.tok.kind != word {
		p.refuse()
		return "", false
	}
	name := p.identifier(p.tok)
	p.next()
	return name, true
}

func (p *parser) imports(im Import) {
	im.node = p.at
	p.file.Imports = append(p.file.Imports, im)
}
