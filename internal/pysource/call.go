package pysource

import "strings"

// decorated reads decorators and the definition that they belong to.
func (p *parser) decorated() {
	var decorators []Call
	for p.tok.is('@') {
		line := p.tok.line
		p.next()
		p.keep()
		for !p.ends() && !p.colon() {
			p.next()
		}
		if p.tok.kind != newline {
			p.refuse()
			return
		}
		p.keeping = false
		tokens := p.head[:min(len(p.head), maxHead)]
		if len(p.head) <= maxHead {
			tokens = p.head[:len(p.head)-1]
		}
		c, rest := p.firstCall(tokens)
		if c == nil {
			c = &Call{Line: line}
		}
		c.Line = line
		if c.Name == "" || len(rest) > 0 {
			p.feature(line, 9, "decorator that is no dotted name or call of one")
		}
		decorators = append(decorators, *c)
		p.settleCalls()
		p.next()
	}
	switch {
	case p.tok.isKeyword(kwDef):
		p.def(decorators, false)
	case p.tok.isKeyword(kwClass):
		p.classDef(decorators)
	case p.tok.isKeyword(kwAsync):
		p.async(decorators)
	default:
		p.refuse()
	}
}

// callOf returns the call that an expression is, nil when it is none. Of a call of what a call
// returns, flow(name="x")(f), it is the first.
func (p *parser) callOf(tokens []token) *Call {
	c, rest := p.firstCall(tokens)
	if c == nil || !c.Called {
		return nil
	}
	if len(rest) > 0 && (!rest[0].is('(') || closing(rest) != len(rest)-1) {
		return nil
	}
	return c
}

// firstCall reads a dotted name and the arguments after it, and returns what follows them. Arguments
// that were not kept to their end are read as far as they go.
func (p *parser) firstCall(tokens []token) (*Call, []token) {
	if len(tokens) == 0 || tokens[0].kind != word {
		return nil, tokens
	}
	c := &Call{Name: p.identifier(tokens[0]), Line: tokens[0].line}
	if from := p.known[c.Name]; from != "" {
		c.Name = from
	}
	tokens = tokens[1:]
	for len(tokens) > 1 && tokens[0].is('.') && tokens[1].kind == word {
		c.Name += "." + p.identifier(tokens[1])
		tokens = tokens[2:]
	}
	if len(tokens) == 0 || !tokens[0].is('(') {
		return c, tokens
	}
	c.Called = true
	last := closing(tokens)
	p.title(c, tokens[:last])
	return c, tokens[min(last+1, len(tokens)):]
}

// closing returns the place of the bracket that closes the first token, or the number of tokens.
func closing(tokens []token) int {
	depth := 0
	for i, t := range tokens {
		if t.kind != op {
			continue
		}
		switch t.op {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens)
}

// title finds the text literal that is the argument name=, else the first one. The tokens begin
// with the parenthesis and end before the other.
func (p *parser) title(c *Call, tokens []token) {
	for i := 1; i < len(tokens); {
		keyword := i+1 < len(tokens) && tokens[i].kind == word && tokens[i+1].is('=')
		from := i
		if keyword {
			from = i + 2
		}
		next := from
		for next < len(tokens) && !tokens[next].is(',') {
			if tokens[next].is('(') || tokens[next].is('[') || tokens[next].is('{') {
				next += closing(tokens[next:])
			}
			next++
		}
		next = min(next, len(tokens))
		named := keyword && p.source(tokens[i]) == "name"
		if named || !keyword && i == 1 {
			if value, ok := p.literals(tokens[from:next]); ok {
				c.Title, c.Titled = value, true
			} else if named {
				c.Title, c.Titled = "", false
			}
		}
		i = next + 1
	}
}

// literals joins the literals that an argument consists of.
func (p *parser) literals(tokens []token) (string, bool) {
	var b strings.Builder
	for _, t := range tokens {
		value, ok := "", false
		if t.kind == text && t.op == 0 {
			value, ok = literal(p.src[t.start:t.end])
		}
		if !ok {
			return "", false
		}
		b.WriteString(value)
	}
	return b.String(), len(tokens) > 0
}
