package check

import (
	"path"
	"slices"
	"strings"

	"github.com/layerpack/layerpack/internal/elffacts"
	"github.com/layerpack/layerpack/pkg/layers"
)

// search finds libraries as the dynamic linker would.
type search struct {
	*Libraries
	byPath   map[string]*File
	byName   map[string][]*File // by soname and by file name
	links    map[string]bool    // new paths that are no ELF files
	standard []string
	elsewhere
}

func newSearch(l *Libraries) *search {
	s := &search{Libraries: l, byPath: map[string]*File{}, byName: map[string][]*File{}, links: map[string]bool{}, standard: standardDirs(l)}
	for i := range l.Files {
		f := &l.Files[i]
		if f.Facts == nil {
			continue
		}
		s.byPath[f.Path] = f
		if !s.usable(f) {
			continue
		}
		base := path.Base(f.Path)
		s.byName[base] = append(s.byName[base], f)
		if n := f.Facts.Soname; n != "" && n != base {
			s.byName[n] = append(s.byName[n], f)
		}
	}
	for _, p := range l.Paths {
		s.links[p] = true
	}
	return s
}

// usable reports whether a process of the target can load the file.
func (s *search) usable(f *File) bool {
	return f.Facts.Loadable() && f.Facts.Broken == "" && f.Facts.RunsOn(s.Target.Machine)
}

// standardDirs are those searched for every file, absolute, in order.
func standardDirs(l *Libraries) []string {
	// The interpreter by its own name and by what it is a link to, as in a virtual environment.
	var dirs, names []string
	if exe := l.Target.Executable; exe != "" {
		names = append(names, exe)
		if real, err := l.Base.Resolve(exe); err == nil && "/"+real != exe {
			names = append(names, "/"+real)
		}
	}
	for _, exe := range names {
		if l.Interpreter == nil {
			dirs = append(dirs, path.Join(path.Dir(exe), "../lib"))
			continue
		}
		for _, d := range append(slices.Clone(l.Interpreter.Rpath), l.Interpreter.Runpath...) {
			dirs = append(dirs, expand(d, exe, l.Target.Machine)...)
		}
	}
	dirs = append(dirs, l.LibraryPath...)
	dirs = append(dirs, l.SearchDirs...)
	if l.Target.Libc.Kind == "musl" {
		return append(dirs, "/lib", "/usr/local/lib", "/usr/lib") // ld-musl's own default
	}
	for _, d := range []string{"/lib", "/usr/lib", "/usr/local/lib"} {
		if d == "/usr/local/lib" && l.CacheNames != nil {
			continue
		}
		if t := triplet(l.Target.Machine); t != "" {
			dirs = append(dirs, d+"/"+t)
		}
		dirs = append(dirs, d+"64", d)
	}
	return dirs
}

// expand replaces ld.so's words in a search folder of a file (ld.so(8), "Rpath token expansion"). $LIB
// differs from distribution to distribution, so that there may be several.
func expand(dir, file, machine string) []string {
	origin := path.Dir(path.Join("/", file))
	dir = strings.NewReplacer("${ORIGIN}", origin, "$ORIGIN", origin, "${PLATFORM}", machine, "$PLATFORM", machine, "${LIB}", "$LIB").Replace(dir)
	if !strings.HasPrefix(dir, "/") {
		return nil // relative to the working directory, which is not known
	}
	if !strings.Contains(dir, "$LIB") {
		return []string{dir}
	}
	var out []string
	for _, lib := range []string{"lib/" + triplet(machine), "lib64", "lib"} {
		out = append(out, strings.ReplaceAll(dir, "$LIB", lib))
	}
	return out
}

// find looks for a library that f needs. to is the new file that is found; nil with ok means that
// it is the base's, or one that is always there.
func (s *search) find(f *File, name string) (to *File, ok bool) {
	if strings.Contains(name, "/") {
		paths := expand(name, f.Path, s.Target.Machine)
		for _, p := range paths {
			if to, ok = s.at(p); ok {
				return to, true
			}
		}
		return nil, len(paths) == 0
	}
	if s.partOfLibc(name) {
		return nil, true
	}
	own := f.Facts.Runpath
	if len(own) == 0 {
		own = f.Facts.Rpath
	}
	for _, d := range own {
		for _, dir := range expand(d, f.Path, s.Target.Machine) {
			if to, ok = s.at(path.Join(dir, name)); ok {
				return to, true
			}
		}
	}
	for _, dir := range s.standard {
		if to, ok = s.at(path.Join("/", dir, name)); ok {
			return to, true
		}
	}
	if p := s.CacheNames[name]; p != "" {
		if to, ok = s.at(p); ok {
			return to, true
		}
	}
	return s.loaded(f, name)
}

// loaded finds a library by its name alone, as one that was loaded before; that of the same wheel first.
func (s *search) loaded(f *File, name string) (*File, bool) {
	for _, to := range s.byName[name] {
		if to.Wheel == f.Wheel {
			return to, true
		}
	}
	if all := s.byName[name]; len(all) > 0 {
		return all[0], true
	}
	for p := range s.links {
		if path.Base(p) == name {
			return nil, true
		}
	}
	for _, p := range s.places(name) {
		for _, dir := range s.SiteDirs {
			if strings.HasPrefix(p, strings.Trim(dir, "/")+"/") {
				return nil, true
			}
		}
	}
	return nil, false
}

// at looks for a loadable file at an absolute path.
func (s *search) at(p string) (*File, bool) {
	resolved, err := s.Base.Resolve(p)
	if err != nil {
		return nil, false
	}
	if f, ok := s.byPath[resolved]; ok {
		return f, s.usable(f)
	}
	if s.links[resolved] {
		return nil, true
	}
	n, ok := s.Base.Lookup(resolved)
	return nil, ok && n.Kind == layers.File
}

// partOfLibc reports whether the C library always brings a library.
func (s *search) partOfLibc(name string) bool {
	stem, rest, _ := strings.Cut(name, ".so")
	switch s.Target.Libc.Kind {
	case "glibc":
		if strings.HasPrefix(stem, "ld-linux") || stem == "ld64" || stem == "ld" {
			return true
		}
		return rest != "" && slices.Contains([]string{"libc", "libm", "libpthread", "libdl", "librt", "libutil"}, stem)
	case "musl":
		// Names that its loader takes for itself, whatever follows (ldso/dynlink.c, "reserved").
		stem, _, _ = strings.Cut(name, ".")
		return slices.Contains([]string{"libc", "libpthread", "librt", "libm", "libdl", "libutil", "libxnet"}, stem)
	}
	return false
}

// libcOf is the C library that a file was built for, empty when it does not say.
func libcOf(f *elffacts.Facts) string {
	switch {
	case !f.GlibcNeeded.IsZero(), slices.Contains(f.Needed, "libc.so.6"), strings.Contains(f.Interp, "/ld-linux"):
		return "glibc"
	case slices.ContainsFunc(f.Needed, func(n string) bool { return n == "libc.so" || strings.HasPrefix(n, "libc.musl-") }), strings.Contains(f.Interp, "/ld-musl-"):
		return "musl"
	}
	return ""
}

// elsewhere finds libraries of the base by name, wherever they are.
type elsewhere struct{ index map[string][]string }

func (s *search) places(name string) []string {
	if s.index == nil {
		s.index = map[string][]string{}
		for n := range s.Base.All() {
			if base := path.Base(n.Path); n.Kind != layers.Dir && strings.Contains(base, ".so") {
				s.index[base] = append(s.index[base], n.Path)
			}
		}
	}
	return s.index[name]
}
