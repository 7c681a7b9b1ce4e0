package prefect

import "go.yaml.in/yaml/v3"

// node is a YAML node as Python's reader would have it: aliases are followed, merge keys (<<) are
// looked through, and of two equal keys the last counts. Nothing is ever expanded, so that a few
// bytes that stand for billions cost nothing.
type node struct{ at *yaml.Node }

// maxAliases bounds a chain of aliases; YAML has no alias of an alias, so one would do.
const maxAliases = 8

func (n node) follow() *yaml.Node {
	at := n.at
	for i := 0; at != nil && at.Kind == yaml.AliasNode && i < maxAliases; i++ {
		at = at.Alias
	}
	if at != nil && at.Kind == yaml.AliasNode {
		return nil
	}
	return at
}

// null reports whether nothing was written, or null.
func (n node) null() bool {
	at := n.follow()
	return at == nil || at.Kind == yaml.ScalarNode && at.ShortTag() == "!!null"
}

func (n node) line() int {
	if n.at == nil {
		return 0
	}
	return n.at.Line
}

// value returns a scalar; a mapping, a sequence and null give the zero Value.
func (n node) value() Value {
	at := n.follow()
	if at == nil || at.Kind != yaml.ScalarNode || n.null() {
		return Value{}
	}
	return Value{Text: at.Value, Line: at.Line}
}

// items returns the items of a sequence, nil of anything else.
func (n node) items() []node {
	at := n.follow()
	if at == nil || at.Kind != yaml.SequenceNode {
		return nil
	}
	items := make([]node, len(at.Content))
	for i, c := range at.Content {
		items[i] = node{c}
	}
	return items
}

// pair is one entry of a mapping.
type pair struct{ key, value node }

// pairs returns the entries of a mapping with those that merge keys bring, each key once.
func (n node) pairs() []pair {
	var all []pair
	n.collect(&all, map[*yaml.Node]bool{})
	last := map[string]int{}
	for i, p := range all {
		last[p.key.value().Text] = i
	}
	once := all[:0]
	for i, p := range all {
		if last[p.key.value().Text] == i {
			once = append(once, p)
		}
	}
	return once
}

// collect appends entries in the order in which Python's reader lets later ones win: what is
// merged before what the mapping says itself, and of a list of mappings the first one last. A
// mapping that was seen before is left out: it would bring the same again.
func (n node) collect(all *[]pair, seen map[*yaml.Node]bool) {
	at := n.follow()
	if at == nil || at.Kind != yaml.MappingNode || seen[at] {
		return
	}
	seen[at] = true
	for i := 0; i+1 < len(at.Content); i += 2 {
		if at.Content[i].ShortTag() != "!!merge" {
			continue
		}
		from := node{at.Content[i+1]}
		if list := from.items(); list != nil {
			for k := len(list) - 1; k >= 0; k-- {
				list[k].collect(all, seen)
			}
			continue
		}
		from.collect(all, seen)
	}
	for i := 0; i+1 < len(at.Content); i += 2 {
		key := node{at.Content[i]}
		if k := key.follow(); k == nil || k.Kind != yaml.ScalarNode || at.Content[i].ShortTag() == "!!merge" {
			continue
		}
		*all = append(*all, pair{key, node{at.Content[i+1]}})
	}
}

// get returns the value of a key; a missing one gives a node without anything.
func (n node) get(key string) node {
	found := node{}
	for _, p := range n.pairs() {
		if p.key.value().Text == key {
			found = p.value
		}
	}
	return found
}

// has reports whether the key is written, be it with null.
func (n node) has(key string) bool { return n.get(key).at != nil }
