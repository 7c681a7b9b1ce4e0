package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// walk collects the entries of one folder.
type walk struct {
	root     folder
	display  string // the folder as the user named it
	rules    rules
	excluded map[string]string // relative path -> why
	tree     *Tree
}

// host is rel as the user knows it.
func (w *walk) host(rel string) string {
	if rel == "." {
		return w.display
	}
	return filepath.Join(w.display, rel)
}

// folder adds what the folder rel holds; seen is what it was when it was found, above the
// verdict on it.
func (w *walk) folder(rel string, seen fs.FileInfo, above verdict) error {
	found, err := w.list(rel, seen, above)
	if err != nil {
		return err
	}
	for _, f := range found {
		if err := w.add(f); err != nil {
			return err
		}
	}
	return nil
}

// find is one name of a folder with the verdict on it.
type find struct {
	rel    string
	info   fs.FileInfo
	target string // of a symlink
	verdict
}

// list reads one folder. It is open no longer than that, so depth costs no file descriptors,
// and reading its names through itself costs one system call each at any depth.
func (w *walk) list(rel string, seen fs.FileInfo, above verdict) ([]find, error) {
	in, err := w.root.OpenRoot(rel)
	if err != nil {
		if now, lerr := w.root.Lstat(rel); lerr != nil || !now.IsDir() || !os.SameFile(seen, now) {
			return nil, changed(w.host(rel))
		}
		return nil, w.unreadable(rel, err)
	}
	defer in.Close()
	now, err := in.Stat(".")
	if err != nil {
		return nil, w.unreadable(rel, err)
	}
	if !os.SameFile(seen, now) {
		return nil, changed(w.host(rel)) // a symlink to another folder took its place
	}
	names, err := readNames(in)
	if err != nil {
		return nil, w.unreadable(rel, err)
	}
	found := make([]find, 0, len(names))
	for _, name := range names {
		f := find{rel: name}
		if rel != "." {
			f.rel = rel + "/" + name
		}
		if f.info, err = in.Lstat(name); err != nil {
			return nil, w.unreadable(f.rel, err)
		}
		if why, ok := w.excluded[f.rel]; ok {
			f.rule = why
		} else if f.verdict, err = w.rules.check(candidate{rel: f.rel, name: name, info: f.info, in: in, names: names}, above); err != nil {
			return nil, err
		}
		if f.info.Mode().Type() == fs.ModeSymlink && f.rule == "" {
			if f.target, err = in.Readlink(name); err != nil {
				return nil, changed(w.host(f.rel))
			}
		}
		found = append(found, f)
	}
	return found, nil
}

func readNames(in *os.Root) ([]string, error) {
	d, err := in.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// unreadable is the error for a path that was found and cannot be read.
func (w *walk) unreadable(rel string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return changed(w.host(rel))
	}
	return advise(hostError(w.host(rel), err), w.rules.hint())
}

// advise adds a way out to a refusal.
func advise(err error, hint string) error {
	var r *refusal.Error
	if !errors.As(err, &r) {
		return err
	}
	more := *r
	more.Fix += ", or " + hint
	return &more
}

// add adds one name and, if it is a folder, what it holds.
func (w *walk) add(f find) error {
	if f.rule != "" && !f.deeper {
		w.tree.LeftOut = append(w.tree.LeftOut, Left{Path: f.rel, Dir: f.info.IsDir(), Rule: f.rule})
		return nil
	}
	if f.deeper {
		return w.addExcepted(f)
	}
	if err := CheckPath(f.rel); err != nil {
		return advise(err, w.rules.hint())
	}
	e := layers.Entry{Path: f.rel, Kind: layers.File, Mode: perm(f.info), Origin: w.host(f.rel)}
	switch f.info.Mode().Type() {
	case 0:
		setFile(&e, w.root, f.rel, f.info, w.rules.hint())
	case fs.ModeDir:
		e.Kind = layers.Dir
	case fs.ModeSymlink:
		if err := checkText(f.rel, f.target, "target"); err != nil {
			return advise(err, w.rules.hint())
		}
		e.Kind, e.Mode, e.Target = layers.Symlink, 0o777, f.target
	default:
		return advise(notRegular(e.Origin, f.info, "remove it"), w.rules.hint())
	}
	w.tree.Entries = append(w.tree.Entries, e)
	if e.Kind == layers.Dir {
		return w.folder(f.rel, f.info, f.verdict)
	}
	return nil
}

// addExcepted adds a folder that is left out only if an exception takes something in it back;
// otherwise the folder is one row of what is left out, as if it had not been walked.
func (w *walk) addExcepted(f find) error {
	entries, left := len(w.tree.Entries), len(w.tree.LeftOut)
	if err := w.folder(f.rel, f.info, f.verdict); err != nil {
		return err
	}
	if len(w.tree.Entries) == entries {
		w.tree.LeftOut = append(w.tree.LeftOut[:left], Left{Path: f.rel, Dir: true, Rule: f.rule})
		return nil
	}
	if err := CheckPath(f.rel); err != nil {
		return advise(err, w.rules.hint())
	}
	w.tree.Entries = append(w.tree.Entries, layers.Entry{
		Path: f.rel, Kind: layers.Dir, Mode: perm(f.info), Origin: w.host(f.rel),
	})
	return nil
}

// setFile makes e the file rel of root.
func setFile(e *layers.Entry, root folder, rel string, info fs.FileInfo, hint string) {
	name := e.Origin
	e.Size = info.Size()
	e.Open = func() (io.ReadCloser, error) {
		f, err := openSame(root, rel, name, info)
		if err != nil {
			return nil, advise(err, hint)
		}
		return f, nil
	}
}

// notRegular refuses what is neither file, folder nor symlink.
func notRegular(name string, info fs.FileInfo, fix string) error {
	kind := "no regular file"
	switch mode := info.Mode(); {
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a pipe"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	}
	return refusal.New(printable(name), "is "+kind+", which an image layer of ours does not hold", fix)
}
