package pipwheel

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
)

// known is what facts know of a wheel's archive.
type known struct {
	members []member
	// regular says that StrictRecord has nothing to refuse.
	regular bool
	// packed is what the members' bytes are in the archive, together.
	packed int64
	open   func() (*Wheel, error)
}

// member is one file of an archive that Install may place.
type member struct {
	name       string
	executable bool
	size       int64 // in bytes
	// rest is, of a script whose first line is replaced, what comes after that line in bytes;
	// -1 of any other file.
	rest int64
	// tail is the length of what RECORD's row has after the path, in bytes with both commas.
	tail int64
}

// usualTail is the tail of a row with a SHA-256 in base64 and the right size.
func usualTail(size int64) int64 {
	n := int64(len(",sha256=") + 43 + len(",0"))
	for ; size >= 10; size /= 10 {
		n++
	}
	return n
}

// noTail is the tail of a row with neither.
const noTail = int64(len(",,"))

// tailOf is the tail of a row as writeRecord writes it.
func tailOf(row recordRow) int64 {
	return noTail + fieldLen(row.Hash) + fieldLen(row.Size)
}

// learn gathers what facts say of an opened wheel's archive. What Install refuses for every
// target, or could not read, is an error.
func (w *Wheel) learn() (*known, error) {
	sums, err := w.hashes()
	if err != nil {
		return nil, err
	}
	k := &known{}
	for i, e := range w.archive.Entries() {
		if w.leftOut(e.Name) {
			continue
		}
		m := member{name: e.Name, executable: e.Executable, size: e.Size, rest: -1, tail: tailOf(w.record.of(i))}
		if w.isScript(e.Name) {
			text, err := w.pythonScript(e, sums.of(w.record.row[i]))
			if err != nil {
				return nil, w.refuse(err, "reading %s", clip(e.Name))
			}
			if text != nil {
				_, rest, _ := bytes.Cut(text, []byte("\n"))
				m.rest = int64(len(rest))
			}
		}
		k.members = append(k.members, m)
		k.packed += e.CompressedSize
	}
	k.regular, err = w.regular()
	return k, err
}

// isScript names the files of .data/scripts that no entry point takes the place of.
func (w *Wheel) isScript(name string) bool {
	top, rest, _ := strings.Cut(name, "/")
	script, ok := strings.CutPrefix(rest, "scripts/")
	return ok && strings.HasSuffix(top, ".data") && !strings.Contains(script, "/") && !w.scripts.has(wrapperOf(script))
}

// regular reports whether StrictRecord has nothing to refuse.
func (w *Wheel) regular() (bool, error) {
	var odd error
	err := w.with("RECORD", func(r io.Reader) error {
		_, odd = scanRecord(r, true, 0)
		return nil
	})
	absent, unlisted := w.misrecorded()
	return odd == nil && len(absent)+len(unlisted) == 0, err
}

// errSameSize is two files of a wheel that go to one place and may have the same bytes.
var errSameSize = errors.New("only the bytes tell whether two files of the wheel are the same")

// known plans the files of a wheel that facts gave.
func (p *installation) known() error {
	k := p.wheel.facts
	p.later = newLater(p.wheel, p.target, p.how, len(k.members))
	p.expectFiles(len(k.members), len(k.members))
	files := make([]strictzip.Entry, len(k.members))
	for i := range k.members {
		p.later.member = &k.members[i]
		m := p.later.member
		files[i] = strictzip.Entry{Name: m.name, Executable: m.executable, Size: m.size}
		if err := p.file(file{&files[i], i}); err != nil {
			return err
		}
	}
	return nil
}

// knownFile plans a file as it lies in the archive.
func (p *installation) knownFile(e file, dst string, mode uint32) error {
	p.later.tails += p.later.member.tail - noTail
	entry := p.later.entry(len(p.entries), dst, mode, e.Size)
	entry.Origin = p.origins.join(p.origin, e.Name)
	return p.put(entry, recordRow{Path: p.recordPath(dst)}, e)
}

// knownScript plans a file of .data/scripts, whose first line may have to be replaced.
func (p *installation) knownScript(e file, dst string) error {
	rest := p.later.member.rest
	if rest < 0 {
		return p.knownFile(e, dst, 0o755)
	}
	size := int64(len(rewriteShebang(nil, p.target.Executable))) + rest
	p.later.tails += usualTail(size) - noTail
	entry := p.later.entry(len(p.entries), dst, 0o755, size)
	entry.Origin = p.origin + "generated " + path.Base(dst)
	return p.put(entry, recordRow{Path: p.recordPath(dst)}, file{})
}
