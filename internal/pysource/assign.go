package pysource

import "bytes"

// notGroup is the entry of a bracket that can hold no targets.
const notGroup = -1

// assignment follows an expression that may turn out to be a list of targets.
type assignment struct {
	groups    []int // for each open bracket the number of targets before it, or notGroup
	firm      int   // so many targets have been assigned to, others only look like targets
	closed    bool  // no target can follow
	lambda    bool  // no assignment either
	annotated bool
}

// expression reads a statement that begins with an expression: an assignment, an expression or what
// soft keywords begin. It returns true when it was a match statement with all its blocks.
func (p *parser) expression() bool {
	start, soft := p.tok, p.softKeyword()
	if p.exits() {
		p.raises = true
	}
	a := assignment{groups: p.groups[:0]}
	p.targets = p.targets[:0]
	for !p.ends() {
		if p.colon() {
			p.next()
			if p.tok.kind == newline {
				if soft != "match" {
					p.refuse()
					return false
				}
				p.settleCalls()
				p.match(start.line)
				return true
			}
			if a.annotated || a.firm > 0 {
				p.refuse()
				return false
			}
			a.annotated, a.closed = true, true
			continue
		}
		p.step(&a)
		if soft == "type" && p.prev.start == start.start && p.tok.kind == word {
			p.typeAlias(start.line)
			return false
		}
	}
	if p.targets = p.targets[:min(a.firm, len(p.targets))]; len(p.targets) > 0 && !p.inside {
		p.bindTargets(p.callOf(p.kept()))
	}
	p.keeping = false
	p.groups = a.groups
	return false
}

// softKeyword returns match or type when the token is one of them.
func (p *parser) softKeyword() string {
	if p.tok.kind != word || p.tok.end-p.tok.start > 5 {
		return ""
	}
	switch s := p.source(p.tok); s {
	case "match", "type":
		p.soft = true
		return s
	}
	return ""
}

// exits reports whether the statement calls sys.exit or the like.
func (p *parser) exits() bool {
	if p.tok.kind != word {
		return false
	}
	rest := p.src[p.tok.start:]
	for _, call := range []string{"sys.exit(", "exit(", "quit(", "os._exit(", "os.abort("} {
		if bytes.HasPrefix(rest, []byte(call)) {
			return true
		}
	}
	return false
}

// step passes one token.
func (p *parser) step(a *assignment) {
	t, before := p.tok, p.prev
	switch {
	case t.is('(') || t.is('['):
		mark := len(p.targets)
		if before.operand() || a.nested() || a.closed {
			mark = notGroup
		}
		a.groups = append(a.groups, mark)
		p.next()
	case t.is('{'):
		a.groups = append(a.groups, notGroup)
		p.next()
	case t.is(')') || t.is(']') || t.is('}'):
		mark := notGroup
		if n := len(a.groups); n > 0 {
			mark = a.groups[n-1]
			a.groups = a.groups[:n-1]
		}
		p.next()
		if mark >= 0 && !a.closed && (p.tok.is('.') || p.tok.is('(') || p.tok.is('[')) {
			p.targets = p.targets[:min(mark, len(p.targets))]
		}
	case t.kind == word && !a.closed && !a.nested() && a.place(before):
		p.next()
		if p.tok.kind == op {
			switch p.tok.op {
			case ',', ')', ']', '=', ':':
				p.targets = append(p.targets, t)
			}
		}
	case t.is('=') && len(p.brackets) == 0 && !a.lambda:
		a.firm = len(p.targets)
		p.next()
		p.keep()
	case t.isKeyword(kwLambda) && len(p.brackets) == 0:
		a.closed, a.lambda = true, true
		p.next()
	default:
		p.next()
	}
}

// nested reports whether it is within a bracket that can hold no targets.
func (a *assignment) nested() bool { return len(a.groups) > 0 && a.groups[len(a.groups)-1] == notGroup }

// place reports whether a target may stand after the token.
func (a *assignment) place(before token) bool {
	switch before.kind {
	case op:
		switch before.op {
		case '(', '[', ',', '*', '=', ';', ':':
			return true
		}
		return false
	case newline, indent, dedent, end:
		return true
	}
	return false
}
