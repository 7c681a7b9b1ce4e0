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
	index     map[string]int // of files, by name
	late      []header       // of files, where local headers were not read
	inflaters sync.Pool      // of *inflater
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
	w := &window{src: r, end: size}
	e, err := readEnd(w)
	if err != nil {
		return nil, err
	}
	list, entries, err := readDirectory(w, e, o)
	if err != nil {
		return nil, err
	}
	if err := checkTotal(list, size, o); err != nil {
		return nil, err
	}
	paths, err := checkNames(list, o.Entries)
	if err != nil {
		return nil, err
	}
	if late {
		_, err = inOrder(list, e.offset)
	} else {
		err = readLocals(w, list, e.offset)
	}
	if err != nil {
		return nil, err
	}
	a := &Archive{src: r, dirStart: e.offset, window: o.Window}
	a.take(list, entries, paths, late)
	return a, nil
}

// take makes those of entries that are no folders the archive's files, in place; list is what was
// read of them, paths where checkNames found them.
func (a *Archive) take(list []header, entries []Entry, paths map[string]int, late bool) {
	a.files, a.index = entries[:0], paths
	asNamed := true // a path is the name of the file at its place
	for i, h := range list {
		asNamed = asNamed && h.plain && !h.folder
		if h.folder {
			continue
		}
		a.files = append(a.files, entries[i])
		if late {
			h.Entry = &a.files[len(a.files)-1]
			h.Offset = -1
			a.late = append(a.late, h)
		}
	}
	if asNamed {
		return
	}
	a.index = make(map[string]int, len(a.files))
	for i := range a.files {
		a.index[a.files[i].Name] = i
	}
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

// checkNames refuses names that are the same path, and files that are folders of others. It returns
// the places in the list by path, which is the name in normal form without a folder's slash.
func checkNames(list []header, most int) (map[string]int, error) {
	paths := make(map[string]int, len(list))
	folders, folder := make(map[string]bool), ""
	for i := range list {
		name := strings.TrimSuffix(list[i].Name, "/")
		if !list[i].plain {
			name = norm.NFC.String(name)
		}
		if paths[name] = i; len(paths) == i {
			return nil, refuse(Duplicate, list[i].Name, "the name comes twice")
		}
		j := strings.LastIndexByte(name, '/')
		if j <= 0 || name[:j] == folder { // mostly that of the entry before
			continue
		}
		for folder = name[:j]; j > 0 && !folders[name[:j]]; j = strings.LastIndexByte(name[:j], '/') {
			if len(folders) >= most {
				return nil, refuse(TooManyFiles, list[i].Name, "over %d folders", most)
			}
			folders[name[:j]] = true
		}
	}
	first := len(list)
	for name := range folders {
		if i, ok := paths[name]; ok && !list[i].folder {
			first = min(first, i)
		}
	}
	if first < len(list) {
		return nil, refuse(FileAsFolder, list[first].Name, "other entries lie below this file")
	}
	return paths, nil
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

// Find is Lookup that returns the place among [Archive.Entries].
func (a *Archive) Find(name string) (i int, ok bool) {
	i, ok = a.index[name]
	return i, ok
}

// Section returns where the compressed bytes of e lie, unread and unchecked: n of them at offset off of r.
func (a *Archive) Section(e Entry) (r io.ReaderAt, off, n int64) {
	return a.src, e.Offset, e.CompressedSize
}
