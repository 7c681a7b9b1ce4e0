package pipwheel

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/strictzip"
	"github.com/layerpack/layerpack/pkg/pipwheel/tag"
	"github.com/layerpack/layerpack/pkg/pipwheel/version"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// Wheel is an opened wheel: its names agree, its archive has passed every check that needs no
// inflating, and its metadata has been read. [FromFacts] gives one that passed all this before.
type Wheel struct {
	File     tag.Filename // what the file's name says
	Basename string       // the file's name
	Metadata Header       // fields of METADATA

	archive *strictzip.Archive // nil of a wheel that facts gave
	facts   *known             // nil of a wheel that was opened
	purelib bool
	info    string // "numpy-2.0.1.dist-info"
	record  listing
	scripts scripts
	notes   []string
}

// Options say how strictly a wheel is read.
type Options struct {
	// StrictRecord refuses what others heal: a RECORD row without three fields, a file
	// without a row and a row without a file (binary distribution format, "The .dist-info directory").
	StrictRecord bool
	// Limits bound the archive; the zero value takes strictzip's defaults.
	Limits strictzip.Limits
}

// Open reads a wheel's directory and metadata from r, which holds size bytes and must stay
// readable while entries of the wheel are used. name is the file's name, of which PEP 427 makes
// everything that decides where the wheel fits.
//
// A wheel that two readers could understand differently is refused ([refusal.Error]).
func Open(r io.ReaderAt, size int64, name string, o Options) (*Wheel, error) {
	return open(r, size, name, o, strictzip.Open)
}

func open(r io.ReaderAt, size int64, name string, o Options, read func(io.ReaderAt, int64, strictzip.Limits) (*strictzip.Archive, error)) (*Wheel, error) {
	file, err := tag.ParseFilename(name)
	if err != nil {
		return nil, &refusal.Error{Input: name, Cause: "not a wheel's file name", Err: err}
	}
	archive, err := read(r, size, o.Limits)
	if err != nil {
		return nil, &refusal.Error{
			Input: name, Cause: "the wheel's archive is damaged or ambiguous", Err: err,
			Fix: "download or build the wheel again",
		}
	}
	w := &Wheel{File: file, Basename: name, archive: archive}
	if err := w.read(o); err != nil {
		return nil, err
	}
	return w, nil
}

// Name returns the distribution's normalised name (PEP 503).
func (w *Wheel) Name() string { return distname.Normalize(w.File.Name) }

// Version returns the version that the file's name gives.
func (w *Wheel) Version() string { return w.File.Version }

// Notes returns what was odd about the wheel and accepted all the same.
func (w *Wheel) Notes() []string { return w.notes }

func (w *Wheel) refuse(err error, format string, args ...any) error {
	return &refusal.Error{Input: w.Basename, Cause: fmt.Sprintf(format, args...), Err: err}
}

func (w *Wheel) read(o Options) error {
	if err := w.findInfo(); err != nil {
		return err
	}
	head, err := w.header("WHEEL")
	if err != nil {
		return err
	}
	if err := w.checkFormat(head.Get("Wheel-Version")); err != nil {
		return err
	}
	w.purelib = strings.EqualFold(head.Get("Root-Is-Purelib"), "true")
	if w.Metadata, err = w.header("METADATA"); err != nil {
		return err
	}
	if err := w.checkMetadata(); err != nil {
		return err
	}
	if err := w.with("RECORD", func(r io.Reader) error {
		w.record, err = readListing(r, o.StrictRecord, w.archive)
		return err
	}); err != nil {
		return err
	}
	if err := w.compareRecord(o.StrictRecord); err != nil {
		return err
	}
	if _, ok := w.archive.Lookup(w.info + "/entry_points.txt"); !ok {
		return nil
	}
	return w.with("entry_points.txt", func(r io.Reader) error {
		w.scripts, err = readEntryPoints(r)
		return err
	})
}

// findInfo finds the one .dist-info folder, which must belong to the file's name.
func (w *Wheel) findInfo() error {
	for _, e := range w.archive.Entries() {
		top, _, _ := strings.Cut(e.Name, "/")
		if !strings.HasSuffix(top, ".dist-info") || top == w.info {
			continue
		}
		if w.info != "" {
			return w.refuse(nil, "the wheel has two metadata folders, %s and %s", clip(w.info), clip(top))
		}
		w.info = top
	}
	if w.info == "" {
		return w.refuse(nil, "the wheel has no .dist-info folder")
	}
	return w.checkInfo()
}

// checkInfo wants the metadata folder to be that of the file's name. Python takes an installed
// folder's name apart at its first dash, so there may be no other.
func (w *Wheel) checkInfo() error {
	name, ver, _ := strings.Cut(strings.TrimSuffix(w.info, ".dist-info"), "-")
	if distname.Normalize(name) != w.Name() || !SameVersion(ver, w.Version()) {
		return w.refuse(nil, "the metadata folder %s belongs to another distribution or version than the file's name", clip(w.info))
	}
	return nil
}

