package rootfs

import (
	"math"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// put makes or replaces the node at path, which is clean.
func (t *Tree) put(path string, e *Entry) error {
	n, err := t.inode(path, e)
	if err != nil {
		return err
	}
	if path == "" {
		if n.kind != layers.Dir {
			return refusal.Newf("/", "the root must be a folder")
		}
		t.root.mode, t.root.uid, t.root.gid = n.mode, n.uid, n.gid
		return nil
	}
	dir, name := split(path)
	parent, err := t.parent(path, dir)
	if err != nil {
		return err
	}
	old := parent.child(name)
	switch {
	case old == nil:
		t.len++
	case old.kind == layers.Dir && n.kind == layers.Dir:
		old.mode, old.uid, old.gid = n.mode, n.uid, n.gid
		return nil
	default:
		t.len -= old.count()
	}
	parent.set(name, n)
	if t.len > maxNodes {
		return refusal.Newf(quote(path), "the image has more than %d paths", maxNodes)
	}
	return nil
}

// parent returns the folder that path's last part goes into, through links, making what is missing.
func (t *Tree) parent(path, dir string) (*inode, error) {
	if n := t.find(dir); n != nil && n.kind == layers.Dir { // no link on the way: nearly always
		return n, nil
	}
	at, err := t.Resolve(dir)
	if err != nil {
		return nil, &refusal.Error{Input: quote(path), Cause: "its folder cannot be reached", Err: err}
	}
	if _, err := Clean(at); err != nil { // links can lead to longer paths than a name can say
		return nil, &refusal.Error{Input: quote(path), Cause: "its folder cannot be made", Err: err}
	}
	n := t.root
	for rest := at; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		c := n.child(name)
		if c == nil {
			c = &inode{kind: layers.Dir, mode: 0o755}
			n.set(name, c)
			t.len++
		}
		n = c
	}
	if n.kind != layers.Dir {
		return nil, &refusal.Error{Input: quote(path), Cause: "its folder cannot be reached", Err: ErrNotDir}
	}
	return n, nil
}

// inode is the node that e describes.
func (t *Tree) inode(path string, e *Entry) (*inode, error) {
	if e.Mode > 0o7777 || e.UID < 0 || e.GID < 0 || int64(e.UID) > math.MaxUint32 || int64(e.GID) > math.MaxUint32 || e.Size < 0 {
		return nil, refusal.Newf(quote(path), "mode %o, owner %d:%d or size %d is out of range", e.Mode, e.UID, e.GID, e.Size)
	}
	n := &inode{kind: e.Kind, mode: e.Mode, uid: uint32(e.UID), gid: uint32(e.GID), ref: e.Ref}
	switch e.Kind {
	case layers.File:
		n.size = e.Size
	case layers.Symlink:
		if e.Target == "" || len(e.Target) > maxPath || strings.IndexByte(e.Target, 0) >= 0 {
			return nil, refusal.Newf(quote(path), "a symbolic link to %s", quote(e.Target))
		}
		n.target = e.Target
	case HardLink:
		return t.linked(path, e.Link)
	case layers.Dir, CharDevice, BlockDevice, FIFO:
	default:
		return nil, refusal.Newf(quote(path), "an entry of type %q", rune(e.Kind))
	}
	return n, nil
}

// linked is a copy of what a hard link points to. The link's own last part is not followed, as in link(2).
func (t *Tree) linked(path, link string) (*inode, error) {
	clean, err := Clean(link)
	if err != nil {
		return nil, &refusal.Error{Input: quote(path), Cause: "a hard link that leaves the image", Err: err}
	}
	at, err := t.ResolveParent(clean)
	if err != nil {
		return nil, &refusal.Error{Input: quote(path), Cause: "a hard link to " + quote(link), Err: err}
	}
	n := t.find(at)
	switch {
	case n == nil:
		return nil, refusal.Newf(quote(path), "a hard link to %s, which does not exist", quote(link))
	case n.kind == layers.Dir:
		return nil, refusal.Newf(quote(path), "a hard link to the folder %s", quote(link))
	}
	if own, err := t.ResolveParent(path); err == nil && own == at {
		return nil, refusal.Newf(quote(path), "a hard link to itself")
	}
	c := *n
	return &c, nil
}
