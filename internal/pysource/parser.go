package pysource

import "unicode/utf8"

// maxHead is how many tokens of a statement's head are kept to be looked at.
const maxHead = 256

// parser reads statements. It looks at one token at a time and keeps, of a statement, only what it
// may have to look at again.
type parser struct {
	scanner
	tok  token // the one to be looked at
	prev token // the one before

	head    []token // tokens kept since keep was called
	keeping bool
	lambdas []lambda // open lambdas, so that their colons and names are not taken for others
	bodies  int      // how many of them have their colon
	dynamic dynamic  // a call of import_module that is being read
	calls   []int    // the Imports that were found in calls of the statement
	groups  []int    // room for assignment.groups
	loose   bool     // the simple statement has an operator under which a call may not be reached

	file    *File
	at      int32             // the node that statements belong to
	inside  bool              // in a function
	class   string            // qualified name and dot of the class whose body is read
	raises  bool              // the block that is read raises, whatever happens
	soft    bool              // the token before begins a statement and may be a soft keyword
	known   map[string]string // what imported names stand for
	bound   map[string]bool   // names that were assigned to
	targets []token           // names that the target list being read would bind
	env     Env
}

// lambda is an open lambda expression.
type lambda struct {
	depth int  // of brackets
	body  bool // its colon has been read
}

// Parse reads a source file. The name serves messages alone. It returns a [*SyntaxError] when Python
// could not compile the file, an [*EncodingError] when the file cannot be read here; syntax newer than
// the interpreter of env is no error but listed in [File.Newer].
func Parse(name string, src []byte, env Env) (*File, error) {
	body, err := decode(name, src)
	if err != nil {
		return nil, err
	}
	p := &parser{
		scanner: scanner{file: name, src: body, line: 1, env: parseVersion(env.Python), fresh: true, mixed: !utf8.Valid(body)},
		file:    &File{Name: name, nodes: []node{{}}},
		known:   map[string]string{},
		bound:   map[string]bool{},
		env:     env,
	}
	p.next()
	for p.tok.kind != end {
		p.statement()
	}
	if p.err != nil {
		return nil, p.err
	}
	p.file.Newer = p.newer
	p.file.resolve()
	return p.file, nil
}

// next goes to the next token. What may stand anywhere in an expression is seen here.
func (p *parser) next() {
	p.prev = p.tok
	p.tok = p.scanner.next()
	t := p.tok
	if t.begins() && p.prev.operand() && !p.soft && (t.kind == word || t.kind == number || t.kind == keyword || p.prev.kind != text || t.op == '~') {
		p.refuse()
		return
	}
	p.soft = false
	if p.keeping && len(p.head) <= maxHead {
		p.head = append(p.head, t)
	}
	if len(p.lambdas) > 0 {
		p.lambda()
	}
	switch t.kind {
	case keyword:
		p.keyword()
	case word:
		if p.prev.is('[') && t.end-t.start == len("__name__") && p.source(t) == "__name__" {
			p.unlisted(t.line, "sys.modules[__name__]")
		}
	case op:
		switch {
		case t.op == opWalrus && p.prev.kind == word:
			p.walrus()
		case t.op == '(' && p.prev.kind == word:
			p.called()
		}
	}
	if p.dynamic.state != idle {
		p.follow()
	}
}

func (p *parser) keyword() {
	switch p.tok.op {
	case kwLambda:
		p.lambdas = append(p.lambdas, lambda{depth: len(p.brackets)})
		p.loose = true
	case kwIf, kwFor, kwBool:
		p.loose = true
	}
}

// lambda closes lambdas that cannot go on beyond the token.
func (p *parser) lambda() {
	for n := len(p.lambdas); n > 0; n-- {
		l, t, depth := &p.lambdas[n-1], p.tok, len(p.brackets)
		switch {
		case t.kind == op && (t.op == '(' || t.op == '[' || t.op == '{'):
			return // the token counts into the depth already
		case depth < l.depth, t.kind == newline, t.kind == end, t.is(';'), t.is(opSpec) && depth == l.depth:
		case depth > l.depth:
			return
		case t.is(':') && !l.body:
			l.body = true
			p.bodies++
			return
		case l.body && (t.is(':') || t.is(',') || t.is('=') || t.isKeyword(kwFor)):
		default:
			return
		}
		if l.body {
			p.bodies--
		}
		p.lambdas = p.lambdas[:n-1]
	}
}

// colon reports whether the token is the colon that ends the head of a compound statement, or
// begins an annotation.
func (p *parser) colon() bool {
	return p.tok.is(':') && len(p.brackets) == 0 && len(p.lambdas) == 0
}

// ends reports whether the simple statement ends before the token.
func (p *parser) ends() bool {
	return p.tok.kind == newline || p.tok.kind == end || p.tok.is(';')
}

// keep starts to keep tokens, the current one first.
func (p *parser) keep() {
	p.head = append(p.head[:0], p.tok)
	p.keeping = true
}

// kept returns the tokens that were kept before the current one; nil when there were too many.
func (p *parser) kept() []token {
	p.keeping = false
	if len(p.head) > maxHead {
		return nil
	}
	return p.head[:len(p.head)-1]
}

// refuse makes the current token a syntax error.
func (p *parser) refuse() {
	t := p.tok
	if p.err != nil {
		return
	}
	switch t.kind {
	case newline, end:
		p.tok = p.fail(t.line, "invalid syntax: the line ends too early")
	case indent:
		p.tok = p.fail(t.line, "unexpected indent")
	case dedent:
		p.tok = p.fail(t.line, "expected a statement")
	default:
		p.tok = p.fail(t.line, "invalid syntax at %q", excerpt(p.src[t.start:t.end]))
	}
}

// excerpt shortens a token for a message.
func excerpt(b []byte) string {
	const most = 40
	if len(b) > most {
		return string(b[:most]) + "..."
	}
	return string(b)
}

// source returns a token as it is written.
func (p *parser) source(t token) string { return string(p.src[t.start:t.end]) }
