package pipwheel

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// FactsVersion is the version of the form that [Wheel.Facts] writes and [FromFacts] reads.
const FactsVersion = 1

// ErrFacts is facts that cannot be used: damaged, of another version of the form, or not of the
// wheel that they are said to be of. The way out is to open the wheel, and write them anew.
var ErrFacts = errors.New("the facts of a wheel cannot be used")

// unstated is the one field of METADATA that facts leave out: a text for readers, which old
// metadata has among its fields and which is longer than all others.
const unstated = "description"

// The first words of the lines that are not in a list.
const (
	factsHead    = "wheel facts "
	factsInfo    = "info "
	factsPurelib = "purelib "
	factsRegular = "regular "
	factsPacked  = "packed "
	factsNotes   = "notes "
	factsFields  = "fields "
	factsScripts = "scripts "
	factsFiles   = "files "
)

// Facts returns what of the wheel decides where its files go, and what else is asked of a wheel
// that is planned: metadata, entry points, notes, and of every file path, mode and size. No
// content and no hashes are among it. The same wheel under the same name gives the same bytes.
//
// They are lines of text:
//
//	wheel facts 1
//	info demo-1.0.dist-info
//	purelib true               Root-Is-Purelib
//	regular true               StrictRecord has nothing to refuse
//	packed 4711                bytes of the files in the archive
//	notes 0                    and so many lines with one each
//	fields 1                   of METADATA, sorted by name
//	name: demo
//	scripts 1                  entry points, sorted
//	console demo:main demo
//	files 2                    in the archive's order
//	0 12 demo/__init__.py      bytes shared with the path before, size, rest of the path
//	5 0x tool                  x: executable
//
// After size and x may stand ":n", of a script that begins with "#!python" and has n bytes after
// its first line, then "+n" where the part of RECORD's row after the path has n bytes and not
// what a SHA-256 and the size take up.
//
// An error is a wheel that cannot be installed anywhere; Install says the same of it.
func (w *Wheel) Facts() ([]byte, error) {
	k := w.facts
	if k == nil {
		var err error
		if k, err = w.learn(); err != nil {
			return nil, err
		}
	}
	b := fmt.Appendf(nil, "%s%d\n%s%s\n%s%t\n%s%t\n%s%d\n", factsHead, FactsVersion, factsInfo, w.info,
		factsPurelib, w.purelib, factsRegular, k.regular, factsPacked, k.packed)
	b = appendList(b, factsNotes, w.bareNotes())
	b = appendList(b, factsFields, w.Metadata.lines())
	b = appendList(b, factsScripts, w.scripts.lines())
	b = fmt.Appendf(b, "%s%d\n", factsFiles, len(k.members))
	before := ""
	for _, m := range k.members {
		b = m.append(b, before)
		before = m.name
	}
	return b, nil
}

// ReadFacts reads the facts of a wheel of which the rest may not be here yet: it reads the archive's
// directory and the metadata, which lie at the end, and scripts whose first line is Python's, wherever
// they lie. They are what [Wheel.Facts] of the opened wheel says.
//
// That the archive keeps to its directory is not checked. [FromFacts] with an open that calls [Open]
// does so before anything is made of the wheel.
func ReadFacts(r io.ReaderAt, size int64, name string, o Options) ([]byte, error) {
	w, err := open(r, size, name, o, strictzip.OpenDirectory)
	if err != nil {
		return nil, err
	}
	return w.Facts()
}

func appendList(b []byte, head string, lines []string) []byte {
	b = fmt.Appendf(b, "%s%d\n", head, len(lines))
	for _, l := range lines {
		b = append(append(b, l...), '\n')
	}
	return b
}

// bareNotes are the notes without the wheel's name before them.
func (w *Wheel) bareNotes() []string {
	out := make([]string, len(w.notes))
	for i, n := range w.notes {
		out[i] = strings.TrimPrefix(n, w.Basename+": ")
	}
	return out
}

// lines are the fields as facts have them.
func (h Header) lines() []string {
	var out []string
	for _, name := range sortedKeys(h) {
		if name == unstated {
			continue
		}
		for _, value := range h[name] {
			out = append(out, name+": "+value)
		}
	}
	return out
}

// The first words of an entry point.
const (
	consoleScript = "console"
	guiScript     = "gui"
)

// lines are the entry points as facts have them.
func (s scripts) lines() []string {
	var out []string
	add := func(kind string, all map[string]entryPoint) {
		for _, e := range all {
			out = append(out, kind+" "+e.Module+":"+e.Attr+" "+e.Name)
		}
	}
	add(consoleScript, s.console)
	add(guiScript, s.gui)
	slices.Sort(out)
	return out
}

// append writes a file's line; before is the path of the line before.
func (m member) append(b []byte, before string) []byte {
	n := shared(before, m.name)
	b = strconv.AppendInt(b, int64(n), 10)
	b = strconv.AppendInt(append(b, ' '), m.size, 10)
	if m.executable {
		b = append(b, 'x')
	}
	if m.rest >= 0 {
		b = strconv.AppendInt(append(b, ':'), m.rest, 10)
	}
	if m.tail != m.expectedTail() {
		b = strconv.AppendInt(append(b, '+'), m.tail, 10)
	}
	return append(append(append(b, ' '), m.name[n:]...), '\n')
}

// expectedTail is the tail that facts leave out.
func (m member) expectedTail() int64 { return usualTail(m.size) }

// shared is the number of bytes that two paths begin with, whole characters only.
func shared(a, b string) int {
	n, most := 0, min(len(a), len(b))
	for n < most && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	return n
}

// FromFacts gives back a wheel that Install plans as it plans the wheel that the facts are of:
// the same entries in the same order, with the same paths, modes and sizes, whose bytes
// [Complete] finds. basename is the wheel's file name. Whoever keeps facts binds them to the
// digest of the wheel's bytes.
//
// open opens the wheel itself. It is called at most once, and only if an entry is completed or
// opened, if two files of the wheel go to one place and only their bytes tell whether they are
// the same, or now, if o.StrictRecord has something to refuse. It may be nil.
//
// Facts are read strictly and within bounds, as they may come from a cache: what Open would
// refuse of metadata and paths is refused here too. [ErrFacts] is facts that cannot be used.
func FromFacts(facts []byte, basename string, o Options, open func() (*Wheel, error)) (*Wheel, error) {
	file, err := tag.ParseFilename(basename)
	if err != nil {
		return nil, &refusal.Error{Input: basename, Cause: "not a wheel's file name", Err: err}
	}
	w := &Wheel{File: file, Basename: basename}
	r := factsReader{text: string(facts)}
	r.wheel(w)
	if r.err != nil {
		return nil, fmt.Errorf("%w: %s, line %d: %w", ErrFacts, basename, r.line, r.err)
	}
	for _, check := range []func() error{w.checkInfo, w.checkNames} {
		if err := check(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFacts, err)
		}
	}
	w.facts.open = openOnce(basename, open)
	if o.StrictRecord && !w.facts.regular {
		return w.Opened()
	}
	return w, nil
}
