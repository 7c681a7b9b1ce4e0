package prefect

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// An editor changes the text of a file, one insertion or replacement at a time. Each is tried out:
// the new text is parsed and must hold the old document and the change, and nothing else; otherwise
// the next place is tried, and in the end the edit is refused.
type editor struct {
	text   []byte
	indent indents
	asked  []bool  // for each deployment, whether its image becomes the step's
	moved  []moved // by the edits so far, in their order
	notes  []string
}

// moved says that from a line on everything stands so many lines further down.
type moved struct{ line, by int }

// refuse is errAt for a line of the text as it is now: it names the line of the text that was given.
func (e *editor) refuse(line int, cause, fix string) error {
	for i := len(e.moved) - 1; i >= 0; i-- {
		if m := e.moved[i]; line >= m.line {
			line = max(m.line, line-m.by)
		}
	}
	return errAt(line, cause, fix)
}

// maxTries bounds the places that are tried for one edit: lines of a long scalar.
const maxTries = 500

// starts returns where the lines begin, by YAML's own line ends; the last entry is the end of the text.
func (e *editor) starts() []int {
	out := []int{0}
	for i := 0; i < len(e.text); {
		r, n := utf8.DecodeRune(e.text[i:])
		i += n
		switch r {
		case '\r':
			if i < len(e.text) && e.text[i] == '\n' {
				i++
			}
			out = append(out, i)
		case '\n', 0x85, 0x2028, 0x2029:
			out = append(out, i)
		}
	}
	if out[len(out)-1] != len(e.text) {
		out = append(out, len(e.text))
	}
	return out
}

// offset turns a node's position into one of the text.
func (e *editor) offset(at *yaml.Node) (int, bool) { return position(e.text, e.starts(), at) }

// position turns that of a node, by line and column, into one of the text, whose lines begin at starts.
func position(text []byte, starts []int, at *yaml.Node) (int, bool) {
	if at.Line < 1 || at.Line > len(starts) {
		return 0, false
	}
	i := starts[at.Line-1]
	if at.Line == 1 && bytes.HasPrefix(text, []byte("\ufeff")) {
		i += len("\ufeff")
	}
	for range at.Column - 1 {
		if i >= len(text) {
			return 0, false
		}
		_, n := utf8.DecodeRune(text[i:])
		i += n
	}
	return i, true
}

// end is how lines around an offset end.
func (e *editor) end(offset int) string {
	before := e.text[:offset]
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		if i > 0 && before[i-1] == '\r' {
			return "\r\n"
		}
		return "\n"
	}
	if i := bytes.IndexByte(e.text, '\n'); i > 0 && e.text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// block joins lines, each behind pad, to what is inserted at the beginning of a line.
func (e *editor) block(offset, pad int, lines []string) string {
	end := e.end(offset)
	var b strings.Builder
	if last := bytes.TrimRight(e.text[:offset], "\r\n"); offset > 0 && len(last) == offset && !bytes.Equal(last, []byte("\ufeff")) {
		b.WriteString(end) // the file's last line has no end
	}
	for _, l := range lines {
		b.WriteString(strings.Repeat(" ", pad) + l + end)
	}
	return b.String()
}

// with returns the text with what stands between from and to replaced.
func (e *editor) with(from, to int, text string) []byte {
	out := make([]byte, 0, len(e.text)+len(text))
	out = append(out, e.text[:from]...)
	out = append(out, text...)
	return append(out, e.text[to:]...)
}

// try takes the new text if it is the old document and the change.
func (e *editor) try(text []byte, change change) bool {
	old, err := parse(e.text)
	if err != nil {
		return false
	}
	now, err := parse(text)
	if err != nil || !change.same(old, now) {
		return false
	}
	n := 0
	for n < len(text) && n < len(e.text) && text[n] == e.text[n] {
		n++
	}
	was := len(e.starts())
	first := editor{text: e.text[:n]}
	e.text = text
	e.moved = append(e.moved, moved{line: len(first.starts()), by: len(e.starts()) - was})
	return true
}

