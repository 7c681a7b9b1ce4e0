package pysource

import "strings"

// progress is how much of a call of import_module has been read.
type progress uint8

const (
	idle    progress = iota
	opened           // its parenthesis
	first            // now comes its first argument
	named            // a literal
	further          // now comes the second argument
)

// dynamic is a call of importlib.import_module or __import__ that is being read.
type dynamic struct {
	state  progress
	module string
	line   int
}

// called looks at a parenthesis after a name.
func (p *parser) called() {
	switch n := p.prev.end - p.prev.start; n {
	case 4, 6, 7, 10, 13:
	default:
		return
	}
	switch name := p.source(p.prev); name {
	case "import_module", "__import__":
		if p.dynamic.state == idle {
			p.dynamic = dynamic{state: opened, line: p.prev.line}
		}
	case "globals", "exec":
		p.unlisted(p.prev.line, name+"()")
	case "locals", "vars":
		if !p.inside {
			p.unlisted(p.prev.line, name+"()")
		}
	}
}

// follow reads the arguments of the call, as long as they are literals.
func (p *parser) follow() {
	d, t := &p.dynamic, p.tok
	switch d.state {
	case opened:
		d.state = first
	case first:
		value, ok := "", false
		if t.kind == text {
			value, ok = literal(p.src[t.start:t.end])
		}
		d.state = idle
		if ok && value != "" {
			d.state, d.module = named, value
		}
	case named:
		switch {
		case t.is(')'):
			p.found("")
		case t.is(','):
			d.state = further
		default:
			d.state = idle
		}
	case further:
		if t.kind == text {
			anchor, _ := literal(p.src[t.start:t.end])
			p.found(anchor)
		} else if !t.is('=') && (t.kind != word || p.source(t) != "package") {
			p.found("")
		}
	}
}

// found notes the import. An anchor is the package that a relative name is relative to.
func (p *parser) found(anchor string) {
	d := p.dynamic
	p.dynamic = dynamic{}
	im := Import{Module: strings.TrimLeft(d.module, "."), Line: d.line, Dynamic: true}
	im.Level = len(d.module) - len(im.Module)
	if im.Level > 0 && anchor != "" {
		parts := strings.Split(anchor, ".")
		if im.Level > len(parts) {
			return // Python would refuse it
		}
		parts = parts[:len(parts)-im.Level+1]
		if im.Module != "" {
			parts = append(parts, im.Module)
		}
		im.Module, im.Level = strings.Join(parts, "."), 0
	}
	p.imports(im)
	p.calls = append(p.calls, len(p.file.Imports)-1)
}

// settleCalls ends a statement: calls in it may not have been reached when it has a condition, a
// loop or a lambda.
func (p *parser) settleCalls() {
	p.dynamic = dynamic{}
	if len(p.calls) == 0 {
		return
	}
	if p.loose {
		for _, i := range p.calls {
			im := &p.file.Imports[i]
			im.node = p.node(node{kind: conditional, line: im.Line})
		}
	}
	p.calls = p.calls[:0]
}

// unlisted notes why the file may define more names than can be listed.
func (p *parser) unlisted(line int, what string) {
	if p.file.Open == "" {
		p.file.Open = what + " in line " + itoa(line)
	}
}
