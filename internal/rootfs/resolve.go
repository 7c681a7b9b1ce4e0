package rootfs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// Errors of [Tree.Resolve], as the kernel has them (path_resolution(7)).
var (
	ErrLoop   = errors.New("too many symbolic links") // ELOOP
	ErrNotDir = errors.New("not a directory")         // ENOTDIR
)

// maxLinks is how many symbolic links Linux follows in one path.
const maxLinks = 40

// Resolve follows every symbolic link of path, the last part too, and returns where it leads as a
// clean relative path; "" is the root. Parts that do not exist are kept, so that it also says
// where a new file would land. path may be absolute or relative to the image's root.
// Errors wrap [ErrLoop] or [ErrNotDir].
func (t *Tree) Resolve(path string) (string, error) {
	var (
		at    []string // where we are, free of links
		nodes = []*inode{t.root}
		links int
	)
	for rest := path; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if name == "" {
			continue
		}
		parent := nodes[len(nodes)-1] // nil where nothing exists
		if parent != nil && parent.kind != layers.Dir {
			return "", fmt.Errorf("%s: /%s: %w", path, strings.Join(at, "/"), ErrNotDir)
		}
		if name == "." {
			continue
		}
		if name == ".." {
			if len(at) > 0 {
				at, nodes = at[:len(at)-1], nodes[:len(nodes)-1]
			}
			continue
		}
		var n *inode
		if parent != nil {
			n = parent.child(name)
		}
		if n == nil || n.kind != layers.Symlink {
			at, nodes = append(at, name), append(nodes, n)
			continue
		}
		if links++; links > maxLinks {
			return "", fmt.Errorf("%s: %w", path, ErrLoop)
		}
		if strings.HasPrefix(n.target, "/") {
			at, nodes = at[:0], nodes[:1]
		}
		rest = n.target + "/" + rest
	}
	return strings.Join(at, "/"), nil
}

// ResolveParent is [Tree.Resolve] for a path that will be created or replaced: the last part is
// not followed. A path that ends in "." or ".." has no such part and is followed whole.
func (t *Tree) ResolveParent(path string) (string, error) {
	path = strings.TrimRight(path, "/")
	i := strings.LastIndexByte(path, '/')
	dir, name := path[:max(i, 0)], path[i+1:]
	if name == "" || name == "." || name == ".." {
		return t.Resolve(path)
	}
	dir, err := t.Resolve(dir)
	if err != nil {
		return "", err
	}
	if n := t.find(dir); n != nil && n.kind != layers.Dir {
		return "", fmt.Errorf("%s: /%s: %w", path, dir, ErrNotDir)
	}
	return join(dir, name), nil
}
