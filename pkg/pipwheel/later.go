package pipwheel

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/layerpack/layerpack/pkg/layers"
)

// ErrNeedsBytes is a layer written from an entry that [Complete] has not seen, or a wheel that
// has to be opened and cannot be.
var ErrNeedsBytes = errors.New("only facts of the wheel are known, not its bytes")

// Complete gives an entry that was planned from a wheel's facts what Install says of it when the
// wheel is open: how to read it, its raw DEFLATE span, its SHA-256. Where the entry goes, its
// mode, owner and size stay. Any other entry comes back as it is.
//
// The first entry of a wheel to be completed opens it, once. A wheel that is not what its facts
// say gives [ErrFacts]. Complete may be called from several goroutines.
func Complete(e layers.Entry) (layers.Entry, error) {
	if e.Deflate == nil {
		return e, nil
	}
	p, ok := e.Deflate.Src.(*pending)
	if !ok {
		return e, nil
	}
	full, err := p.complete()
	if err != nil {
		return layers.Entry{}, err
	}
	e.Open, e.Deflate, e.SHA256 = full.Open, full.Deflate, full.SHA256
	return e, nil
}

// Opened returns the wheel itself where it has been opened; where facts gave it, the wheel that
// they are of, which is then opened, once.
func (w *Wheel) Opened() (*Wheel, error) {
	if w.facts == nil {
		return w, nil
	}
	return w.facts.open()
}

// openOnce makes sure that what open opens is the wheel of that name.
func openOnce(name string, open func() (*Wheel, error)) func() (*Wheel, error) {
	return sync.OnceValues(func() (*Wheel, error) {
		if open == nil {
			return nil, fmt.Errorf("opening %s: %w", name, ErrNeedsBytes)
		}
		w, err := open()
		if err != nil {
			return nil, err
		}
		if w.Basename != name {
			return nil, fmt.Errorf("opening %s: %w: another wheel, %s", name, ErrFacts, w.Basename)
		}
		return w.Opened()
	})
}

// later are the entries of one Install whose bytes come when they are asked for.
type later struct {
	wheel   *Wheel
	pending []pending // grown within its capacity only: entries point into it
	packed  float64   // of each byte, in the archive
	full    func() ([]layers.Entry, error)

	member *member // the file being planned
	tails  int64   // what RECORD's rows have beyond path and commas, in bytes
}

// newLater prepares for n files of the wheel and its RECORD.
func newLater(w *Wheel, t Target, how How, n int) *later {
	l := &later{wheel: w, pending: make([]pending, 0, n+1)}
	var size int64
	for _, m := range w.facts.members {
		size += m.size
	}
	if size > 0 {
		l.packed = float64(w.facts.packed) / float64(size)
	}
	l.full = sync.OnceValues(func() ([]layers.Entry, error) {
		opened, err := w.Opened()
		if err != nil {
			return nil, err
		}
		return opened.Install(t, how)
	})
	return l
}

// entry makes the entry at a place in Install's list. Its span is for Complete to find: it cannot
// be read, so that no layer is written from it by mistake, and its length is an estimate.
func (l *later) entry(index int, dst string, mode uint32, size int64) layers.Entry {
	l.pending = append(l.pending, pending{
		of: l, index: index, path: strings.TrimPrefix(dst, "/"), mode: mode, size: size,
	})
	p := &l.pending[len(l.pending)-1]
	p.span = layers.Span{Src: p, Len: int64(float64(size) * l.packed)}
	return layers.Entry{Path: p.path, Kind: layers.File, Mode: mode, Size: size, Open: p.open, Deflate: &p.span}
}

// pending is an entry without its bytes.
type pending struct {
	of    *later
	index int // among Install's entries
	path  string
	mode  uint32
	size  int64
	span  layers.Span
}

// complete finds the entry in what the opened wheel installs.
func (p *pending) complete() (layers.Entry, error) {
	all, err := p.of.full()
	if err != nil {
		return layers.Entry{}, err
	}
	if p.index < len(all) {
		if e := all[p.index]; e.Path == p.path && e.Kind == layers.File && e.Mode == p.mode && e.Size == p.size {
			return e, nil
		}
	}
	return layers.Entry{}, fmt.Errorf("%w: %s does not install /%s as they say", ErrFacts, p.of.wheel.Basename, p.path)
}

func (p *pending) open() (io.ReadCloser, error) {
	e, err := p.complete()
	if err != nil {
		return nil, err
	}
	return e.Open()
}

// ReadAt always fails.
func (p *pending) ReadAt([]byte, int64) (int, error) {
	return 0, fmt.Errorf("reading %s: %w", p.of.wheel.Basename, ErrNeedsBytes)
}

// record is the RECORD of an installation, of which facts know the length.
func (p *installation) record(dst string) layers.Entry {
	rows := append(p.rows, recordRow{Path: p.recordPath(dst)})
	size := p.later.tails
	for _, r := range rows {
		size += fieldLen(r.Path) + fieldLen(r.Hash) + fieldLen(r.Size) + int64(len(",,\n"))
	}
	e := p.later.entry(len(p.entries), dst, 0o644, size)
	e.Origin = p.origin + "generated " + path.Base(dst)
	return e
}
