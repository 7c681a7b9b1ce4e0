package pysource

// branches reads if, elif and else.
func (p *parser) branches() {
	reached := yes // whether the conditions before were all false
	for {
		line := p.tok.line
		p.next()
		p.keep()
		p.header()
		c := condition{truth: unknown}
		if tokens := p.kept(); !p.inside { // in a function all is lazy
			c = p.condition(tokens)
		}
		p.block(p.branch(and(reached, c.truth), c, line))
		reached = and(reached, not(c.truth))
		if !p.tok.isKeyword(kwElif) {
			break
		}
	}
	if p.tok.isKeyword(kwElse) {
		line := p.tok.line
		p.next()
		p.header()
		p.block(p.branch(reached, condition{}, line))
	}
}

// branch makes the node of a block that is reached so.
func (p *parser) branch(reached truth, c condition, line int) int32 {
	switch {
	case reached == yes:
		return p.at
	case reached == unknown:
		return p.node(node{kind: conditional, line: line})
	case c.script:
		return p.node(node{kind: script, line: line})
	case c.typing:
		return p.node(node{kind: typing, line: line})
	}
	return p.node(node{kind: dead, line: line})
}

func (p *parser) while() {
	line := p.tok.line
	p.next()
	p.keep()
	p.header()
	c := p.condition(p.kept())
	p.block(p.branch(and(unknown, c.truth), c, line))
	p.orElse()
}

// orElse reads the else clause of a loop.
func (p *parser) orElse() {
	if p.tok.isKeyword(kwElse) {
		line := p.tok.line
		p.next()
		p.header()
		p.block(p.node(node{kind: conditional, line: line}))
	}
}

// loop reads a for statement. Its block may not be reached at all.
func (p *parser) loop() {
	line := p.tok.line
	p.next()
	p.targets = p.targets[:0]
	for !p.tok.isKeyword(kwIn) {
		if p.ends() || p.colon() {
			p.refuse()
			return
		}
		if p.tok.is(',') {
			p.next()
			continue
		}
		p.target()
	}
	p.bindTargets(nil)
	p.header()
	p.block(p.node(node{kind: conditional, line: line}))
	p.orElse()
}

// with reads a with statement. One that lets import errors pass is to its block what a try
// statement is.
func (p *parser) with() {
	line := p.tok.line
	p.next()
	group := p.tok.is('(') // of all items, if "as" is found in it
	s := suppression{}
	p.keep()
	for !p.colon() {
		if p.ends() {
			p.refuse()
			return
		}
		switch {
		case p.tok.is(')') && len(p.brackets) == 0:
			group = false
		case p.tok.kind == word:
			s.see(p.source(p.tok))
		case p.tok.isKeyword(kwAs):
			if group {
				p.feature(p.tok.line, 9, "parentheses around the items of a with statement")
			}
			p.item(group, &s)
			continue
		}
		p.next()
	}
	p.managers(&s, p.kept())
	at := p.at
	if s.passes() {
		t := p.newTry(try{line: line, caught: yes, protects: true, with: true})
		at = p.node(node{kind: tryBody, try: t, line: line})
	}
	p.block(at)
}

// managers notes what the items of a with statement call that have no "as".
func (p *parser) managers(s *suppression, tokens []token) {
	s.strange = s.strange || len(p.head) > maxHead
	if len(tokens) > 0 && tokens[0].is('(') && closing(tokens) == len(tokens)-1 {
		tokens = tokens[1 : len(tokens)-1]
	}
	for len(tokens) > 0 {
		c, rest := p.firstCall(tokens)
		if c != nil {
			s.call(c.Name)
		} else {
			s.strange = true
		}
		for len(rest) > 0 && !rest[0].is(',') {
			if rest[0].is('(') || rest[0].is('[') || rest[0].is('{') {
				rest = rest[min(closing(rest), len(rest)-1):]
			}
			rest = rest[1:]
		}
		tokens = rest[min(1, len(rest)):]
	}
}

// item reads "as TARGET" and binds it to the value of the item's call. A group is a parenthesis
// around all items.
func (p *parser) item(group bool, s *suppression) {
	tokens := p.kept()
	if group && len(tokens) > 0 && tokens[0].is('(') {
		tokens = tokens[1:]
	}
	value := p.callOf(tokens)
	if c, _ := p.firstCall(tokens); c != nil {
		s.call(c.Name)
	}
	p.next()
	p.targets = p.targets[:0]
	p.target()
	p.bindTargets(value)
	p.keep()
	if p.tok.is(',') {
		p.next()
		p.keep()
	}
}

// async reads the statements that async may begin.
func (p *parser) async(decorators []Call) {
	p.next()
	switch {
	case p.tok.isKeyword(kwDef):
		p.def(decorators, true)
	case p.tok.isKeyword(kwFor) && decorators == nil:
		p.loop()
	case p.tok.isKeyword(kwWith) && decorators == nil:
		p.with()
	default:
		p.refuse()
	}
}

func (p *parser) def(decorators []Call, async bool) {
	line := p.tok.line
	name, ok := p.named()
	if !ok {
		return
	}
	p.bind(Name{Name: name, Kind: Function, Line: line, Decorators: decorators, Async: async})
	if name == "__getattr__" && p.class == "" {
		p.unlisted(line, "the module defines __getattr__")
	}
	p.header()
	at, inside, class := p.at, p.inside, p.class
	p.inside = true
	if !inside {
		at = p.node(node{kind: function, line: line})
	}
	p.block(at)
	p.inside, p.class = inside, class
}

func (p *parser) classDef(decorators []Call) {
	line := p.tok.line
	name, ok := p.named()
	if !ok {
		return
	}
	derived := p.tok.is('(')
	if derived {
		p.next()
		derived = !p.tok.is(')')
	}
	p.bind(Name{Name: name, Kind: Class, Line: line, Decorators: decorators, Derived: derived})
	p.header()
	class := p.class
	p.class += name + "."
	p.block(p.at)
	p.class = class
}

// named reads the name that a definition gives, and stands before what follows its type
// parameters (PEP 695).
func (p *parser) named() (string, bool) {
	p.next()
	if p.tok.kind != word {
		p.refuse()
		return "", false
	}
	name := p.identifier(p.tok)
	p.next()
	if p.tok.is('[') {
		p.feature(p.tok.line, 12, "type parameters")
		for len(p.brackets) > 0 && p.tok.kind != end {
			p.next()
		}
		p.next()
	}
	if !p.tok.is('(') && !p.tok.is(':') {
		p.refuse()
		return "", false
	}
	return name, true
}
