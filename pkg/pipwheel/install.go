package pipwheel

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// InstallerName is what INSTALLER says of the distributions that layerpack installed
// ("Recording installed projects", "The INSTALLER file").
const InstallerName = "layerpack"

// How says in what way a wheel came to be installed. It stands in the metadata folder.
type How struct {
	// Requested marks a distribution that the user named, as pip's REQUESTED file does (PEP 376).
	Requested bool
	// DirectURL is the URL by which the user named the wheel, or a requirement of another wheel
	// did, in place of a version: it is recorded in direct_url.json (PEP 610) as [RecordedURL]
	// gives it. Empty for a wheel of an index, a folder of wheels or a path.
	DirectURL string
	// SHA256 is the digest of the wheel in hexadecimal, lower case. Needed with DirectURL only.
	SHA256 string
}

// Install returns the files that pip would write for the wheel on the target, without
// compiled bytecode: paths, modes and where the bytes are. It inflates only scripts that begin
// with "#!python"; RECORD's SHA-256 sums travel with the entries and are checked when a layer
// is written.
//
// Folders are left to the caller, who knows the base. A wheel that cannot be installed gives a
// [refusal.Error]. Install may be called from several goroutines.
func (w *Wheel) Install(t Target, how How) ([]layers.Entry, error) {
	entries, err := w.install(t, how)
	if !errors.Is(err, errSameSize) {
		return entries, err
	}
	opened, err := w.Opened()
	if err != nil {
		return nil, err
	}
	return opened.Install(t, how)
}

func (w *Wheel) install(t Target, how How) ([]layers.Entry, error) {
	old, err := olderThan(t.Version, "3.9")
	if err != nil {
		return nil, fmt.Errorf("planning %s: %w", w.Basename, err)
	}
	p := &installation{wheel: w, target: t, lib: t.Scheme.Platlib, how: how, origin: w.Basename + ": "}
	if p.directURL, err = how.directURL(); refusal.Is(err) {
		return nil, w.refuse(err, "it cannot be recorded where the wheel came from")
	} else if err != nil {
		return nil, fmt.Errorf("planning %s: %w", w.Basename, err)
	}
	if w.purelib {
		p.lib = t.Scheme.Purelib
	}
	if path.Clean(p.lib) == p.lib && layers.CheckName(strings.TrimPrefix(p.lib, "/")) == nil {
		p.root = p.lib + "/"
	}
	if err := p.files(); err != nil {
		return nil, err
	}
	launchers := w.scripts.launchers(majorMinor(t.Version))
	for _, name := range slices.Sorted(maps.Keys(launchers)) {
		if err := checkLauncherName(w.Basename, name); err != nil {
			return nil, err
		}
		if err := p.generate(path.Join(t.Scheme.Scripts, name), 0o755, launcher(t.Executable, launchers[name], old)); err != nil {
			return nil, err
		}
	}
	return p.finish()
}

// files plans what lies in the archive, in its order.
func (p *installation) files() error {
	if p.wheel.facts != nil {
		return p.known()
	}
	var err error
	if p.hashes, err = p.wheel.hashes(); err != nil {
		return err
	}
	all := p.wheel.archive.Entries()
	p.expectFiles(len(all), 0)
	p.spans, p.below = make([]layers.Span, 0, len(all)), make([]bool, len(all))
	for i := range all {
		if err := p.file(file{&all[i], i}); err != nil {
			return err
		}
	}
	return nil
}

// expectFiles makes room for n files of the archive and what is generated beside them; elsewhere of
// them do not go below root.
func (p *installation) expectFiles(n, elsewhere int) {
	const generated = 8
	p.entries = make([]layers.Entry, 0, n+generated)
	p.rows, p.at = make([]recordRow, 0, elsewhere+generated), make(map[string]placed, elsewhere+generated)
}

type installation struct {
	wheel     *Wheel
	target    Target
	lib       string // where the root of the wheel goes, and its metadata
	root      string // lib with a slash, to be put before names; empty where lib is not fit for that
	origin    string // what an entry's origin begins with
	how       How
	directURL string // the text of direct_url.json, empty without one
	hashes    *hashes
	entries   []layers.Entry
	spans     []layers.Span // grown within its capacity only: entries point into it
	rows      []recordRow   // of RECORD, but for the files that are below root
	paths     texts
	origins   texts
	below     []bool            // by file of the archive: whether it has been put below root
	at        map[string]placed // what was put elsewhere, by path in the image
	later     *later            // of a wheel that facts gave
}

// generate plans a file whose bytes we make.
func (p *installation) generate(dst string, mode uint32, content []byte) error {
	return p.put(p.generated(dst, mode, content), rowFor(p.recordPath(dst), content), file{})
}

func (p *installation) generated(dst string, mode uint32, content []byte) layers.Entry {
	sum := sha256.Sum256(content)
	return layers.Entry{
		SHA256: &sum,
		Path:   strings.TrimPrefix(dst, "/"), Kind: layers.File, Mode: mode, Size: int64(len(content)),
		Origin: p.origin + "generated " + path.Base(dst),
		Open:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

// recordPath is dst as RECORD writes it: relative to the folder that holds the .dist-info.
func (p *installation) recordPath(dst string) string {
	if below, ok := strings.CutPrefix(dst, p.lib+"/"); ok {
		return below
	}
	from := strings.Split(strings.Trim(p.lib, "/"), "/")
	to := strings.Split(strings.Trim(dst, "/"), "/")
	common := 0
	for common < len(from) && common < len(to)-1 && from[common] == to[common] {
		common++
	}
	return strings.Repeat("../", len(from)-common) + strings.Join(to[common:], "/")
}

// finish adds the files that an installer writes into the metadata folder.
func (p *installation) finish() ([]layers.Entry, error) {
	info := path.Join(p.lib, p.wheel.info)
	if err := p.generate(path.Join(info, "INSTALLER"), 0o644, []byte(InstallerName+"\n")); err != nil {
		return nil, err
	}
	if p.directURL != "" {
		if err := p.generate(path.Join(info, directURLFile), 0o644, []byte(p.directURL)); err != nil {
			return nil, err
		}
	}
	if p.how.Requested {
		if err := p.generate(path.Join(info, "REQUESTED"), 0o644, nil); err != nil {
			return nil, err
		}
	}
	dst := path.Join(info, "RECORD")
	if p.later != nil {
		return append(p.entries, p.record(dst)), nil
	}
	return append(p.entries, p.generated(dst, 0o644, p.recordText(dst))), nil
}

// recordText is the RECORD of the installation, which goes to dst.
func (p *installation) recordText(dst string) []byte {
	below := make([]int, 0, len(p.below))
	for i, ok := range p.below {
		if ok {
			below = append(below, i)
		}
	}
	others := append(p.rows, recordRow{Path: p.recordPath(dst)})
	files := p.wheel.archive.Entries()
	return writeRecord(len(below)+len(others), func(k int) recordRow {
		if k >= len(below) {
			return others[k-len(below)]
		}
		row := p.wheel.record.of(below[k])
		row.Path = files[below[k]].Name
		return row
	})
}

// majorMinor cuts "3.11.2" to "3.11".
func majorMinor(v string) string {
	parts := strings.SplitN(v, ".", 3)
	if len(parts) < 2 {
		return v
	}
	return parts[0] + "." + parts[1]
}

func olderThan(have, limit string) (bool, error) {
	h, err := version.Parse(have)
	if err != nil {
		return false, fmt.Errorf("the interpreter's version: %w", err)
	}
	l, err := version.Parse(limit)
	if err != nil {
		return false, err
	}
	return h.Compare(l) < 0, nil
}
