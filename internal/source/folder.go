package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Options are what [Folder] leaves out beside what its rules do.
type Options struct {
	// Exclude are paths that are never part of the source, whatever .dockerignore says.
	Exclude []Exclusion
}

// Exclusion is a path of the host that a source must not take in: an output, a cache, wheels.
type Exclusion struct {
	// Path may be relative to the working directory, need not exist and need not be in the
	// source. The source folder itself and folders around it exclude nothing: with wheels
	// lying loose in the project, name each.
	Path string
	Why  string // for [Left].Rule: "named by --wheels"
}

// Folder reads the names, kinds and modes of what the folder dir holds; the bytes of files are
// read by [Tree.Hash] and by opening an entry. dir itself may be a symlink.
//
// What a .dockerignore directly in dir matches is left out, by Docker's rules; without that
// file, the built-in excludes are: version control, virtual environments, caches, secrets,
// private keys, editor files.
//
// It refuses a dir that is missing or no folder, a .dockerignore with an invalid pattern, and,
// unless left out: sockets, pipes, devices, folders it may not read, names refused by [CheckPath].
func Folder(dir string, o Options) (*Tree, error) {
	root, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	excluded, err := exclusions(dir, o.Exclude)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	r, err := readDockerignore(root, dir)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	if r == nil {
		r = builtinRules(builtins())
	}
	return grow(&walk{root: root, display: dir, rules: r, excluded: excluded})
}

// openFolder opens dir, a name given by the user.
func openFolder(dir string) (*os.Root, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, hostError(dir, err)
	}
	if !info.IsDir() {
		return nil, refusal.New(printable(dir), "is not a folder", "name a folder, or use --file for a single file")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, hostError(dir, err)
	}
	return root, nil
}

// grow walks the whole of w.root, which then belongs to the tree.
func grow(w *walk) (*Tree, error) {
	w.tree = &Tree{Dir: true, root: w.root}
	info, err := w.root.Lstat(".")
	if err == nil {
		err = w.folder(".", info, verdict{})
	}
	if err != nil {
		return nil, errors.Join(err, w.root.Close())
	}
	slices.SortFunc(w.tree.Entries, func(a, b layers.Entry) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(w.tree.LeftOut, func(a, b Left) int { return strings.Compare(a.Path, b.Path) })
	return w.tree, nil
}

// exclusions maps paths relative to dir, slash-separated, to why they are excluded. Both may
// be reached through symlinks, so each is taken as written and as resolved.
func exclusions(dir string, list []Exclusion) (map[string]string, error) {
	tops, err := spellings(dir)
	if err != nil {
		return nil, err
	}
	excluded := map[string]string{}
	for _, x := range list {
		paths, err := spellings(x.Path)
		if err != nil {
			return nil, err
		}
		for _, top := range tops {
			for _, p := range paths {
				rel, err := filepath.Rel(top, p)
				if err != nil || !filepath.IsLocal(rel) || rel == "." {
					continue // not below top
				}
				if rel = filepath.ToSlash(rel); excluded[rel] == "" {
					excluded[rel] = x.Why
				}
			}
		}
	}
	return excluded, nil
}

// spellings returns the absolute names of path: as written, with the symlinks of its folder
// resolved, and fully resolved; the latter two where they exist.
func spellings(path string) ([]string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, hostError(path, err)
	}
	names := []string{abs}
	if parent, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		names = append(names, filepath.Join(parent, filepath.Base(abs)))
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		names = append(names, real)
	}
	return slices.Compact(names), nil
}

// perm is the mode an image gets: what the owner may execute, and folders, 0755, else 0644.
func perm(info fs.FileInfo) uint32 {
	if info.IsDir() || info.Mode()&0o100 != 0 {
		return 0o755
	}
	return 0o644
}
