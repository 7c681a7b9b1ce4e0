// Package rootfs is the merged view of an image's paths: which exist, what they are, where links lead.
//
// It holds names, modes, owners and link targets, never contents, and touches no file of the
// host. Layers are applied as the image specification says ("Applying Changesets") and as
// runtimes unpack them; what a runtime would refuse is refused. Symbolic links are followed as
// the kernel would inside the image: absolute targets start at its root and ".." never leaves it.
// A [Tree] may be read from several goroutines as long as nobody applies to it.
//
// Most callers decode a stored tree with [Decode] and ask [Tree.Resolve] where a path leads.
package rootfs

import (
	"iter"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Kinds of nodes that a base may hold beside [layers.File], [layers.Symlink] and [layers.Dir].
// The values are tar type flags (POSIX.1-2001, "ustar").
const (
	CharDevice  layers.Kind = '3'
	BlockDevice layers.Kind = '4'
	FIFO        layers.Kind = '6'
)

// Node is one path of an image. Of a hard link it tells what it is linked to.
type Node struct {
	Path   string // relative to the root, clean, no leading slash; "" is the root
	Kind   layers.Kind
	Mode   uint32 // permissions with setuid, setgid and sticky: 0 to 0o7777
	UID    int
	GID    int
	Size   int64  // of a file, in bytes
	Target string // of a symbolic link, verbatim
	// Ref is a number that [Tree.Apply] was given with the entry and that hard links take over, so
	// that a caller finds again what it knows of a file; it is not encoded.
	Ref int
}

// Tree is the merged view of an image. The zero value is not useful; see [New].
type Tree struct {
	root *inode
	len  int
}

// New is the tree of an image without layers: a root folder, 0755 and root's.
func New() *Tree { return &Tree{root: &inode{kind: layers.Dir, mode: 0o755}} }

// Len is the number of paths below the root.
func (t *Tree) Len() int { return t.len }

// Lookup returns the node at path. Nothing is followed: a path through a symbolic link is not found.
func (t *Tree) Lookup(path string) (Node, bool) {
	n := t.find(path)
	if n == nil {
		return Node{}, false
	}
	return n.node(path), true
}

func (t *Tree) find(path string) *inode {
	n := t.root
	for rest := path; rest != "" && n != nil; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		n = n.child(name)
	}
	return n
}

func (n *inode) node(path string) Node {
	return Node{Path: path, Kind: n.kind, Mode: n.mode, UID: int(n.uid), GID: int(n.gid), Size: n.size, Target: n.target, Ref: n.ref}
}

// Children returns what the folder at path holds, sorted by name; nothing if path is no folder.
func (t *Tree) Children(path string) []Node {
	n := t.find(path)
	if n == nil {
		return nil
	}
	kids := n.sorted()
	out := make([]Node, 0, len(kids))
	for _, c := range kids {
		out = append(out, c.node(join(path, c.name)))
	}
	return out
}

// All yields every path below the root, each folder before what it holds, names of a folder
// sorted by bytes: the order of sorted paths in which "/" comes before any other byte.
func (t *Tree) All() iter.Seq[Node] {
	return func(yield func(Node) bool) { t.root.walk("", yield) }
}

func (n *inode) walk(path string, yield func(Node) bool) bool {
	for _, c := range n.sorted() {
		at := join(path, c.name)
		if !yield(c.node(at)) || !c.walk(at, yield) {
			return false
		}
	}
	return true
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}
