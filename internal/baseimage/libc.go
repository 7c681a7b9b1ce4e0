package baseimage

import (
	"debug/elf"
	"fmt"
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// libcOf is the C library of a program, by its dynamic linker; note says why it is not known.
func (v *view) libcOf(program *object) (libc pipwheel.Libc, note string) {
	switch linker := path.Base(program.interp); {
	case program.interp == "":
		return libc, "the interpreter names no dynamic linker (it is static): only wheels without native code can be installed"
	case strings.HasPrefix(linker, "ld-musl-"):
		if libc = v.musl(program.interp); libc.Major == 0 {
			note = "the version of musl was not found"
		}
	case strings.HasPrefix(linker, "ld-linux"), strings.HasPrefix(linker, "ld64.so"), strings.HasPrefix(linker, "ld.so"):
		if libc = v.glibc(program); libc.Major == 0 {
			note = "the version of glibc was not found"
		}
	default:
		note = fmt.Sprintf("the interpreter's dynamic linker is %.200q: its C library is not known", program.interp)
	}
	return libc, note
}

// glibc finds libc.so.6 as the dynamic linker does, in the standard folders with those of Debian's
// multiarch; one for another machine than the program's is passed over. program may be nil.
func (v *view) glibc(program *object) pipwheel.Libc {
	libc := pipwheel.Libc{Kind: "glibc"}
	for _, dir := range v.libraryDirs() {
		o := v.read(dir + "/libc.so.6").object
		if o == nil || o.glibc[0] == 0 || program != nil && (o.machine != program.machine || o.bits != program.bits) {
			continue
		}
		libc.Major, libc.Minor = o.glibc[0], o.glibc[1]
		break
	}
	return libc
}

func (v *view) libraryDirs() []string {
	var multiarch, plain []string
	for _, dir := range []string{"lib", "usr/lib", "lib64", "usr/lib64"} {
		for _, n := range v.list(dir) {
			if name := path.Base(n.Path); strings.Contains(name, "-linux-gnu") {
				multiarch = append(multiarch, dir+"/"+name)
			}
		}
		plain = append(plain, dir)
	}
	return append(multiarch, plain...)
}

func (v *view) musl(linker string) pipwheel.Libc {
	libc := pipwheel.Libc{Kind: "musl"}
	if o := v.read(linker).object; o != nil && o.musl[0] > 0 {
		libc.Major, libc.Minor = o.musl[0], o.musl[1]
	} else if mm, ok := majorMinor(upstream(v.installed("musl"))); ok {
		libc.Major, libc.Minor = mm[0], mm[1]
	}
	return libc
}

// anyLibc is the C library of an image without Python.
func (v *view) anyLibc() pipwheel.Libc {
	if libc := v.glibc(nil); libc.Major > 0 {
		return libc
	}
	for _, n := range v.list("lib") {
		if name := path.Base(n.Path); strings.HasPrefix(name, "ld-musl-") {
			return v.musl(n.Path)
		}
	}
	return pipwheel.Libc{}
}

// machineOf is what Python calls the machine that a program is built for, empty if unknown.
func machineOf(o *object) string {
	switch o.machine {
	case elf.EM_X86_64:
		return "x86_64"
	case elf.EM_AARCH64:
		return "aarch64"
	case elf.EM_386:
		return "i686"
	case elf.EM_ARM:
		return "armv7l"
	case elf.EM_PPC64:
		if o.little {
			return "ppc64le"
		}
		return "ppc64"
	case elf.EM_S390:
		return "s390x"
	case elf.EM_RISCV:
		return "riscv64"
	case elf.EM_LOONGARCH:
		return "loongarch64"
	}
	return ""
}
