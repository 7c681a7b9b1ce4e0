package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ErrChanged is in the chain of the error for a file or folder that is not, when it is read,
// what it was when it was found.
var ErrChanged = errors.New("changed while it was being read")

// changed is the error for the host path name.
func changed(name string) error {
	return fmt.Errorf("%s: %w; try again when nothing else writes there", printable(name), ErrChanged)
}

// same says whether two looks at a path saw the same file in the same state. Size and modification time can be
// given back to a file that was written to; the time of its last change of status, which is in the stamp where the
// system tells it, cannot.
func same(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Mode().Type() == b.Mode().Type() &&
		a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && stampOf(a) == stampOf(b)
}

func stampOf(info fs.FileInfo) string {
	stamp, _ := WheelFile{Size: info.Size(), seen: info}.Stamp()
	return stamp
}

// folder is the part of [os.Root] that reading needs.
type folder interface {
	OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error)
	OpenRoot(name string) (*os.Root, error)
	Lstat(name string) (fs.FileInfo, error)
	Close() error
}

var _ folder = (*os.Root)(nil)

// openSame opens the file rel of root for reading if it still is the one seen; name is how
// messages call it.
func openSame(root folder, rel, name string, seen fs.FileInfo) (*guarded, error) {
	// A file that became a pipe since would block an ordinary open until somebody writes.
	f, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		// What escapes the root or is gone now was a plain file when it was found.
		if now, lerr := root.Lstat(rel); lerr != nil || !same(seen, now) {
			return nil, changed(name)
		}
		return nil, hostError(name, err)
	}
	now, err := f.Stat()
	if err == nil && !same(seen, now) {
		err = changed(name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &guarded{file: f, name: name, seen: seen, left: seen.Size()}, nil
}

// guarded reads a file and fails if it grows, shrinks or is written to meanwhile.
type guarded struct {
	file *os.File
	name string
	seen fs.FileInfo
	left int64 // bytes still to come
}

func (g *guarded) Read(p []byte) (int, error) {
	n, err := g.file.Read(p)
	g.left -= int64(n)
	if g.left < 0 {
		return 0, changed(g.name)
	}
	if errors.Is(err, io.EOF) {
		now, serr := g.file.Stat()
		if serr != nil || g.left != 0 || !same(g.seen, now) {
			return n, changed(g.name)
		}
	}
	return n, err
}

func (g *guarded) Close() error { return g.file.Close() }
