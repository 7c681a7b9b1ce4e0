package cache

import (
	"fmt"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// fileChanges compares the paths of two recipes: one change in full, of several a count and the first two.
func fileChanges(old, want *layers.Recipe) []string {
	before := map[string]layers.FileInput{}
	for _, f := range old.Files {
		before[f.Path] = f
	}
	root := ""
	if want.Role == layers.RoleSource {
		root = rootOf(want.Files)
	}
	var names, changes []string
	add := func(f layers.FileInput, change string) {
		name := show(nameIn(root, f.Path))
		names, changes = append(names, name), append(changes, strings.TrimSpace(kindOf(f)+name+" "+change))
	}
	for _, f := range want.Files {
		if p, ok := before[f.Path]; !ok {
			add(f, "added")
		} else if p != f {
			add(f, fileChange(p, f))
		}
		delete(before, f.Path)
	}
	for _, f := range old.Files {
		if _, ok := before[f.Path]; ok {
			add(f, "removed")
		}
	}
	if len(changes) < 2 {
		return changes
	}
	what := "files"
	if want.Role == layers.RoleRemovals {
		what = "removals"
	}
	list := strings.Join(names[:2], ", ")
	if len(names) > 2 {
		list += ", …"
	}
	return []string{fmt.Sprintf("%d %s (%s)", len(names), what, list)}
}

func fileChange(old, want layers.FileInput) string {
	switch {
	case old.SHA256 != want.SHA256 || old.Link != want.Link || old.Removed != want.Removed:
		return ""
	case old.Mode != want.Mode:
		return "mode " + show(old.Mode) + " -> " + show(want.Mode)
	}
	return "owner"
}

func kindOf(f layers.FileInput) string {
	switch {
	case f.Removed:
		return "removal of "
	case f.Link != "":
		return "link "
	case f.SHA256 == "":
		return "folder "
	}
	return "file "
}

// rootOf is the folder that holds everything but the folders on the way to it.
func rootOf(files []layers.FileInput) string {
	var paths []string
	for _, f := range files {
		if f.SHA256 != "" || f.Link != "" {
			paths = append(paths, f.Path)
		}
	}
	if len(paths) == 0 {
		return ""
	}
	a, b := slices.Min(paths), slices.Max(paths)
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[:strings.LastIndexByte(a[:n], '/')+1]
}

// nameIn is a path below a folder, or from the root.
func nameIn(root, path string) string {
	if rest, ok := strings.CutPrefix(path, root); ok && root != "" && rest != "" {
		return rest
	}
	return "/" + path
}
