package pysource

// statement reads one statement, or the simple statements of one line.
func (p *parser) statement() {
	p.loose = false
	raises := p.raises
	switch {
	case p.tok.kind == newline:
		p.next() // of a line that holds nothing but a continuation
	case p.tok.kind == keyword:
		switch p.tok.op {
		case kwIf:
			p.branches()
		case kwWhile:
			p.while()
		case kwFor:
			p.loop()
		case kwTry:
			p.try()
		case kwWith:
			p.with()
		case kwDef:
			p.def(nil, false)
		case kwClass:
			p.classDef(nil)
		case kwAsync:
			p.async(nil)
		case kwElif, kwElse, kwExcept, kwFinally, kwAs, kwIn:
			p.refuse()
		default:
			p.simpleLine()
			return
		}
		p.raises = raises // what a block within raises, only its own condition decides
	case p.tok.is('@'):
		p.decorated()
		p.raises = raises
	default:
		p.simpleLine()
	}
}

// simpleLine reads simple statements up to the end of the line. The line may turn out to be a match
// statement.
func (p *parser) simpleLine() {
	for {
		if p.simple() {
			return
		}
		p.settleCalls()
		switch {
		case p.tok.is(';'):
			p.next()
			if p.tok.kind == newline {
				p.next()
				return
			}
		case p.tok.kind == newline:
			p.next()
			return
		default:
			p.refuse()
			return
		}
		p.loose = false
	}
}

// simple reads one simple statement; true when it was a match statement with all its blocks.
func (p *parser) simple() bool {
	switch p.tok.kind {
	case keyword:
		switch p.tok.op {
		case kwImport:
			p.importStatement()
			return false
		case kwFrom:
			p.fromStatement()
			return false
		case kwDel:
			p.delete()
			return false
		case kwGlobal:
			p.global()
			return false
		case kwRaise:
			p.raises = true
		case kwValue:
			return p.expression()
		case kwOther, kwLambda:
		default:
			p.refuse()
			return false
		}
		p.skip()
		return false
	case word, number, text, opener:
		return p.expression()
	case op:
		switch p.tok.op {
		case '(', '[', '{', '*', '-', '+', '~', opEllipsis:
			return p.expression()
		}
	}
	p.refuse()
	return false
}

// skip goes to the end of a simple statement.
func (p *parser) skip() {
	for !p.ends() {
		if p.colon() {
			p.refuse()
			return
		}
		p.next()
	}
}

// header goes to the colon that ends the head of a compound statement.
func (p *parser) header() {
	for !p.colon() {
		if p.ends() {
			if p.err == nil {
				p.tok = p.fail(p.tok.line, "expected ':'")
			}
			return
		}
		p.next()
	}
}

// block reads what a colon begins, as part of a node.
func (p *parser) block(at int32) {
	outer := p.at
	p.at = at
	line := p.tok.line
	p.settleCalls()
	p.loose = false
	p.next()
	if p.tok.kind != newline {
		p.simpleLine()
		p.at = outer
		return
	}
	p.next()
	if p.tok.kind != indent {
		if p.err == nil {
			p.tok = p.fail(p.tok.line, "expected an indented block after line %d", line)
		}
		return
	}
	p.next()
	for p.tok.kind != dedent && p.tok.kind != end {
		p.statement()
	}
	if p.tok.kind == dedent {
		p.next()
	}
	p.at = outer
}
