package strictzip

import (
	"io"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// Entry is one file of an archive.
type Entry struct {
	Name           string // a clean, relative, slash-separated path
	Executable     bool   // a Unix mode with any x bit, whatever system the archive was made on
	Method         uint16 // Stored, Deflate or Zstd
	CRC32          uint32 // IEEE, of the file's bytes
	CompressedSize int64  // in bytes
	Size           int64  // in bytes
	Offset         int64  // of the first compressed byte in the archive
}

// Archive is a checked archive. Its methods may be called from several goroutines.
type Archive struct {
	src       io.ReaderAt
	dirStart  int64 // entries end here
	window    int64 // Limits.Window
	files     []Entry
	index     map[string]int
	late      []header  // of files, where local headers were not read
	inflaters sync.Pool // of *inflater
}

// Open checks the archive of size bytes in r: end records, central directory, every local header.
//
// Compressed data is not read; [Archive.Reader] checks it. A refused archive gives an [*Error],
// a failure to read any other error.
func Open(r io.ReaderAt, size int64, o Limits) (*Archive, error) {
	return openArchive(r, size, o, false)
}

// OpenDirectory is Open of an archive of which little more than the end can be had now: the local
// headers are not read. [Archive.Reader] reads and checks that of its entry alone; that all of them
// agree with the directory and leave no gap is for Open to check, before anything is made of the
// archive. Its entries have no Offset, and are not for [Archive.Section].
func OpenDirectory(r io.ReaderAt, size int64, o Limits) (*Archive, error) {
	return openArchive(r, size, o, true)
}

func openArchive(r io.ReaderAt, size int64, o Limits, late bool) (*Archive, error) {
	o = o.withDefaults()
	e, err := readEnd(r, size)
	if err != nil {
		return nil, err
	}
	list, err := readDirectory(r, e, o)
	if err != nil {
		return nil, err
	}
	if err := checkTotal(list, size, o); err != nil {
		return nil, err
	}
	if err := checkNames(list, o.Entries); err != nil {
		return nil, err
	}
	if late {
		_, err = inOrder(list, e.offset)
	} else {
		err = readLocals(r, list, e.offset)
	}
	if err != nil {
		return nil, err
	}
	a := &Archive{src: r, dirStart: e.offset, window: o.Window, index: make(map[string]int, len(list))}
	a.files = make([]Entry, 0, len(list))
	for i := range list {
		if !list[i].folder {
			a.index[list[i].Name] = len(a.files)
			a.files = append(a.files, list[i].Entry)
			if late {
				a.files[len(a.files)-1].Offset = -1
				a.late = append(a.late, list[i])
			}
		}
	}
	return a, nil
}

// checkTotal holds the sum of the declared sizes against the limits.
func checkTotal(list []header, size int64, lim Limits) error {
	var total int64
	for i := range list {
		if list[i].Size > lim.Total-total {
			return refuse(TooMuch, list[i].Name, "the archive declares more than %d bytes", lim.Total)
		}
		total += list[i].Size
	}
	if total > lim.FreeTotal && total/lim.Ratio > size {
		return refuse(Ratio, "", "%d bytes declared in an archive of %d, over %d to 1", total, size, lim.Ratio)
	}
	return nil
}

// checkNames refuses names that are the same path, and files that are folders of others.
func checkNames(list []header, most int) error {
	seen := make(map[string]bool, len(list)) // path in normal form: is it a file?
	folders := make(map[string]bool)
	for i := range list {
		name := norm.NFC.String(strings.TrimSuffix(list[i].Name, "/"))
		if _, ok := seen[name]; ok {
			return refuse(Duplicate, list[i].Name, "the name comes twice")
		}
		seen[name] = !list[i].folder
		for j := strings.LastIndexByte(name, '/'); j > 0; j = strings.LastIndexByte(name[:j], '/') {
			if folders[name[:j]] {
				break
			}
			if len(folders) >= most {
				return refuse(TooManyFiles, list[i].Name, "over %d folders", most)
			}
			folders[name[:j]] = true
		}
	}
	for i := range list {
		if name := norm.NFC.String(list[i].Name); !list[i].folder && folders[name] {
			return refuse(FileAsFolder, list[i].Name, "other entries lie below this file")
		}
	}
	return nil
}

// Entries returns the files in the order of the central directory. Folders are not among them:
// a wheel's folders are those its files need. The slice is the archive's own, not to be changed.
func (a *Archive) Entries() []Entry { return a.files }

// Lookup finds a file by its exact name.
func (a *Archive) Lookup(name string) (Entry, bool) {
	i, ok := a.index[name]
	if !ok {
		return Entry{}, false
	}
	return a.files[i], true
}

// Section returns where the compressed bytes of e lie, unread and unchecked: n of them at offset off of r.
func (a *Archive) Section(e Entry) (r io.ReaderAt, off, n int64) {
	return a.src, e.Offset, e.CompressedSize
}
