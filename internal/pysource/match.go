package pysource

// match reads the blocks of a match statement, whose subject has been read.
func (p *parser) match(line int) {
	p.feature(line, 10, "match statement")
	raises := p.raises
	p.next()
	if p.tok.kind != indent {
		if p.err == nil {
			p.tok = p.fail(p.tok.line, "expected an indented block after line %d", line)
		}
		return
	}
	p.next()
	for p.tok.kind != dedent && p.tok.kind != end {
		if p.tok.kind != word || p.source(p.tok) != "case" {
			p.refuse()
			return
		}
		p.matchCase()
	}
	if p.tok.kind == dedent {
		p.next()
	}
	p.raises = raises
}

// matchCase reads one case. Its pattern binds every name in it that is not part of a dotted one, called
// or a keyword ("Patterns").
func (p *parser) matchCase() {
	at := p.node(node{kind: conditional, line: p.tok.line})
	p.soft = true
	p.next()
	p.targets = p.targets[:0]
	for !p.colon() && !p.ends() && (!p.tok.isKeyword(kwIf) || len(p.brackets) > 0) {
		t, before := p.tok, p.prev
		p.next()
		if t.kind != word || before.is('.') || p.tok.is('.') || p.tok.is('(') || p.tok.is('=') {
			continue
		}
		if t.end-t.start != 1 || p.src[t.start] != '_' {
			p.targets = append(p.targets, t)
		}
	}
	outer := p.at
	p.at = at
	p.bindTargets(nil)
	p.at = outer
	p.header()
	p.block(at)
}

// typeAlias reads the rest of "type X = ..." (PEP 695).
func (p *parser) typeAlias(line int) {
	p.feature(line, 12, "type statement")
	p.bind(Name{Name: p.identifier(p.tok), Kind: TypeAlias, Line: line})
	p.keeping = false
	p.skip()
}
