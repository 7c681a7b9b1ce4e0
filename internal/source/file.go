package source

import (
	"os"
	"path/filepath"

	"github.com/layerpack/layerpack/pkg/layers"
)

// File reads one path that the user named for itself, as with --file.
//
// A symlink is followed (Kubernetes mounts configuration as links); a folder gives what it
// holds, symlinks in it verbatim, and no ignore rule applies. The errors are those of [Folder],
// but for a single file its own name is not checked: only its destination counts.
func File(path string) (*Tree, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, hostError(path, err)
	}
	info, err := os.Stat(resolved)
	if err != nil {
		return nil, hostError(path, err)
	}
	if info.IsDir() {
		root, err := os.OpenRoot(resolved)
		if err != nil {
			return nil, hostError(path, err)
		}
		return grow(&walk{root: root, display: path, rules: everything{}})
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular(path, info, "write it to a file and name that")
	}
	root, err := os.OpenRoot(filepath.Dir(resolved))
	if err != nil {
		return nil, hostError(path, err)
	}
	e := layers.Entry{Kind: layers.File, Mode: perm(info), Origin: path}
	setFile(&e, root, filepath.Base(resolved), info, "name another file")
	return &Tree{Entries: []layers.Entry{e}, root: root}, nil
}