// list writes steps below a key of the root: after those that are there, in the place of null, or
// with the key.
func (e *editor) list(root *yaml.Node, key string, lines []string) error {
	at, value := own(root, key)
	switch {
	case root == nil || at == nil && (node{root}).has(key):
		if root == nil {
			return e.topLevel(nil, key, lines)
		}
		return e.refuse(root.Line, key+" comes from a merge key", "write "+key+" out")
	case at == nil:
		return e.topLevel(root, key, lines)
	case value.Kind == yaml.AliasNode:
		return e.refuse(value.Line, key+" is an alias of another part of the file", "write "+key+" out")
	case (node{value}).null(), len(value.Content) == 0 && value.Kind != yaml.ScalarNode:
		return e.fill(value, key, e.indent.dash, lines)
	case value.Kind != yaml.SequenceNode:
		return e.refuse(value.Line, key+" holds one step without a dash", "write '- ' before the step, and indent its inputs further")
	case value.Style&yaml.FlowStyle != 0:
		return e.refuse(value.Line, key+" is written in flow style, in brackets", "write each step on lines of its own, after '- '")
	}
	want, err := snippet(lines)
	if err != nil {
		return err
	}
	if e.after(value, value.Column-1, lines, change{at: pathTo(root, value), add: want.Content}) {
		return nil
	}
	return e.unsafe(value.Line, key)
}

// topLevel writes a new key: before the sections that come later in a run, and their comments, else at the end.
func (e *editor) topLevel(root *yaml.Node, key string, lines []string) error {
	text := []string{key + ":"}
	for _, l := range lines {
		text = append(text, strings.Repeat(" ", e.indent.dash)+l)
	}
	want, err := snippet(text)
	if err != nil {
		return err
	}
	c := change{at: []int{}, add: want.Content}
	starts := e.starts()
	for _, later := range []string{"push", "pull", "deployments"} {
		k, _ := own(root, later)
		if k == nil || later == key {
			continue
		}
		line := k.Line
		for line > 1 && bytes.HasPrefix(e.text[starts[line-2]:], []byte("#")) {
			line--
		}
		for _, l := range []int{line, k.Line} {
			i := starts[l-1]
			if e.try(e.with(i, i, e.block(i, k.Column-1, text)), c) {
				return nil
			}
		}
		break
	}
	pad := 0
	if root != nil {
		pad = root.Column - 1
		if e.after(root, pad, text, c) {
			return nil
		}
	}
	i := len(e.text)
	if e.try(e.with(i, i, e.block(i, pad, text)), c) {
		return nil
	}
	return e.unsafe(1, key)
}

// after inserts lines behind the last line of a collection: the first place that leaves the rest as it is.
func (e *editor) after(at *yaml.Node, pad int, lines []string, c change) bool {
	starts := e.starts()
	for k, line := 0, lastLine(at); line < len(starts) && k < maxTries; k, line = k+1, line+1 {
		i := starts[line]
		if e.try(e.with(i, i, e.block(i, pad, lines)), c) {
			return true
		}
	}
	return false
}

// lastLine is the line in which the last node of a collection begins.
func lastLine(at *yaml.Node) int {
	line := at.Line
	for _, c := range at.Content {
		line = max(line, lastLine(c))
	}
	return line
}

// unsafe refuses what no try could edit.
func (e *editor) unsafe(line int, what string) error {
	if line == 0 {
		return refusal.New(input, what+" cannot be written without changing other parts of the file", "write it by hand")
	}
	return e.refuse(line, what+" cannot be written here without changing other parts of the file", "write it by hand")
}

// lines says from which line to which a step goes.
func (e *editor) lines(first int) string { return fmt.Sprintf("%d to %d", first, e.last(first)) }

// last is the last line of what begins in a line, by the indentation; blank lines and comments at the end are left out.
func (e *editor) last(first int) int {
	starts := e.starts()
	line := func(n int) []byte { return bytes.TrimRight(e.text[starts[n-1]:starts[n]], "\r\n") }
	indent := func(b []byte) int { return len(b) - len(bytes.TrimLeft(b, " ")) }
	last := first
	for n := first + 1; n < len(starts); n++ {
		text := bytes.TrimSpace(line(n))
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		if indent(line(n)) <= indent(line(first)) {
			break
		}
		last = n
	}
	return last
}
