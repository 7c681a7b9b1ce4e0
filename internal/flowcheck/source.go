package flowcheck

import (
	"bytes"
	"errors"
	"strings"

	"github.com/layerpack/layerpack/internal/pysource"
)

// source is one of the project's own files, as far as it could be read.
type source struct {
	path   string
	text   []byte
	lines  [][]byte              // of text, once they have been asked for
	file   *pysource.File        // nil where it cannot be read
	syntax *pysource.SyntaxError // why Python cannot compile it
}

// source reads and parses a file of the project; nil where its content is not known.
func (i *inspector) source(p string) *source {
	if s, ok := i.parsed[p]; ok {
		return s
	}
	var s *source
	if i.own[p] && strings.HasSuffix(p, ".py") {
		if text, ok := i.text(p); ok {
			s = &source{path: p, text: text}
			f, err := pysource.Parse("/"+p, text, i.env)
			if err == nil {
				s.file = f
			} else if !errors.As(err, &s.syntax) {
				s = nil // an encoding that is not read here
			}
		}
	}
	i.parsed[p] = s
	return s
}

// alters reports whether a text changes where modules come from.
func alters(text []byte) bool {
	for _, word := range []string{"sys.path", "sys.meta_path", "sys.modules", "addsitedir", "path_hooks", "findspark", "rootutils"} {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	for rest := text; ; {
		_, after, ok := bytes.Cut(rest, []byte("from sys import"))
		if !ok {
			return false
		}
		line, _, _ := bytes.Cut(after, []byte("\n"))
		if bytes.ContainsAny(line, "*(\\") || bytes.Contains(line, []byte("path")) || bytes.Contains(line, []byte("modules")) {
			return true
		}
		rest = after
	}
}

// adds reports whether a module makes names or modules that its text does not list.
func adds(text []byte) bool {
	for _, word := range []string{"__path__", "extend_path", "global_enum", "ModuleType"} {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	return alters(text)
}

// maxAssigned is how many names are searched for in all files of the project.
const maxAssigned = 200

// assigned reports whether any file of the project may give a module this attribute from outside; yes of more names than are searched for.
func (i *inspector) assigned(name string) bool {
	if i.asked++; i.asked > maxAssigned {
		return true
	}
	for p := range i.own {
		rest, ok := i.text(p)
		if !ok || !strings.HasSuffix(p, ".py") {
			continue
		}
		if bytes.Contains(rest, []byte("setattr(")) {
			return true
		}
		for {
			k := bytes.Index(rest, []byte("."+name))
			if k < 0 {
				break
			}
			rest = rest[k+1+len(name):]
			if t := bytes.TrimLeft(rest, " \t"); len(t) > 1 && t[0] == '=' && t[1] != '=' {
				return true
			}
		}
	}
	return false
}

// maxAbove is how many lines a function's head may be above an import in it.
const maxAbove = 2000

// bare reports whether an import stands directly in a function's body, so that nothing but a call of the function decides on
// it: the next line above that is indented less begins the function.
func (s *source) bare(im pysource.Import) bool {
	if im.When != pysource.Lazy {
		return false
	}
	if s.lines == nil {
		s.lines = bytes.Split(s.text, []byte("\n"))
	}
	lines := s.lines
	if im.Line > len(lines) || im.Line < 1 {
		return false
	}
	indent := func(l []byte) int { return len(l) - len(bytes.TrimLeft(l, " \t")) }
	own := indent(lines[im.Line-1])
	for k := im.Line - 2; k >= max(0, im.Line-maxAbove); k-- {
		l := bytes.TrimSpace(lines[k])
		if len(l) == 0 || l[0] == '#' || indent(lines[k]) >= own {
			continue
		}
		if l[0] == ')' { // a head of several lines: its first is indented as much as its last
			own = indent(lines[k]) + 1
			continue
		}
		return bytes.HasPrefix(l, []byte("def ")) || bytes.HasPrefix(l, []byte("async def "))
	}
	return false
}

// imports reports whether any file of the project seems to import a module of this top-level name.
func (i *inspector) imports(name string) bool {
	if i.tops == nil {
		i.tops = map[string]bool{}
		for p := range i.own {
			text, ok := i.text(p)
			if !ok || !strings.HasSuffix(p, ".py") {
				continue
			}
			for line := range bytes.Lines(text) {
				if f := bytes.Fields(line); len(f) > 1 && (string(f[0]) == "from" || string(f[0]) == "import") {
					for _, word := range f[1:] {
						top, _, _ := bytes.Cut(bytes.Trim(word, ",;"), []byte("."))
						i.tops[string(top)] = true
					}
				}
			}
		}
	}
	return i.tops[name]
}
