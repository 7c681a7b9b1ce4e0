package rootfs

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
)

// maxText bounds what Decode holds in memory, in bytes: some ten million paths.
const maxText = 512 << 20

// Decode reads what [Tree.Encode] wrote, and nothing else: a text that is cut, out of order or
// written in another way is an error.
func Decode(r io.Reader) (*Tree, error) {
	var text strings.Builder
	n, err := io.Copy(&text, io.LimitReader(r, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("reading tree: %w", err)
	}
	if n > maxText {
		return nil, fmt.Errorf("reading tree: more than %d bytes", maxText)
	}
	return decode(text.String())
}

func decode(text string) (*Tree, error) {
	if !strings.HasPrefix(text, header) {
		return nil, fmt.Errorf("reading tree: it does not begin with %q", header)
	}
	d := &decoder{rest: text[len(header):], line: 1}
	line := d.next()
	root := d.alloc()
	if name, ok := parse(line, root); !ok || name != "/" || root.kind != layers.Dir {
		return nil, d.errorf("the root is %q", cut(line))
	}
	d.open(root)
	for d.rest != "" {
		line := d.next()
		if count, ok := strings.CutPrefix(line, footer); ok && d.rest == "" && count == strconv.Itoa(d.count) {
			d.close(0)
			return &Tree{root: root, len: d.count}, nil
		}
		if err := d.add(line); err != nil {
			return nil, err
		}
	}
	return nil, d.errorf("the end is missing or has another count than %d", d.count)
}

type decoder struct {
	rest  string
	line  int // of the text, from 1
	count int
	// levels[:depth] are the folders that may get the next line, the root first. Those above
	// are kept for their memory.
	levels []level
	depth  int
	inodes []inode // not used yet, allocated many at a time
	kids   []child
}

type level struct {
	dir  *inode
	kids []child // of dir, as far as read
}

// slab is how many nodes are allocated at once.
const slab = 512

func (d *decoder) alloc() *inode {
	if len(d.inodes) == 0 {
		d.inodes = make([]inode, slab)
	}
	n := &d.inodes[0]
	d.inodes = d.inodes[1:]
	return n
}

func (d *decoder) open(dir *inode) {
	if d.depth == len(d.levels) {
		d.levels = append(d.levels, level{})
	}
	l := &d.levels[d.depth]
	l.dir, l.kids = dir, l.kids[:0]
	d.depth++
}

// close ends the folders below depth: no more lines can belong to them.
func (d *decoder) close(depth int) {
	for d.depth > depth {
		d.depth--
		l := &d.levels[d.depth]
		n := len(l.kids)
		if n == 0 {
			continue
		}
		if len(d.kids) < n {
			d.kids = make([]child, max(n, slab))
		}
		l.dir.list, d.kids = d.kids[:n:n], d.kids[n:]
		copy(l.dir.list, l.kids)
	}
}

func (d *decoder) errorf(format string, args ...any) error {
	return fmt.Errorf("reading tree: line %d: "+format, append([]any{d.line}, args...)...)
}

func (d *decoder) next() string {
	line, rest, ok := strings.Cut(d.rest, "\n")
	if !ok { // every line ends
		line = ""
	}
	d.rest = rest
	d.line++
	return line
}

func (d *decoder) add(line string) error {
	depth := 0
	for depth < len(line) && line[depth] == '\t' {
		depth++
	}
	if depth >= d.depth {
		return d.errorf("%q is deeper than the folder above it", cut(line))
	}
	n := d.alloc()
	name, ok := parse(line[depth:], n)
	if !ok || len(name) > maxName || name == "" || !isClean(name) || strings.IndexByte(name, '/') >= 0 {
		return d.errorf("cannot be understood: %q", cut(line))
	}
	d.close(depth + 1)
	l := &d.levels[depth]
	if k := len(l.kids); k > 0 && name <= l.kids[k-1].name {
		return d.errorf("%q does not come after %q", cut(name), cut(l.kids[k-1].name))
	}
	l.kids = append(l.kids, child{name, n})
	d.count++
	if n.kind == layers.Dir {
		d.open(n)
	}
	return nil
}

// parse reads a line without its indentation into n and returns the name.
func parse(line string, n *inode) (string, bool) {
	name, rest, ok := strings.Cut(line, " ")
	if !ok || rest == "" {
		return "", false
	}
	name, ok = unescape(name)
	n.kind, ok = kindOf(rest[0], ok)
	field, rest, more := strings.Cut(rest[1:], " ")
	mode, ok := number(field, 8, 12, ok)
	n.mode = uint32(mode)
	if n.kind == layers.File || n.kind == layers.Symlink {
		ok = ok && more
		field, rest, more = strings.Cut(rest, " ")
		if n.kind == layers.File {
			var size uint64
			size, ok = number(field, 10, 63, ok)
			n.size = int64(size)
		} else {
			var good bool
			n.target, good = unescape(field)
			ok = ok && good && n.target != "" && len(n.target) <= maxPath && strings.IndexByte(n.target, 0) < 0
		}
	}
	if more {
		u, g, colon := strings.Cut(rest, ":")
		uid, good := number(u, 10, 32, ok && colon)
		gid, good := number(g, 10, 32, good)
		ok = good && (uid != 0 || gid != 0)
		n.uid, n.gid = uint32(uid), uint32(gid)
	}
	return name, ok
}

func kindOf(c byte, ok bool) (layers.Kind, bool) {
	switch c {
	case 'f':
		return layers.File, ok
	case 'd':
		return layers.Dir, ok
	case 'l':
		return layers.Symlink, ok
	case 'c':
		return CharDevice, ok
	case 'b':
		return BlockDevice, ok
	case 'p':
		return FIFO, ok
	}
	return 0, false
}

// number reads digits without sign, leading zeros or anything else; bits is how many it may need.
func number(s string, base, bits int, ok bool) (uint64, bool) {
	if !ok || s == "" || (s[0] == '0' && len(s) > 1) || s[0] == '+' {
		return 0, false
	}
	v, err := strconv.ParseUint(s, base, bits)
	return v, err == nil
}

// unescape is the inverse of appendEscaped and takes only what that writes.
func unescape(s string) (string, bool) {
	i := 0
	for i < len(s) && plain(s[i]) {
		i++
	}
	if i == len(s) {
		return s, true
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for i < len(s) {
		c := s[i]
		switch {
		case plain(c):
			i++
		case c == '\\' && i+3 < len(s) && s[i+1] == 'x':
			hi, lo := strings.IndexByte(hexDigits, s[i+2]), strings.IndexByte(hexDigits, s[i+3])
			if c = byte(hi<<4 | lo); hi < 0 || lo < 0 || plain(c) {
				return "", false
			}
			i += 4
		default:
			return "", false
		}
		b = append(b, c)
	}
	return string(b), true
}

// cut keeps messages short.
func cut(s string) string { return s[:min(len(s), 120)] }
