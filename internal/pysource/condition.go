package pysource

import "strconv"

// condition is what is known of one.
type condition struct {
	truth  truth
	script bool // it asks for __name__
	typing bool // it asks for TYPE_CHECKING
}

// evaluator computes the value of a condition, as far as the environment decides it.
type evaluator struct {
	p      *parser
	tokens []token
	env    version
	c      condition
	lost   bool // something was not understood
}

// condition evaluates the head of an if or while statement.
func (p *parser) condition(tokens []token) condition {
	e := evaluator{p: p, tokens: tokens, env: parseVersion(p.env.Python)}
	v := e.or()
	e.c.truth = unknown
	if len(e.tokens) == 0 && len(tokens) > 0 && !e.lost {
		e.c.truth = v.truth()
	}
	return e.c
}

func (e *evaluator) peek() token {
	if len(e.tokens) == 0 {
		return token{}
	}
	return e.tokens[0]
}

func (e *evaluator) take() token {
	t := e.peek()
	if len(e.tokens) > 0 {
		e.tokens = e.tokens[1:]
	}
	return t
}

// word passes a word or keyword if it comes next.
func (e *evaluator) word(s string) bool {
	t := e.peek()
	if t.kind != keyword && t.kind != word || e.p.source(t) != s {
		return false
	}
	e.take()
	return true
}

func (e *evaluator) or() value {
	v := e.and()
	for e.word("or") {
		v = logical(or(v.truth(), e.and().truth()))
	}
	return v
}

func (e *evaluator) and() value {
	v := e.not()
	for e.word("and") {
		v = logical(and(v.truth(), e.not().truth()))
	}
	return v
}

func (e *evaluator) not() value {
	negate, any := false, false
	for e.word("not") {
		negate, any = !negate, true
	}
	v := e.comparison()
	switch {
	case negate:
		return logical(not(v.truth()))
	case any:
		return logical(v.truth())
	}
	return v
}

// comparison reads chains such as (3, 8) <= sys.version_info < (3, 11).
func (e *evaluator) comparison() value {
	left := e.atom()
	result, chained := yes, false
	for {
		operator := e.operator()
		if operator == "" {
			break
		}
		right := e.atom()
		result = and(result, compareValues(operator, left, right))
		left, chained = right, true
	}
	if chained {
		return logical(result)
	}
	return left
}

func (e *evaluator) operator() string {
	t := e.peek()
	switch {
	case t.is('<') || t.is('>') || t.kind == op && t.op == opOther:
		switch s := e.p.source(t); s {
		case "<", ">", "<=", ">=", "==", "!=":
			e.take()
			return s
		}
	case t.isKeyword(kwIn):
		e.take()
		return "in"
	case e.word("is"):
		if e.word("not") {
			return "!="
		}
		return "=="
	case len(e.tokens) > 1 && e.tokens[1].isKeyword(kwIn) && e.word("not"):
		e.take()
		return "not in"
	}
	return ""
}

// atom reads a name with what follows it, a literal, or something in parentheses.
func (e *evaluator) atom() value {
	t := e.take()
	switch {
	case t.kind == number:
		n, err := strconv.Atoi(e.p.source(t))
		if err != nil {
			n64, err := strconv.ParseInt(e.p.source(t), 0, 64)
			if err != nil {
				return value{}
			}
			n = int(n64)
		}
		return integer(n)
	case t.kind == text && t.op == 0:
		if s, ok := literal(e.p.src[t.start:t.end]); ok {
			return value{kind: isText, text: s}
		}
	case t.isKeyword(kwValue):
		return logical(truthOf(e.p.source(t) == "True"))
	case t.is('('), t.is('['):
		return e.group()
	case t.kind == word:
		return e.named(t)
	}
	return e.lose()
}

// lose gives up: the condition may be anything.
func (e *evaluator) lose() value {
	e.tokens, e.lost = nil, true
	return value{}
}

// group reads what is in a bracket: one value, or several that make a tuple.
func (e *evaluator) group() value {
	var items []value
	tuple := false
	for !e.peek().is(')') && !e.peek().is(']') {
		if len(e.tokens) == 0 {
			return e.lose()
		}
		items = append(items, e.or())
		if !e.peek().is(',') {
			break
		}
		tuple = true
		e.take()
	}
	if list := e.peek().is(']'); list || e.peek().is(')') {
		e.take()
		if len(items) == 1 && !tuple && !list {
			return items[0]
		}
		return value{kind: isTuple, items: items}
	}
	return e.lose()
}
