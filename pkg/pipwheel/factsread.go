package pipwheel

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of what facts may ask of their reader; no wheel within strictzip's defaults exceeds them.
const (
	maxFactsFiles = 200_000
	maxFactsPaths = 64 << 20 // bytes of all paths together
	maxFactsTotal = 32 << 30 // bytes of all files together
)

var (
	errFactsEnd   = errors.New("the text ends too early")
	errFactsMore  = errors.New("more than the list's length")
	errFactsOrder = errors.New("not in order")
)

// factsReader reads the text of facts. After an error it reads nothing more.
type factsReader struct {
	text string
	line int
	err  error
}

func (r *factsReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.text = ""
}

// next returns the next line without its end.
func (r *factsReader) next() string {
	i := strings.IndexByte(r.text, '\n')
	if i < 0 {
		r.line++
		r.fail(errFactsEnd)
		return ""
	}
	line := r.text[:i]
	r.text = r.text[i+1:]
	r.line++
	return line
}

// word reads a line that begins with head and returns what follows.
func (r *factsReader) word(head string) string {
	rest, ok := strings.CutPrefix(r.next(), head)
	if !ok {
		r.fail(fmt.Errorf("no %q", head))
	}
	return rest
}

func (r *factsReader) bool(head string) bool {
	word := r.word(head)
	if word != "true" && word != "false" {
		r.fail(fmt.Errorf("%q is neither true nor false", clip(word)))
	}
	return word == "true"
}

func (r *factsReader) number(head string, most int64) int64 {
	word := r.word(head)
	n, rest := leadingNumber(word)
	if rest != "" || n < 0 || n > most {
		r.fail(fmt.Errorf("%q is no number up to %d", clip(word), most))
		return 0
	}
	return n
}

// count reads a list's length. A line takes a byte at least.
func (r *factsReader) count(head string) int {
	return int(r.number(head, int64(len(r.text))))
}

// leadingNumber reads digits without a leading zero; n is -1 where there are none, or too many.
func leadingNumber(s string) (n int64, rest string) {
	i := 0
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		d := int64(s[i] - '0')
		if n > (math.MaxInt64-d)/10 {
			return -1, s
		}
		n = n*10 + d
	}
	if i == 0 || i > 1 && s[0] == '0' {
		return -1, s
	}
	return n, s[i:]
}

// wheel reads all of the text into w.
func (r *factsReader) wheel(w *Wheel) {
	if v := r.word(factsHead); v != strconv.Itoa(FactsVersion) {
		r.fail(fmt.Errorf("version %q, not %d", clip(v), FactsVersion))
	}
	w.info = r.word(factsInfo)
	if !strings.HasSuffix(w.info, ".dist-info") || strings.Contains(w.info, "/") {
		r.fail(fmt.Errorf("%q is no metadata folder", clip(w.info)))
	} else if err := checkPath(w.info, 0); err != nil {
		r.fail(err)
	}
	w.purelib = r.bool(factsPurelib)
	k := &known{regular: r.bool(factsRegular), packed: r.number(factsPacked, 2*maxFactsTotal)}
	for range r.count(factsNotes) {
		if note := r.next(); r.err == nil {
			w.note("%s", note)
		}
	}
	w.Metadata = r.fields()
	w.scripts = r.scripts()
	k.members = r.members()
	if r.err == nil && r.text != "" {
		r.line++
		r.fail(errFactsMore)
	}
	w.facts = k
}

// fields reads the fields of METADATA.
func (r *factsReader) fields() Header {
	h, last := Header{}, ""
	for range r.count(factsFields) {
		line := r.next()
		name, value, ok := strings.Cut(line, ": ")
		switch {
		case r.err != nil:
			return nil
		case !ok || name == "" || name != strings.ToLower(name) || name == unstated || !utf8.ValidString(line) || strings.Contains(line, "\r") ||
			strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c > '~' || c == ':' }):
			r.fail(fmt.Errorf("%q is no field", clip(line)))
		case value != strings.TrimSpace(value):
			r.fail(fmt.Errorf("%q has spaces around it", clip(value)))
		case name < last:
			r.fail(errFactsOrder)
		}
		h[name] = append(h[name], value)
		last = name
	}
	return h
}

