package pysource

import "strings"

// named reads a dotted name, with an index or a call, and returns what the environment says of it.
func (e *evaluator) named(t token) value {
	path := e.p.source(t)
	for len(e.tokens) > 1 && e.tokens[0].is('.') && e.tokens[1].kind == word {
		path += "." + e.p.source(e.tokens[1])
		e.tokens = e.tokens[2:]
	}
	first, rest, _ := strings.Cut(path, ".")
	if from := e.p.known[first]; from != "" {
		path = from
		if rest != "" {
			path += "." + rest
		}
	}
	v := value{}
	switch {
	case e.peek().is('('):
		v = e.called(path)
	case e.peek().is('['):
		v = e.indexed(path)
	default:
		return e.lookup(path)
	}
	for e.peek().is('(') || e.peek().is('[') || e.peek().is('.') {
		v = value{}
		if e.peek().is('.') {
			e.take()
			e.take()
		} else if _, ok := e.bracket(); !ok {
			return e.lose()
		}
	}
	return v
}

// lookup knows the names that conditions of imports are made of.
func (e *evaluator) lookup(path string) value {
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case last == "TYPE_CHECKING":
		e.c.typing = true
		return logical(no)
	case path == "__name__":
		// Whoever loads a flow gives its module another name than __main__.
		e.c.script = true
		return value{kind: isText, text: "\x00"}
	case path == "__debug__":
		return logical(yes)
	case last == "PY2":
		return logical(no)
	case last == "PY3":
		return logical(yes)
	case path == "sys.platform" && e.p.env.Platform != "":
		return value{kind: isText, text: e.p.env.Platform}
	case path == "sys.implementation.name" && e.p.env.Implementation != "":
		return value{kind: isText, text: e.p.env.Implementation}
	case path == "os.name" && e.p.env.Platform != "":
		if e.p.env.Platform == "win32" {
			return value{kind: isText, text: "nt"}
		}
		return value{kind: isText, text: "posix"}
	case last == "version_info":
		return e.version(path)
	}
	for i, field := range []string{"major", "minor", "micro"} {
		if strings.HasSuffix(path, "sys.version_info."+field) && i < len(e.env) {
			return integer(e.env[i])
		}
	}
	return value{}
}

func (e *evaluator) version(path string) value {
	if path != "sys.version_info" || e.env == nil {
		return value{}
	}
	v := value{kind: isTuple, more: true}
	for _, n := range e.env {
		v.items = append(v.items, integer(n))
	}
	return v
}

// indexed reads sys.version_info[0] and sys.version_info[:2].
func (e *evaluator) indexed(path string) value {
	v := e.lookup(path)
	inner, ok := e.bracket()
	slice := false
	switch {
	case !ok:
		return e.lose()
	case len(inner) > 0 && inner[0].is(':'):
		slice, inner = true, inner[1:]
	case len(inner) > 1 && inner[1].is(':') && e.p.source(inner[0]) == "0":
		slice, inner = true, inner[2:]
	}
	n := e.inner(inner)
	if v.kind != isTuple || n.kind != isInteger || n.integer < 0 || n.integer > len(v.items) {
		return value{}
	}
	if slice {
		return value{kind: isTuple, items: v.items[:n.integer]}
	}
	if n.integer == len(v.items) {
		return value{}
	}
	return v.items[n.integer]
}

// called reads sys.platform.startswith("win") and platform.system().
func (e *evaluator) called(path string) value {
	inner, ok := e.bracket()
	if !ok {
		return e.lose()
	}
	if len(inner) == 0 {
		switch {
		case path == "platform.system" && e.p.env.Platform != "":
			return value{kind: isText, text: systemName(e.p.env.Platform)}
		case path == "platform.python_implementation" && e.p.env.Implementation == "cpython":
			return value{kind: isText, text: "CPython"}
		}
		return value{}
	}
	object, method := path, ""
	if i := strings.LastIndexByte(path, '.'); i > 0 {
		object, method = path[:i], path[i+1:]
	}
	argument := e.inner(inner)
	v := e.lookup(object)
	if v.kind == isText && argument.kind == isText && method == "startswith" {
		return logical(truthOf(strings.HasPrefix(v.text, argument.text)))
	}
	return value{}
}

// systemName is what platform.system returns.
func systemName(platform string) string {
	switch platform {
	case "linux":
		return "Linux"
	case "darwin":
		return "Darwin"
	case "win32":
		return "Windows"
	}
	return platform
}

// bracket takes a bracket with all that it holds.
func (e *evaluator) bracket() ([]token, bool) {
	last := closing(e.tokens)
	if last == len(e.tokens) {
		return nil, false
	}
	inner := e.tokens[1:last]
	e.tokens = e.tokens[last+1:]
	return inner, true
}

// inner evaluates what a bracket holds; what is not understood there is not known.
func (e *evaluator) inner(tokens []token) value {
	sub := evaluator{p: e.p, tokens: tokens, env: e.env}
	v := sub.or()
	if sub.lost || len(sub.tokens) > 0 {
		return value{}
	}
	return v
}
