//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"
)

// node is one file, folder or link of an image, as the host sees it.
type node struct {
	path     string // on the host
	mode     fs.FileMode
	uid, gid uint32
	size     int64  // of a regular file
	target   string // of a link
	xattrs   string // names of extended attributes, each with a final zero byte
}

// tree reads all below a folder, by names relative to it, without its mounts.
func tree(t *testing.T, root string) map[string]node {
	t.Helper()
	nodes := map[string]node{}
	err := walk(root, func(name string, e fs.DirEntry) {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		st := info.Sys().(*syscall.Stat_t)
		n := node{path: filepath.Join(root, name), mode: info.Mode(), uid: st.Uid, gid: st.Gid}
		switch {
		case n.mode.IsRegular():
			n.size = info.Size()
		case n.mode&fs.ModeSymlink != 0:
			if n.target, err = os.Readlink(n.path); err != nil {
				t.Fatal(err)
			}
			nodes[name] = n
			return
		}
		list := make([]byte, 1<<10)
		if k, err := syscall.Listxattr(n.path, list); err == nil {
			n.xattrs = string(list[:k])
		} else if !errors.Is(err, syscall.ENOTSUP) {
			t.Fatalf("%s: %v", n.path, err)
		}
		nodes[name] = n
	})
	if err != nil {
		t.Fatal(err)
	}
	return nodes
}

// difference is one between two trees, theirs and ours. A missing node is nil.
type difference struct {
	name         string // of the file
	what         string // only theirs, only ours, type, mode, owner, target, attributes, bytes
	theirs, ours *node
}

// comparison counts what was compared and what was different for a reason that is listed.
type comparison struct {
	files, folders, links int
	bytes                 int64
	named                 map[string]int
	unexplained           int
}

// trees compares two trees whole. explain answers the listed reason of a difference, "" if there
// is none; what it does not explain fails the test.
func (c *comparison) trees(t *testing.T, theirs, ours map[string]node, explain func(*testing.T, difference) string) {
	t.Helper()
	if c.named == nil {
		c.named = map[string]int{}
	}
	names := map[string]bool{}
	for _, nodes := range []map[string]node{theirs, ours} {
		for name := range nodes {
			names[name] = true
		}
	}
	sorted := slices.Sorted(maps.Keys(names))
	find := func(nodes map[string]node, name string) *node {
		if n, ok := nodes[name]; ok {
			return &n
		}
		return nil
	}
	// Small files by the ten thousand: reading them takes all cores.
	what := make([][]string, len(sorted))
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for i, name := range sorted {
		group.Go(func() (err error) {
			what[i], err = unlike(find(theirs, name), find(ours, name))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, name := range sorted {
		d := difference{name: name, theirs: find(theirs, name), ours: find(ours, name)}
		c.count(d)
		for _, d.what = range what[i] {
			if reason := explain(t, d); reason != "" {
				c.named[reason]++
			} else {
				c.fail(t, "%s: %s\ntheirs %v\nours   %v", name, d.what, d.theirs, d.ours)
			}
		}
	}
}

// count notes what is in both trees.
func (c *comparison) count(d difference) {
	switch {
	case d.theirs == nil || d.ours == nil:
	case d.ours.mode.IsRegular():
		c.files++
		c.bytes += d.ours.size
	case d.ours.mode.IsDir():
		c.folders++
	default:
		c.links++
	}
}

// unlike lists in what two nodes differ.
func unlike(theirs, ours *node) (what []string, err error) {
	switch {
	case theirs == nil:
		return []string{"only ours"}, nil
	case ours == nil:
		return []string{"only theirs"}, nil
	case theirs.mode.Type() != ours.mode.Type():
		return []string{"type"}, nil
	}
	note := func(word string, different bool) {
		if different {
			what = append(what, word)
		}
	}
	note("mode", theirs.mode != ours.mode)
	note("owner", theirs.uid != ours.uid || theirs.gid != ours.gid)
	note("target", theirs.target != ours.target)
	note("attributes", theirs.xattrs != ours.xattrs)
	if ours.mode.IsRegular() {
		same := theirs.size == ours.size
		if same {
			same, err = sameBytes(theirs.path, ours.path)
		}
		note("bytes", !same)
	}
	return what, err
}

func (c *comparison) fail(t *testing.T, format string, args ...any) {
	t.Helper()
	if c.unexplained++; c.unexplained <= 40 {
		t.Errorf(format, args...)
	}
}

// report says what was compared. Each reason listed has to occur, or it need not be listed.
func (c *comparison) report(t *testing.T, listed []string) {
	t.Helper()
	t.Logf("%d files of %d bytes, %d folders and %d links compared", c.files, c.bytes, c.folders, c.links)
	for _, reason := range listed {
		t.Logf("%6d %s", c.named[reason], reason)
		if c.named[reason] == 0 {
			t.Errorf("this difference is listed but does not occur: %s", reason)
		}
	}
	for reason := range c.named {
		if !slices.Contains(listed, reason) {
			t.Errorf("this difference is not listed: %s", reason)
		}
	}
	t.Logf("%6d unexplained", c.unexplained)
}

func sameBytes(a, b string) (bool, error) {
	f, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer f.Close()
	g, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer g.Close()
	x, y := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(f, x)
		m, other := io.ReadFull(g, y)
		if err == nil && other == nil && bytes.Equal(x, y) {
			continue
		}
		for _, err := range []error{err, other} {
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				return false, err
			}
		}
		return err != nil && other != nil && bytes.Equal(x[:n], y[:m]), nil
	}
}

// added lists the names that one tree has and another has not and that match, sorted.
func added(nodes, before map[string]node, match func(name string, n node) bool) (names []string) {
	for name, n := range nodes {
		if _, old := before[name]; !old && match(name, n) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// directlyIn reports whether a name lies directly in a folder.
func directlyIn(name, dir string) bool {
	rest, ok := strings.CutPrefix(name, dir+"/")
	return ok && !strings.Contains(rest, "/")
}
