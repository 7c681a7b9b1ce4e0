package pipwheel

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// InstallerName is what INSTALLER says of the distributions that layerpack installed
// ("Recording installed projects", "The INSTALLER file").
const InstallerName = "layerpack"

// maxScript bounds a script whose first line is rewritten, in bytes.
const maxScript = 16 << 20

// Install returns the files that pip would write for the wheel on the target, without
// compiled bytecode: paths, modes and where the bytes are. It inflates only metadata and
// scripts; RECORD's SHA-256 sums travel with the entries and are checked when a layer is written.
//
// Folders are left to the caller, who knows the base. requested marks a distribution that the
// user named, as pip's REQUESTED file does (PEP 376).
func (w *Wheel) Install(t Target, requested bool) ([]layers.Entry, error) {
	p := &installation{wheel: w, target: t, lib: t.Scheme.Platlib, at: map[string]int{}}
	if w.purelib {
		p.lib = t.Scheme.Purelib
	}
	for _, row := range w.record {
		sum, err := parseHash(row.Hash)
		if err != nil {
			return nil, w.refuse(err, "RECORD's row of %s", clip(row.Path))
		}
		p.want(row, sum)
	}
	old, err := olderThan(t.Version, "3.9")
	if err != nil {
		return nil, fmt.Errorf("planning %s: %w", w.Basename, err)
	}
	p.launchers = map[string][]byte{}
	for _, e := range versioned(append([]entryPoint(nil), w.scripts...), majorMinor(t.Version)) {
		if err := checkScriptName(w.Basename, e.Name); err != nil {
			return nil, err
		}
		p.launchers[e.Name] = launcher(t.Executable, e, old)
	}
	for _, e := range w.archive.Entries() {
		if err := p.file(e); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.launchers)) {
		if err := p.generate(path.Join(t.Scheme.Scripts, name), 0o755, p.launchers[name]); err != nil {
			return nil, err
		}
	}
	return p.finish(requested)
}

type wanted struct {
	row recordRow
	sum *digest
}

type installation struct {
	wheel     *Wheel
	target    Target
	lib       string
	expect    map[string]wanted // RECORD by path in the archive
	launchers map[string][]byte
	entries   []layers.Entry
	at        map[string]int // path of an entry -> its index
	rows      []recordRow
}

func (p *installation) want(row recordRow, sum *digest) {
	if p.expect == nil {
		p.expect = map[string]wanted{}
	}
	p.expect[row.Path] = wanted{row, sum}
}

// file plans one file of the archive.
func (p *installation) file(e strictzip.Entry) error {
	w := p.wheel
	top, rest, nested := strings.Cut(e.Name, "/")
	switch {
	case isBytecode(e.Name):
		// Compiled code that no reviewer of the sources sees, and stale beside other sources.
		return nil
	case strings.HasSuffix(top, ".data") && nested:
		return p.data(e, top, rest)
	case top == w.info && (rest == "RECORD" || rest == "INSTALLER" || rest == "REQUESTED"):
		return nil // written anew by finish
	}
	return p.add(e, path.Join(p.lib, e.Name), e.Executable)
}

// isBytecode names compiled Python below a __pycache__ folder.
func isBytecode(name string) bool {
	return strings.Contains("/"+name, "/__pycache__/")
}

// data plans a file of the .data folder, whose first part names where it goes.
func (p *installation) data(e strictzip.Entry, top, rest string) error {
	w, s := p.wheel, p.target.Scheme
	if top != w.data {
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
		if dir, name := path.Split(path.Join(s.Data, sub)); path.Clean(dir) == s.Scripts {
			if err := checkScriptName(w.Basename, name); err != nil {
				return err
			}
		}
		return p.add(e, path.Join(s.Data, sub), e.Executable)
	case "scripts":
		return p.script(e, sub)
	}
	return w.refuse(nil, "%s has the unknown scheme key %q", clip(e.Name), clip(key))
}

// script plans a file of .data/scripts: always executable, its "#!python" line replaced, and
// left out where an entry point makes the same command.
func (p *installation) script(e strictzip.Entry, name string) error {
	w := p.wheel
	if strings.Contains(name, "/") {
		return w.refuse(nil, "%s: a folder in .data/scripts", clip(e.Name))
	}
	if err := checkScriptName(w.Basename, name); err != nil {
		return err
	}
	if _, ok := p.launchers[wrapperOf(name)]; ok {
		return nil
	}
	dst := path.Join(p.target.Scheme.Scripts, name)
	text, err := p.pythonScript(e)
	if err != nil {
		return w.refuse(err, "reading %s", clip(e.Name))
	}
	if text == nil {
		return p.add(e, dst, true)
	}
	return p.generate(dst, 0o755, rewriteShebang(text, p.target.Executable))
}

// pythonScript returns the whole text of a script that asks for Python, nil for any other.
func (p *installation) pythonScript(e strictzip.Entry) (text []byte, err error) {
	r, err := p.wheel.archive.Reader(e)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	start := make([]byte, len("#!python"))
	if _, err := io.ReadFull(r, start); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, nil
		}
		return nil, err
	}
	if !isPythonScript(start) {
		return nil, nil
	}
	if e.Size > maxScript {
		return nil, fmt.Errorf("a Python script of %d bytes; %d are taken", e.Size, maxScript)
	}
	rest, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text = append(start, rest...)
	want, ok := p.expect[e.Name]
	if !ok || want.sum == nil {
		return text, nil
	}
	check, err := newHashCheck(io.NopCloser(bytes.NewReader(text)), want.sum)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, check)
	return text, err
}