// SameVersion reports whether two versions are equal under PEP 440; what PEP 440 cannot read is equal only to itself.
func SameVersion(a, b string) bool {
	if a == b {
		return true
	}
	va, errA := version.Parse(a)
	vb, errB := version.Parse(b)
	return errA == nil && errB == nil && va.Compare(vb) == 0
}

// checkFormat wants version 1 of the format, or one before it; later ones with the same major
// number only add to it (binary distribution format, "File contents").
func (w *Wheel) checkFormat(format string) error {
	var parts []int
	for text := range strings.SplitSeq(format, ".") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return w.refuse(nil, "Wheel-Version is %q, not a number", clip(format))
		}
		parts = append(parts, n)
	}
	if parts[0] > 1 {
		return w.refuse(nil, "Wheel-Version is %q; version 1 of the format is understood", clip(format))
	}
	if slices.Compare(parts, []int{1, 0}) > 0 {
		w.note("Wheel-Version %s is newer than 1.0", clip(format))
	}
	return nil
}

// lastMetadata is the newest minor version of metadata version 2 that is understood in full.
const lastMetadata = 6

func (w *Wheel) checkMetadata() error {
	if err := w.checkNames(); err != nil {
		return err
	}
	format := w.Metadata.Get("Metadata-Version")
	majorText, minorText, _ := strings.Cut(format, ".")
	major, errMajor := strconv.Atoi(majorText)
	minor, errMinor := strconv.Atoi(minorText)
	switch {
	case format == "":
		w.note("METADATA has no Metadata-Version")
	case errMajor != nil || major < 1 || major > 2:
		return w.refuse(nil, "Metadata-Version is %q; 1 and 2 are understood", clip(format))
	case errMinor != nil || major == 2 && minor > lastMetadata:
		w.note("Metadata-Version %s is newer than 2.%d", clip(format), lastMetadata)
	}
	return nil
}

// checkNames wants METADATA to be that of the file's name.
func (w *Wheel) checkNames() error {
	if name := w.Metadata.Get("Name"); distname.Normalize(name) != w.Name() {
		return w.refuse(nil, "METADATA is of %q", clip(name))
	}
	if ver := w.Metadata.Get("Version"); !SameVersion(ver, w.Version()) {
		return w.refuse(nil, "METADATA has version %q", clip(ver))
	}
	return nil
}

// compareRecord compares RECORD's paths and sizes with the archive's. Real wheels have rows
// missing or too many; installers heal the list, and so does Install. A wrong size is a wrong hash.
func (w *Wheel) compareRecord(strict bool) error {
	files := w.archive.Entries()
	for k, i := range w.record.file {
		row := &w.record.rows[k]
		if i == missing || unrecorded(row.Path, w.info) {
			continue
		}
		if size, err := strconv.ParseInt(row.Size, 10, 64); err == nil && size != files[i].Size {
			return w.refuse(nil, "%s has %d bytes, RECORD says %d", clip(row.Path), files[i].Size, size)
		}
	}
	absent, unlisted := w.misrecorded()
	if err := w.odd(strict, absent, "RECORD lists %s, which the wheel has not"); err != nil {
		return err
	}
	return w.odd(strict, unlisted, "RECORD does not list %s")
}

// misrecorded lists the files that RECORD has and the archive has not, and the reverse.
func (w *Wheel) misrecorded() (absent, unlisted []string) {
	for k, i := range w.record.file {
		if path := w.record.rows[k].Path; i == missing && !strings.HasSuffix(path, "/") {
			absent = append(absent, path)
		}
	}
	files := w.archive.Entries()
	for i, k := range w.record.row {
		if name := files[i].Name; k == missing && !unrecorded(name, w.info) {
			unlisted = append(unlisted, name)
		}
	}
	return absent, unlisted
}

// odd notes files that RECORD is wrong about, or refuses them.
func (w *Wheel) odd(strict bool, files []string, format string) error {
	if len(files) == 0 {
		return nil
	}
	names := clip(files[0])
	if len(files) > 1 {
		names = fmt.Sprintf("%s and %d more", names, len(files)-1)
	}
	if strict {
		return w.refuse(nil, format+" (--strict-record)", names)
	}
	w.note(format, names)
	return nil
}

func (w *Wheel) note(format string, args ...any) {
	w.notes = append(w.notes, w.Basename+": "+fmt.Sprintf(format, args...))
}

func (w *Wheel) header(file string) (Header, error) {
	var h Header
	err := w.with(file, func(r io.Reader) (err error) {
		h, err = ReadHeader(r)
		return err
	})
	return h, err
}

// with hands the bytes of a file of the metadata folder to use. The file is read to its end
// whatever use leaves, so that its checksum is verified.
func (w *Wheel) with(file string, use func(io.Reader) error) error {
	name := w.info + "/" + file
	e, ok := w.archive.Lookup(name)
	if !ok {
		return w.refuse(nil, "the wheel has no %s", name)
	}
	r, err := w.archive.Reader(e)
	if err != nil {
		return w.refuse(err, "reading %s", name)
	}
	useErr := use(r)
	if useErr == nil {
		_, useErr = io.Copy(io.Discard, r)
	}
	if err := errors.Join(useErr, r.Close()); err != nil {
		return w.refuse(err, "reading %s", name)
	}
	return nil
}
