package pipwheel

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
)

// maxScript bounds a script whose first line is rewritten, in bytes.
const maxScript = 16 << 20

// file plans one file of the archive.
func (p *installation) file(e file) error {
	w := p.wheel
	top, rest, _ := strings.Cut(e.Name, "/")
	switch {
	case w.leftOut(e.Name), top == w.info && rest == "REQUESTED" && p.how.Requested:
		return nil
	case strings.HasSuffix(top, ".data"):
		return p.data(e, top, rest)
	}
	if p.root == "" || p.later != nil {
		return p.add(e, path.Join(p.lib, e.Name), e.Executable)
	}
	return p.putBelow(p.archived(e, p.paths.join(p.root, e.Name), e.Executable), e)
}

// leftOut names the files of the archive that are installed nowhere: those that finish writes
// anew, and two kinds more.
func (w *Wheel) leftOut(name string) bool {
	if isBytecode(name) {
		// Compiled code that no reviewer of the sources sees, and stale beside other sources.
		return true
	}
	switch rest, ok := strings.CutPrefix(name, w.info); rest {
	case "/RECORD", "/INSTALLER":
		return ok
	case "/" + directURLFile:
		// It says that a URL was asked for by the user (PEP 610); a wheel cannot know that.
		return ok
	}
	return false
}

// isBytecode names what lies below a __pycache__ folder.
func isBytecode(name string) bool {
	return strings.Contains(name, "/__pycache__/") || strings.HasPrefix(name, "__pycache__/")
}

// data plans a file of the .data folder, whose first part names where it goes. The folder may
// be spelled otherwise than the metadata's.
func (p *installation) data(e file, top, rest string) error {
	w, s := p.wheel, p.target.Scheme
	if !w.owns(strings.TrimSuffix(top, ".data")) {
		return w.refuse(nil, "%s lies in the data folder of another distribution", clip(e.Name))
	}
	key, sub, ok := strings.Cut(rest, "/")
	if !ok {
		return w.refuse(nil, "%s lies in no scheme folder (purelib, platlib, headers, scripts or data)", clip(e.Name))
	}
	switch key {
	case "purelib":
		return p.add(e, path.Join(s.Purelib, sub), e.Executable)
	case "platlib":
		return p.add(e, path.Join(s.Platlib, sub), e.Executable)
	case "headers":
		return p.add(e, path.Join(s.Headers, distname.Normalize(w.File.Name), sub), e.Executable)
	case "data":
		dst := path.Join(s.Data, sub)
		if path.Dir(dst) == path.Clean(s.Scripts) {
			if err := checkScriptName(w.Basename, path.Base(dst)); err != nil {
				return err
			}
		}
		return p.add(e, dst, e.Executable)
	case "scripts":
		return p.script(e, sub)
	}
	return w.refuse(nil, "%s has the unknown scheme key %q", clip(e.Name), clip(key))
}

// owns reports whether "{name}-{version}" is the wheel's own in any spelling: old tools left
// dashes in names, and "_" may stand for a dash of the version.
func (w *Wheel) owns(stem string) bool {
	stem = strings.ReplaceAll(stem, "_", "-")
	for i, c := range []byte(stem) {
		if c == '-' && distname.Normalize(stem[:i]) == w.Name() && SameVersion(stem[i+1:], w.Version()) {
			return true
		}
	}
	return false
}

// script plans a file of .data/scripts: always executable, its "#!python" line replaced, and
// left out where an entry point makes the same command.
func (p *installation) script(e file, name string) error {
	w := p.wheel
	if strings.Contains(name, "/") {
		return w.refuse(nil, "%s: a folder in .data/scripts", clip(e.Name))
	}
	if w.scripts.has(wrapperOf(name)) {
		return nil
	}
	if err := checkScriptName(w.Basename, name); err != nil {
		return err
	}
	dst := path.Join(p.target.Scheme.Scripts, name)
	if p.later != nil {
		return p.knownScript(e, dst)
	}
	text, err := w.pythonScript(*e.Entry, p.hashes.of(w.record.row[e.index]))
	if err != nil {
		return w.refuse(err, "reading %s", clip(e.Name))
	}
	if text == nil {
		return p.add(e, dst, true)
	}
	return p.generate(dst, 0o755, rewriteShebang(text, p.target.Executable))
}

// pythonScript returns the whole text of a script that asks for Python, nil for any other. want,
// if not nil, is the digest that the text must have.
func (w *Wheel) pythonScript(e strictzip.Entry, want *digest) (text []byte, err error) {
	if e.Size < int64(len(placeholder)) {
		return nil, nil
	}
	r, err := w.archive.Reader(e)
	if err != nil {
		return nil, err
	}
	start := make([]byte, len(placeholder))
	if _, err := io.ReadFull(r, start); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	if string(start) != placeholder {
		// What was read ends in the middle, so that closing has nothing to say about the rest.
		return nil, r.Close()
	}
	if e.Size > maxScript {
		return nil, errors.Join(fmt.Errorf("a Python script of %d bytes; %d are taken", e.Size, maxScript), r.Close())
	}
	rest, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	text = append(start, rest...)
	if want != nil {
		return text, want.check(text)
	}
	return text, nil
}

// add plans a file as it lies in the archive.
func (p *installation) add(e file, dst string, executable bool) error {
	if p.later != nil {
		return p.knownFile(e, dst, modeOf(executable))
	}
	row := p.wheel.record.of(e.index)
	row.Path = p.recordPath(dst)
	return p.put(p.archived(e, dst, executable), row, e)
}

// archived makes the entry of a file as it lies in the archive.
func (p *installation) archived(e file, dst string, executable bool) layers.Entry {
	archive := p.wheel.archive
	entry := layers.Entry{
		Path: strings.TrimPrefix(dst, "/"), Kind: layers.File, Mode: modeOf(executable), Size: e.Size,
		Origin: p.origins.join(p.origin, e.Name),
		Open:   func() (io.ReadCloser, error) { return archive.Reader(*e.Entry) },
	}
	if e.Method == strictzip.Deflate {
		src, off, n := archive.Section(*e.Entry)
		p.spans = append(p.spans, layers.Span{Src: src, Offset: off, Len: n, CRC32: e.CRC32})
		entry.Deflate = &p.spans[len(p.spans)-1]
	}
	row := p.wheel.record.row[e.index]
	if row != missing && p.hashes.given[row] {
		entry.SHA256 = &p.hashes.sha256[row]
	} else if sum := p.hashes.of(row); sum != nil {
		checkOpened(&entry, sum)
	}
	return entry
}

// checkOpened makes reading the entry fail when the bytes have not the hash that RECORD gives. The
// check sits on the inflated bytes, so they must pass through Open.
func checkOpened(entry *layers.Entry, sum *digest) {
	open, size := entry.Open, entry.Size
	entry.Deflate = nil
	entry.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		return newHashCheck(r, size, sum), nil
	}
}