// scripts reads the entry points.
func (r *factsReader) scripts() scripts {
	n := r.count(factsScripts)
	if n == 0 {
		return scripts{}
	}
	s := scripts{console: map[string]entryPoint{}, gui: map[string]entryPoint{}}
	last := ""
	for range n {
		line := r.next()
		parts := strings.SplitN(line, " ", 3)
		if r.err != nil || len(parts) != 3 {
			r.fail(fmt.Errorf("%q is no entry point", clip(line)))
			return s
		}
		into, ok := s.console, parts[0] == consoleScript
		if parts[0] == guiScript {
			into, ok = s.gui, true
		}
		e, err := parseEntryPoint(parts[2], parts[1])
		switch {
		case !ok || !utf8.ValidString(line) || strings.ContainsAny(line, "\r"+pythonLineEnds):
			r.fail(fmt.Errorf("%q is no entry point", clip(line)))
		case err != nil:
			r.fail(err)
		case e.Module+":"+e.Attr != parts[1]:
			r.fail(fmt.Errorf("%q is more than \"module:function\"", clip(parts[1])))
		case line <= last:
			r.fail(errFactsOrder)
		}
		if _, twice := into[e.Name]; twice {
			r.fail(fmt.Errorf("the entry point %q comes twice", clip(e.Name)))
		}
		into[e.Name], last = e, line
	}
	return s
}

// members reads the files. Their paths are one text that all share.
func (r *factsReader) members() []member {
	n := r.count(factsFiles)
	if n > maxFactsFiles {
		r.fail(fmt.Errorf("%d files; %d are taken", n, maxFactsFiles))
		return nil
	}
	list, spans := make([]member, 0, n), make([]pathSpan, 0, n)
	paths := make([]byte, 0, 2*len(r.text))
	start := 0 // of the path before
	var total int64
	for range n {
		line := r.next()
		if r.err != nil {
			return nil
		}
		m, common, rest, ok := parseMember(line)
		before := paths[start:]
		if !ok || common > len(before) || len(paths)+common+len(rest) > maxFactsPaths || m.size > maxFactsTotal-total {
			r.fail(fmt.Errorf("%q is no file", clip(line)))
			return nil
		}
		total += m.size
		start = len(paths)
		paths = append(append(paths, before[:common]...), rest...)
		list, spans = append(list, m), append(spans, pathSpan{len(paths), common})
	}
	r.line -= n
	return r.named(list, spans, string(paths))
}

// parseMember reads a file's line but for its path, of which it returns the number of bytes
// shared with the path before, and what follows them.
func parseMember(line string) (m member, common int, rest string, ok bool) {
	n, line := leadingNumber(line)
	if n < 0 || n > maxName || !strings.HasPrefix(line, " ") {
		return m, 0, "", false
	}
	m.rest = -1
	if m.size, line = leadingNumber(line[1:]); m.size < 0 {
		return m, 0, "", false
	}
	if strings.HasPrefix(line, "x") {
		m.executable, line = true, line[1:]
	}
	m.tail = m.expectedTail()
	if strings.HasPrefix(line, ":") {
		m.rest, line = leadingNumber(line[1:])
		if m.rest < 0 || m.rest > m.size-int64(len(placeholder)) || m.size > maxScript {
			return m, 0, "", false
		}
	}
	if strings.HasPrefix(line, "+") {
		usual := m.tail
		m.tail, line = leadingNumber(line[1:])
		if m.tail < noTail || m.tail > 2*maxRecordLine || m.tail == usual {
			return m, 0, "", false
		}
	}
	rest, ok = strings.CutPrefix(line, " ")
	return m, int(n), rest, ok
}
