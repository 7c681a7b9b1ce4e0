package pysource

import "strings"

// try reads a try statement with its clauses.
func (p *parser) try() {
	line := p.tok.line
	p.next()
	t := p.newTry(try{line: line})
	p.header()
	p.block(p.node(node{kind: tryBody, try: t, line: line}))
	clauses := 0
	for p.tok.isKeyword(kwExcept) {
		p.except(t)
		clauses++
	}
	if p.tok.isKeyword(kwElse) && clauses > 0 {
		line := p.tok.line
		p.next()
		p.header()
		p.block(p.node(node{kind: orElse, try: t, line: line}))
	}
	if p.tok.isKeyword(kwFinally) {
		p.next()
		p.header()
		p.block(p.at)
		clauses++
	}
	if clauses == 0 && p.err == nil {
		p.tok = p.fail(p.tok.line, "expected 'except' or 'finally' block")
	}
}

// except reads one clause. The first that catches a missing module decides what becomes of it.
func (p *parser) except(t int32) {
	line := p.tok.line
	p.next()
	if p.tok.is('*') {
		p.feature(line, 11, "except*")
	}
	p.keep()
	for !p.colon() && !p.ends() {
		if p.tok.is(',') && len(p.brackets) == 0 {
			p.feature(line, 14, "several exceptions in an except clause without parentheses")
		}
		p.next()
	}
	p.header()
	caught := p.catches(p.kept())
	before := p.file.tries[t].caught
	p.raises = false
	p.block(p.node(node{kind: handler, try: t, line: line, matched: and(caught, not(before))}))
	if tr := &p.file.tries[t]; before != yes && caught != no {
		tr.protects = tr.protects || caught == unknown || !p.raises
		tr.caught, tr.handler = caught, line
	}
	p.raises = false
}

// catches reports whether an except clause catches ModuleNotFoundError: yes, no, or unknown for
// expressions that may be anything.
func (p *parser) catches(tokens []token) truth {
	if len(tokens) == 0 && len(p.head) <= maxHead {
		return yes
	}
	found := no
	for i, t := range tokens {
		if t.isKeyword(kwAs) {
			break
		}
		last := i+1 == len(tokens) || !tokens[i+1].is('.') && !tokens[i+1].is('(')
		switch {
		case t.kind == word && last:
			found = or(found, p.catchesName(p.source(t)))
		case t.kind == word && tokens[i+1].is('('):
			found = or(found, unknown)
		}
	}
	if len(tokens) == 0 {
		return unknown
	}
	return found
}

// catchesName judges a name of an except clause; one that the file itself assigns may be anything.
func (p *parser) catchesName(name string) truth {
	if p.bound[name] {
		return unknown
	}
	return catchesName(name)
}

// catchesName judges one name of an except clause, without its module. What is not written as
// names of classes are may be a tuple of anything.
func catchesName(name string) truth {
	switch name {
	case "ImportError", "ModuleNotFoundError", "Exception", "BaseException":
		return yes
	case "error": // select.error, socket.error
		return no
	}
	if strings.ToUpper(name) == name || strings.ToLower(name) == name || strings.Contains(strings.ToLower(name), "import") {
		return unknown
	}
	return no
}

// suppression notes the words of a with statement's head.
type suppression struct{ suppress, catches, imports, strange bool }

// call notes what a with statement may call: what neither Python nor Prefect brings may let any error pass.
func (s *suppression) call(name string) {
	top, rest, _ := strings.Cut(name, ".")
	_, standard := Standard(top)
	s.suppress = s.suppress || rest == "suppress"
	s.strange = s.strange || !standard && top != "prefect" && name != "open"
}

func (s *suppression) see(name string) {
	s.suppress = s.suppress || name == "suppress"
	s.catches = s.catches || catchesName(name) == yes
	s.imports = s.imports || strings.Contains(strings.ToLower(name), "import") && !strings.HasSuffix(name, "Error") && name != "importlib"
}

// passes reports whether import errors in the block may be let pass: suppress(ImportError), and
// whatever has a name such as try_import, or is not known.
func (s *suppression) passes() bool { return s.suppress && s.catches || s.imports || s.strange }
