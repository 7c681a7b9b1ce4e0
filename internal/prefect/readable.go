package prefect

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// knownTags are the tags of which Prefect's reader, PyYAML's safe loader, makes values, by the kind of node that they may stand at.
var knownTags = map[yaml.Kind]string{
	yaml.ScalarNode:   " !!null !!bool !!int !!float !!binary !!timestamp !!str !!merge !!value ! ",
	yaml.SequenceNode: " !!seq !!omap !!pairs ! ",
	yaml.MappingNode:  " !!map !!set ! ",
}

// readable refuses what our reader takes and Prefect's does not: tags of its own making, and tabs between words.
func readable(text []byte, root *yaml.Node) error {
	scalars := map[int]yaml.Style{} // where a scalar in quotes or of several lines begins
	var begins []int
	tabs := bytes.ContainsRune(text, '\t')
	starts := (&editor{text: text}).starts()
	var last yaml.Node // nodes come in the order of the text: each is looked for from the one before
	lastAt := 0
	begin := func(at *yaml.Node) (int, bool) {
		if at.Line != last.Line || at.Column < last.Column {
			i, ok := position(text, starts, at)
			last, lastAt = yaml.Node{Line: at.Line, Column: at.Column}, i
			return i, ok
		}
		for ; last.Column < at.Column; last.Column++ {
			if lastAt >= len(text) {
				return 0, false
			}
			_, n := utf8.DecodeRune(text[lastAt:])
			lastAt += n
		}
		return lastAt, true
	}
	var walk func(at *yaml.Node) error
	walk = func(at *yaml.Node) error {
		if known := knownTags[at.Kind]; known != "" && !strings.Contains(known, " "+at.ShortTag()+" ") {
			return errAt(at.Line, "Prefect's reader knows no tag "+at.Tag+" there", "remove it")
		}
		if tabs {
			if i, ok := begin(at); ok {
				begins = append(begins, i)
				if at.Kind == yaml.ScalarNode {
					scalars[i] = at.Style
				}
			}
		}
		for _, c := range at.Content {
			if err := walk(c); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(root); err != nil || !tabs {
		return err
	}
	if i := tab(text, scalars, begins); i >= 0 {
		line := 1
		for line < len(starts) && starts[line] <= i {
			line++
		}
		return errAt(line, fmt.Sprintf("a tab stands between words, in column %d, where Prefect's reader takes spaces only", i-starts[line-1]+1), "write a space")
	}
	return nil
}

// tab returns where a tab stands outside of quotes, comments and scalars of several lines; -1 where none does. begins is
// where nodes begin, in the order of the text.
func tab(text []byte, scalars map[int]yaml.Style, begins []int) int {
	lineStart := true
	for i := 0; i < len(text); i++ {
		for len(begins) > 0 && begins[0] <= i {
			begins = begins[1:]
		}
		switch style := scalars[i]; {
		case style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && (text[i] == '\'' || text[i] == '"'):
			i = closing(text, i)
		case style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && (text[i] == '|' || text[i] == '>'):
			// The first line has the style alone, and all up to the next node is the text, or a comment.
			for i+1 < len(text) && text[i+1] != '\n' && text[i+1] != '\t' && text[i+1] != '#' {
				i++
			}
			if i+1 < len(text) && text[i+1] == '\t' {
				return i + 1
			}
			i = len(text)
			if len(begins) > 0 {
				i = begins[0] - 1
			}
		case text[i] == '#' && (lineStart || text[i-1] == ' ' || text[i-1] == '\t'):
			for i+1 < len(text) && text[i+1] != '\n' && text[i+1] != '\r' {
				i++
			}
		case text[i] == '\t':
			return i
		}
		lineStart = i < len(text) && (text[i] == '\n' || text[i] == '\r')
	}
	return -1
}

// closing returns where the quotes that open at i end.
func closing(text []byte, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] != quote:
		case quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		default:
			return i
		}
	}
	return i
}