// add plans a file as it lies in the archive.
func (p *installation) add(e strictzip.Entry, dst string, executable bool) error {
	w := p.wheel
	mode := uint32(0o644)
	if executable {
		mode = 0o755
	}
	entry := layers.Entry{
		Path: strings.TrimPrefix(dst, "/"), Kind: layers.File, Mode: mode, Size: e.Size,
		Origin: w.Basename + ": " + e.Name,
		Open:   func() (io.ReadCloser, error) { return w.archive.Reader(e) },
	}
	if e.Method == strictzip.Deflate {
		src, off, n := w.archive.Section(e)
		entry.Deflate = &layers.Span{Src: src, Offset: off, Len: n, CRC32: e.CRC32}
	}
	row := recordRow{}
	if want, ok := p.expect[e.Name]; ok {
		row = want.row
		if err := expectSum(&entry, want.sum); err != nil {
			return w.refuse(err, "RECORD's row of %s", clip(e.Name))
		}
	}
	row.Path = p.recordPath(dst)
	return p.put(entry, row, e.CRC32)
}

// expectSum makes sure that reading the entry fails when the bytes have not the hash RECORD gives.
func expectSum(entry *layers.Entry, sum *digest) error {
	switch {
	case sum == nil:
		return nil
	case sum.algorithm == "sha256":
		entry.SHA256 = (*[32]byte)(sum.sum)
		return nil
	}
	open := entry.Open
	entry.Deflate = nil // the check sits on the inflated bytes, so they must pass through Open
	entry.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		return newHashCheck(r, sum)
	}
	return nil
}

// generate plans a file whose bytes we make.
func (p *installation) generate(dst string, mode uint32, content []byte) error {
	return p.put(generated(p.wheel, dst, mode, content), rowFor(p.recordPath(dst), content), 0)
}

func generated(w *Wheel, dst string, mode uint32, content []byte) layers.Entry {
	return layers.Entry{
		Path: strings.TrimPrefix(dst, "/"), Kind: layers.File, Mode: mode, Size: int64(len(content)),
		Origin: w.Basename + ": generated " + path.Base(dst),
		Open:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

func (p *installation) put(e layers.Entry, row recordRow, crc uint32) error {
	if err := layers.CheckName(e.Path); err != nil {
		return p.wheel.refuse(err, "the wheel cannot be put into a layer")
	}
	if i, ok := p.at[e.Path]; ok {
		have := p.entries[i]
		if crc != 0 && have.Deflate != nil && have.Deflate.CRC32 == crc && have.Size == e.Size && have.Mode == e.Mode {
			return nil
		}
		return p.wheel.refuse(nil, "two different files of the wheel go to /%s", e.Path)
	}
	p.at[e.Path] = len(p.entries)
	p.entries = append(p.entries, e)
	p.rows = append(p.rows, row)
	return nil
}

// recordPath is dst as RECORD writes it: relative to the folder that holds the .dist-info.
func (p *installation) recordPath(dst string) string {
	from := strings.Split(strings.Trim(p.lib, "/"), "/")
	to := strings.Split(strings.Trim(dst, "/"), "/")
	common := 0
	for common < len(from) && common < len(to)-1 && from[common] == to[common] {
		common++
	}
	return strings.Repeat("../", len(from)-common) + strings.Join(to[common:], "/")
}

func (p *installation) finish(requested bool) ([]layers.Entry, error) {
	info := path.Join(p.lib, p.wheel.info)
	if err := p.generate(path.Join(info, "INSTALLER"), 0o644, []byte(InstallerName+"\n")); err != nil {
		return nil, err
	}
	if requested {
		if err := p.generate(path.Join(info, "REQUESTED"), 0o644, nil); err != nil {
			return nil, err
		}
	}
	dst := path.Join(info, "RECORD")
	text, err := writeRecord(append(p.rows, recordRow{Path: p.recordPath(dst)}))
	if err != nil {
		return nil, fmt.Errorf("planning %s: %w", p.wheel.Basename, err)
	}
	return append(p.entries, generated(p.wheel, dst, 0o644, text)), nil
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

// hashCheck passes bytes on and fails at their end when they have not the digest wanted.
type hashCheck struct {
	io.ReadCloser
	sum  hash.Hash
	want *digest
}

func newHashCheck(r io.ReadCloser, want *digest) (io.ReadCloser, error) {
	h, err := hasher(want.algorithm)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &hashCheck{r, h, want}, nil
}

func (c *hashCheck) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.sum.Write(b[:n])
	if errors.Is(err, io.EOF) && !bytes.Equal(c.sum.Sum(nil), c.want.sum) {
		return n, fmt.Errorf("the bytes have not the %s that RECORD gives", c.want.algorithm)
	}
	return n, err
}

func hasher(algorithm string) (hash.Hash, error) {
	switch algorithm {
	case "sha384":
		return sha512.New384(), nil
	case "sha512":
		return sha512.New(), nil
	case "sha256":
		return sha256.New(), nil
	}
	return nil, fmt.Errorf("hash algorithm %q is not sha256, sha384 or sha512", algorithm)
}
