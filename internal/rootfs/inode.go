package rootfs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// inode is a node without its path: its name is its parent's business.
type inode struct {
	kind     layers.Kind
	mode     uint32
	uid, gid uint32
	ref      int
	size     int64
	target   string
	// What a folder holds. It is a sorted list when it was decoded, which is fast to make and to
	// read, and becomes a map when it is changed; one of the two is nil.
	list  []child
	names map[string]*inode
}

type child struct {
	name string
	*inode
}

func (n *inode) child(name string) *inode {
	if n.names != nil {
		return n.names[name]
	}
	i, ok := slices.BinarySearchFunc(n.list, name, func(c child, name string) int { return strings.Compare(c.name, name) })
	if !ok {
		return nil
	}
	return n.list[i].inode
}

// sorted is what n holds, sorted by name.
func (n *inode) sorted() []child {
	if n.names == nil {
		return n.list
	}
	out := make([]child, 0, len(n.names))
	for name, c := range n.names {
		out = append(out, child{name, c})
	}
	slices.SortFunc(out, func(a, b child) int { return cmp.Compare(a.name, b.name) })
	return out
}

func (n *inode) set(name string, c *inode) {
	n.change()
	n.names[name] = c
}

func (n *inode) remove(name string) {
	n.change()
	delete(n.names, name)
}

func (n *inode) clear() { n.list, n.names = nil, nil }

func (n *inode) change() {
	if n.names != nil {
		return
	}
	n.names = make(map[string]*inode, len(n.list)+1)
	for _, c := range n.list {
		n.names[c.name] = c.inode
	}
	n.list = nil
}

// count is the number of nodes below n.
func (n *inode) count() int {
	total := len(n.list) + len(n.names)
	for _, c := range n.list {
		total += c.count()
	}
	for _, c := range n.names {
		total += c.count()
	}
	return total
}
