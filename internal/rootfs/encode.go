package rootfs

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/layerpack/layerpack/pkg/layers"
)

// The stored form is text, one line per node in the order of [Tree.All], indented by a tab for
// each folder above it, so that names are said once:
//
//	layerpack-tree 1
//	/ d755
//	etc d755
//		passwd f644 839
//		mtab l777 /proc/mounts
//	home d755 1000:1000
//	end 4
//
// A line is name, kind and octal mode, then the size of a file or the target of a link, then the owner unless it is
// 0:0. Bytes of names and targets that are not printable ASCII, space and backslash are \xNN. The
// last line counts the nodes. There is exactly one text for a tree.
const (
	header = "layerpack-tree 1\n"
	footer = "end "
)

// letter is the kind in the stored form.
func letter(k layers.Kind) byte {
	switch k {
	case layers.File:
		return 'f'
	case layers.Dir:
		return 'd'
	case layers.Symlink:
		return 'l'
	case CharDevice:
		return 'c'
	case BlockDevice:
		return 'b'
	}
	return 'p' // put lets no other in
}

// Encode writes the tree's text: the same bytes for the same tree.
func (t *Tree) Encode(w io.Writer) error {
	e := &encoder{w: bufio.NewWriterSize(w, 64<<10)}
	_, _ = e.w.WriteString(header) // bufio keeps the first error for Flush
	e.line(0, "/", t.root)
	e.below(0, t.root)
	_, _ = e.w.WriteString(footer + strconv.Itoa(t.len) + "\n")
	if err := e.w.Flush(); err != nil {
		return fmt.Errorf("writing tree: %w", err)
	}
	return nil
}

type encoder struct {
	w   *bufio.Writer
	buf []byte
}

func (e *encoder) below(depth int, n *inode) {
	for _, c := range n.sorted() {
		e.line(depth, c.name, c.inode)
		e.below(depth+1, c.inode)
	}
}

func (e *encoder) line(depth int, name string, n *inode) {
	b := e.buf[:0]
	for range depth {
		b = append(b, '\t')
	}
	b = appendEscaped(b, name)
	b = append(b, ' ', letter(n.kind))
	b = strconv.AppendUint(b, uint64(n.mode), 8)
	switch n.kind {
	case layers.File:
		b = strconv.AppendInt(append(b, ' '), n.size, 10)
	case layers.Symlink:
		b = appendEscaped(append(b, ' '), n.target)
	}
	if n.uid != 0 || n.gid != 0 {
		b = strconv.AppendUint(append(b, ' '), uint64(n.uid), 10)
		b = strconv.AppendUint(append(b, ':'), uint64(n.gid), 10)
	}
	e.buf = append(b, '\n')
	_, _ = e.w.Write(e.buf)
}

const hexDigits = "0123456789abcdef"

func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}

func plain(c byte) bool { return c > ' ' && c < 0x7f && c != '\\' }
