package pysource

// target reads one target of a for, with or del statement and adds the names that it binds to
// p.targets ("Assignment statements": target).
func (p *parser) target() {
	if p.tok.is('*') {
		p.next()
	}
	mark := len(p.targets)
	switch {
	case p.tok.kind == word:
		p.targets = append(p.targets, p.tok)
		p.next()
	case p.tok.is('(') || p.tok.is('['):
		depth := len(p.brackets)
		p.next()
		for len(p.brackets) >= depth && p.tok.kind != end {
			if p.tok.is(',') {
				p.next()
				continue
			}
			p.target()
		}
		p.next()
	default:
		p.next() // no target: what CPython says to it is not our matter
		return
	}
	trailers := false
	for p.tok.kind == op {
		switch p.tok.op {
		case '.':
			p.next()
			p.next()
		case '(', '[':
			p.balanced()
		default:
			if trailers {
				p.targets = p.targets[:mark]
			}
			return
		}
		trailers = true
	}
	if trailers {
		p.targets = p.targets[:mark]
	}
}

// balanced passes a bracket with all that it holds.
func (p *parser) balanced() {
	depth := len(p.brackets)
	for len(p.brackets) >= depth && p.tok.kind != end {
		p.next()
	}
	p.next()
}
