package check

import (
	"github.com/layerpack/layerpack/internal/elffacts"
	"github.com/layerpack/layerpack/internal/rootfs"
	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// Libraries is what decides whether the new native files can be loaded.
//
// A library is searched as ld.so(8) does: DT_RPATH where there is no DT_RUNPATH, LD_LIBRARY_PATH,
// DT_RUNPATH, ld.so.cache, the standard folders. On purpose, more than the loader would find
// counts as found:
//
//   - a name that any new file has, by soname or file name: packages load each other's libraries
//     first (torch those of nvidia-*, by ctypes), and what is loaded is found by name alone;
//   - for the same reason, a name that a file in the base's SiteDirs has;
//   - the DT_RPATH of a file that loads another is not followed from file to file: wheels' own libraries are
//     found by the first rule, what the interpreter's own offers is searched for all files.
//
// What is left is an error or a warning, see [Libraries.Findings].
type Libraries struct {
	// Base holds the paths of the base without what the build removes; the new paths may be in it.
	Base *rootfs.Tree
	// Target is the interpreter that loads the files.
	Target pipwheel.Target
	// Interpreter are the facts of Target.Executable; nil when not known.
	Interpreter *elffacts.Facts
	// Files are the new ELF files.
	Files []File
	// Paths are all other new paths that may be a library's: symbolic links.
	Paths []string
	// LibraryPath are the folders of the image's LD_LIBRARY_PATH.
	LibraryPath []string
	// CacheNames is what the base's ld.so.cache leads to, by name; nil when it is not known, and then
	// /usr/local/lib is searched too, as ldconfig does on most distributions.
	CacheNames map[string]string
	// SearchDirs are further folders that the base's loader searches: those of musl's path file, or of
	// ld.so.conf where the cache is not known.
	SearchDirs []string
	// SiteDirs are where the base's own distributions are.
	SiteDirs []string
	// AllowMissing are patterns (path.Match) of library names that may be missing.
	AllowMissing []string
}

// File is one new ELF file.
type File struct {
	Path  string // relative to the image's root
	Wheel string // the file name of the wheel that brings it; empty: a source or a --file
	Facts *elffacts.Facts
}

// Findings returns what keeps new native files from being loaded, errors first.
//
// Whether a file that cannot be loaded matters is not known without running anything: numba brings a
// module for each of three threading libraries and works with any of them. So a missing library is an
// error
//
//   - when no extension module of a wheel can be loaded without it (or, in a wheel without extension
//     modules, none of its libraries and programs), and when none can be loaded, each for another reason;
//   - when an extension module needs it whose wheel was never made to be portable: a wheel with a
//     plain linux_* tag promises nothing, one with a manylinux tag left a library out knowingly.
//
// A newer glibc than the base's, and the other libc, are an error for every extension module and
// whatever it loads. Anything else is a warning, also all of the user's own files. Modules for
// another Python and files for another machine are data to this image; a wheel that has nothing
// for this machine, or whose module is tagged for it and is not, is an error.
func (l Libraries) Findings() []Finding {
	s := newSearch(&l)
	g := newGraph(s)
	out := wrongMachine(s)
	out = append(out, g.problems()...)
	return sorted(out)
}
