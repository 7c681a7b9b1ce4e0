package prefect

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// images writes the step's reference into job_variables of the deployments that are asked for.
func (e *editor) images(f *File, o InitOptions) error {
	for i, d := range f.Deployments {
		if !e.asked[i] {
			continue
		}
		if d.Build.Written && !hasStep(d.Build, o.id()) {
			return errAt(d.Build.Line, d.Title()+" has a build of its own, which switches the file's off", "remove it, so that the step with the id "+o.id()+" is run for it too")
		}
		if err := e.image(i, f, o); err != nil {
			return err
		}
	}
	return nil
}

func hasStep(s Section, id string) bool {
	for _, step := range s.Steps {
		if _, ok := step.Layerpack(); ok && step.ID == id {
			return true
		}
	}
	return false
}

// image writes one deployment's image, at the innermost mapping that is there.
func (e *editor) image(i int, f *File, o InitOptions) error {
	root, err := e.root()
	if err != nil {
		return err
	}
	mine := chain(root, i)
	if mine.image.value().Text == o.reference() {
		return nil
	}
	at := mine.mappings[len(mine.mappings)-1]
	for k, d := range f.Deployments {
		if e.asked[k] {
			continue
		}
		for _, m := range chain(root, k).mappings {
			if m == at {
				return e.refuse(at.Line, fmt.Sprintf("%s shares this with %s, by an alias or a merge key", f.Deployments[i].Title(), d.Title()),
					"write it out for "+f.Deployments[i].Title()+", or ask for the image of both")
			}
		}
	}
	return e.set(root, at, []string{"work_pool", "job_variables", "image"}[len(mine.mappings)-1:], quoteYAML(o.reference()))
}

// links is the way to a deployment's image.
type links struct {
	mappings []*yaml.Node // the deployment, its work_pool, its job_variables, as far as they are mappings
	image    node
}

func chain(root *yaml.Node, i int) links {
	var items []node
	for _, item := range (node{root}).get("deployments").items() {
		if !item.null() {
			items = append(items, item)
		}
	}
	at := items[i]
	l := links{mappings: []*yaml.Node{at.follow()}}
	for _, key := range []string{"work_pool", "job_variables"} {
		at = at.get(key)
		m := at.follow()
		if m == nil || m.Kind != yaml.MappingNode || len(m.Content) == 0 {
			return l
		}
		l.mappings = append(l.mappings, m)
	}
	l.image = at.get("image")
	return l
}

// set writes keys, each below the one before, into a block mapping, and the value at the end.
func (e *editor) set(root, at *yaml.Node, keys []string, value string) error {
	key, old := own(at, keys[0])
	switch {
	case key != nil && len(keys) == 1:
		return e.replace(root, old, keys[0], value)
	case at.Style&yaml.FlowStyle != 0:
		return e.refuse(at.Line, "a mapping that needs the key "+keys[0]+" is written in flow style, in braces", "write each key on a line of its own")
	case key == nil && (node{at}).has(keys[0]) && len(keys) > 1:
		return e.refuse(at.Line, keys[0]+" comes from a merge key", "write "+keys[0]+" out")
	case key == nil:
		return e.insert(root, at, keys, value)
	case old.Kind == yaml.AliasNode:
		return e.refuse(old.Line, keys[0]+" is an alias", "write "+keys[0]+" out")
	case old.Kind == yaml.ScalarNode && !(node{old}).null() || old.Kind == yaml.SequenceNode && len(old.Content) > 0:
		return e.refuse(old.Line, keys[0]+" is no mapping of keys to values", "write "+keys[0]+": and its keys below it, indented further")
	}
	return e.fill(old, keys[0], key.Column+1, nest(keys[1:], value))
}

// nest writes keys below each other.
func nest(keys []string, value string) []string {
	var out []string
	for i, k := range keys {
		line := strings.Repeat("  ", i) + k + ":"
		if i == len(keys)-1 {
			line += " " + value
		}
		out = append(out, line)
	}
	return out
}

