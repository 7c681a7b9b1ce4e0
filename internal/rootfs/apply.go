package rootfs

import (
	"strconv"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// HardLink is the kind of an [Entry] that gives a file of the image a second name.
const HardLink layers.Kind = '1'

// Entry is one entry of a layer, in the words of its tar. Its Path may be any that [Clean] takes.
// A whiteout is a file with a name that begins ".wh." (image-spec, "Whiteouts").
type Entry struct {
	Node
	// Link is the path a [HardLink] is linked to, as the tar has it.
	Link string
}

const (
	whiteout     = ".wh."
	whiteoutMeta = ".wh..wh." // aufs keeps its own files under such names
	opaque       = ".wh..wh..opq"
)

// Apply puts a layer over the tree (image-spec, "Applying Changesets"). Whiteouts count for the
// layers below only, wherever they stand among entries. Entries go through the symbolic links of
// their parents, missing parents are made (0755, root's), what is replaced by another kind is removed with what it
// holds, and a folder over a folder changes its mode and owner alone.
// What no runtime unpacks is refused with a [refusal.Error]; the tree is then half-changed and must not be used.
func (t *Tree) Apply(entries []Entry) error {
	var rest []int
	for i := range entries {
		path, err := Clean(entries[i].Path)
		if err != nil {
			return err
		}
		marker, err := isMarker(path)
		if err != nil {
			return err
		}
		if marker {
			t.whiteout(path)
		} else {
			rest = append(rest, i)
		}
	}
	for _, i := range rest {
		path, err := Clean(entries[i].Path)
		if err != nil {
			return err
		}
		if err := t.put(path, &entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// isMarker says whether path is a whiteout or another marker rather than a file of the image.
func isMarker(path string) (bool, error) {
	if !strings.Contains(path, whiteout) { // nearly always
		return false, nil
	}
	dir, name := split(path)
	for part := range strings.SplitSeq(dir, "/") {
		if strings.HasPrefix(part, whiteoutMeta) {
			return true, nil
		}
		if strings.HasPrefix(part, whiteout) {
			return false, refusal.Newf(quote(path), "a whiteout (%q) cannot be a folder", part)
		}
	}
	if !strings.HasPrefix(name, whiteout) {
		return false, nil
	}
	switch name[len(whiteout):] {
	case "", ".", "..":
		return false, refusal.Newf(quote(path), "a whiteout must name what it removes")
	}
	return true, nil
}

// whiteout removes from the tree what the marker at path says. A marker for nothing is nothing.
func (t *Tree) whiteout(path string) {
	dir, name := split(path)
	at, err := t.Resolve(dir)
	if err != nil || strings.Contains(dir, whiteoutMeta) {
		return
	}
	parent := t.find(at)
	switch {
	case parent == nil || parent.kind != layers.Dir:
	case name == opaque:
		t.len -= parent.count()
		parent.clear()
	case !strings.HasPrefix(name, whiteoutMeta):
		t.remove(parent, name[len(whiteout):])
	}
}

func (t *Tree) remove(parent *inode, name string) {
	if n := parent.child(name); n != nil {
		t.len -= 1 + n.count()
		parent.remove(name)
	}
}

func split(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

func quote(s string) string {
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return strconv.Quote(s)
}
