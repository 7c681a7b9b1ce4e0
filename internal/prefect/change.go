package prefect

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// A change is the one place in which a new document may differ from the old one.
type change struct {
	at   []int        // the node, as positions in Content from the root
	add  []*yaml.Node // what a collection gets: an item at its end, or a key and its value anywhere
	with *yaml.Node   // or what the node is replaced by
	drop int          // or which item a list loses, counted from 1; the last one leaves null
}

// same reports whether now is old with the change. Aliases are compared by name: what they name is compared where it stands.
func (c change) same(old, now *yaml.Node) bool {
	if old == nil {
		// An empty document: all of it is what was added.
		return now != nil && len(c.at) == 0 && now.Kind == yaml.MappingNode && now.Tag == "!!map" && now.Style == 0 && now.Anchor == "" && equalAll(now.Content, c.add)
	}
	return now != nil && c.walk(old, now, c.at)
}

func (c change) walk(old, now *yaml.Node, at []int) bool {
	if len(at) == 0 {
		switch {
		case c.with != nil:
			return equal(now, c.with)
		case c.drop > 0 && len(old.Content) == 1:
			return (node{now}).null() && now.Anchor == "" && old.Anchor == ""
		case c.drop > 0:
			k := c.drop - 1
			return alike(old, now) && len(now.Content) == len(old.Content)-1 &&
				equalAll(now.Content[:k], old.Content[:k]) && equalAll(now.Content[k:], old.Content[k+1:])
		}
		return alike(old, now) && c.added(old, now)
	}
	if !alike(old, now) || len(old.Content) != len(now.Content) || at[0] >= len(old.Content) {
		return false
	}
	for i := range old.Content {
		if i == at[0] {
			if !c.walk(old.Content[i], now.Content[i], at[1:]) {
				return false
			}
		} else if !equal(old.Content[i], now.Content[i]) {
			return false
		}
	}
	return true
}

// added reports whether now has what old has, in its order, and the addition.
func (c change) added(old, now *yaml.Node) bool {
	n := len(c.add)
	if len(now.Content) != len(old.Content)+n {
		return false
	}
	step := 1
	if old.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i <= len(old.Content); i += step {
		if old.Kind == yaml.SequenceNode && i < len(old.Content) {
			continue
		}
		if equalAll(now.Content[i:i+n], c.add) && equalAll(now.Content[:i], old.Content[:i]) && equalAll(now.Content[i+n:], old.Content[i:]) {
			return true
		}
	}
	return false
}

// alike compares nodes without what is in them.
func alike(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.ShortTag() == b.ShortTag() && a.Anchor == b.Anchor && a.Style == b.Style
}

func equal(a, b *yaml.Node) bool { return alike(a, b) && equalAll(a.Content, b.Content) }

func equalAll(a, b []*yaml.Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// snippet parses lines that are to be inserted.
func snippet(lines []string) (*yaml.Node, error) {
	return parse([]byte(strings.Join(lines, "\n") + "\n"))
}

// pathTo returns the positions that lead from root to a node; nil where it is not found.
func pathTo(root, to *yaml.Node) []int {
	if root == to {
		return []int{}
	}
	for i, c := range root.Content {
		if p := pathTo(c, to); p != nil {
			return append([]int{i}, p...)
		}
	}
	return nil
}

// own returns key and value as a mapping itself writes them, the last of equal ones.
func own(at *yaml.Node, name string) (key, value *yaml.Node) {
	if at == nil || at.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(at.Content); i += 2 {
		k := node{at.Content[i]}
		if at.Content[i].ShortTag() != "!!merge" && k.value().Text == name && k.follow().Kind == yaml.ScalarNode {
			key, value = at.Content[i], at.Content[i+1]
		}
	}
	return key, value
}