// insert writes a new key behind the last of a mapping, or before another.
func (e *editor) insert(root, at *yaml.Node, keys []string, value string) error {
	lines := nest(keys, value)
	want, err := snippet(lines)
	if err != nil {
		return err
	}
	c := change{at: pathTo(root, at), add: want.Content}
	pad := at.Content[0].Column - 1
	if e.after(at, pad, lines, c) {
		return nil
	}
	starts := e.starts()
	for k := 0; k < min(len(at.Content), maxTries); k += 2 {
		i := starts[at.Content[k].Line-1]
		if e.try(e.with(i, i, e.block(i, pad, lines)), c) {
			return nil
		}
	}
	return e.unsafe(at.Line, keys[0])
}

// fill puts lines below a key in the place of null, {} or []: what is said there is taken away.
func (e *editor) fill(old *yaml.Node, key string, pad int, lines []string) error {
	root, err := e.root()
	if err != nil {
		return err
	}
	want, err := snippet(lines)
	if err != nil {
		return err
	}
	from, ok := e.offset(old)
	n, known := e.token(old, from)
	starts := e.starts()
	if !ok || !known || old.Anchor != "" || old.Line >= len(starts) {
		return e.refuse(old.Line, key+" has a value that cannot be replaced", "leave nothing behind "+key+":")
	}
	to := from + n
	next := starts[old.Line]
	rest := bytes.TrimRight(e.text[to:next], "\r\n")
	if len(bytes.TrimSpace(rest)) == 0 {
		from, to = len(bytes.TrimRight(e.text[:from], " ")), to+len(rest)
	}
	text := e.with(next, next, e.block(next, pad, lines))
	text = append(text[:from:from], text[to:]...)
	// The node is looked for in the document of now: it may have been parsed before an edit.
	if !e.try(text, change{at: pathAt(root, old), with: want}) {
		return e.unsafe(old.Line, key)
	}
	return nil
}

// replace puts another scalar in the place of one.
func (e *editor) replace(root, old *yaml.Node, key, value string) error {
	want, err := snippet([]string{value})
	if err != nil {
		return err
	}
	from, ok := e.offset(old)
	n, known := e.token(old, from)
	if !ok || !known || n == 0 && !(node{old}).null() {
		return e.refuse(old.Line, key+" has a value that cannot be replaced", "write it on one line, without a tag or an anchor")
	}
	if n == 0 {
		value = " " + value
	}
	if !e.try(e.with(from, from+n, value), change{at: pathTo(root, old), with: want}) {
		return e.unsafe(old.Line, key)
	}
	return nil
}

// token returns the length of a scalar's text, if it stands on one line as it is.
func (e *editor) token(at *yaml.Node, offset int) (int, bool) {
	if at.Anchor != "" {
		return 0, false
	}
	text := e.text[min(offset, len(e.text)):]
	var token string
	switch {
	case at.Kind == yaml.AliasNode:
		token = "*" + at.Value
	case at.Kind == yaml.SequenceNode:
		token = "[]"
	case at.Kind == yaml.MappingNode:
		token = "{}"
	case at.Style&yaml.SingleQuotedStyle != 0:
		token = "'" + strings.ReplaceAll(at.Value, "'", "''") + "'"
	case at.Style&yaml.DoubleQuotedStyle != 0:
		var w strings.Builder
		if len(text) == 0 || text[0] != '"' {
			return 0, false
		}
		n, err := quoted(string(text), &w)
		if err != nil || bytes.ContainsAny(text[:n], "\r\n") {
			return 0, false
		}
		return n, true
	case at.Style&^yaml.TaggedStyle == 0:
		token = at.Value
	default:
		return 0, false
	}
	return len(token), bytes.HasPrefix(text, []byte(token))
}

// pathAt finds a node by its place in the text.
func pathAt(root, like *yaml.Node) []int {
	if root.Line == like.Line && root.Column == like.Column && root.Kind == like.Kind {
		return []int{}
	}
	for i, c := range root.Content {
		if p := pathAt(c, like); p != nil {
			return append([]int{i}, p...)
		}
	}
	return nil
}
