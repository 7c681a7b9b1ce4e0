package check

import (
	"path"
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel"
)

// role is what a file is to the interpreter.
type role int

const (
	library role = iota // a shared library, or any other native file
	module              // an extension module that it can import
	program             // an executable
	foreign             // an extension module of another Python
)

// tagged reports whether the file's name says for which interpreter it is.
func tagged(file string) bool {
	_, tag, ok := moduleTag(file)
	return ok && tag != ""
}

// moduleTag takes the name of an extension module apart (PEP 3149): "x.abi3.so" is "x" and "abi3".
func moduleTag(file string) (name, tag string, ok bool) {
	base, ok := strings.CutSuffix(path.Base(file), ".so")
	if !ok {
		return "", "", false
	}
	name, tag, _ = strings.Cut(base, ".")
	return name, tag, identifier(name)
}

func identifier(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// roleOf decides by the name: what Python imports ends in ".so" with an ABI tag or none. Libraries
// that begin with "lib" and have no tag are loaded by others or by ctypes.
func roleOf(f *File, t pipwheel.Target) role {
	name, tag, ok := moduleTag(f.Path)
	switch {
	case !ok && f.Facts.Interp != "" && f.Facts.Soname == "" && !strings.Contains(path.Base(f.Path), ".so"):
		return program
	case !ok, tag == "" && strings.HasPrefix(name, "lib"):
		return library
	case tag == "", tag == "abi3" && !t.FreeThreaded, tag == "abi3t":
		return module
	case strings.HasPrefix(tag, "cpython-") && t.Implementation == "cpython" && fitsTag(tag, t):
		return module
	case strings.HasPrefix(tag, "pypy") && t.Implementation == "pypy":
		return module
	case strings.HasPrefix(tag, "cpython-"), strings.HasPrefix(tag, "pypy"), tag == "abi3":
		return foreign
	}
	return library
}

// fitsTag compares "cpython-311-x86_64-linux-gnu" with the target.
func fitsTag(tag string, t pipwheel.Target) bool {
	parts := strings.SplitN(tag, "-", 4)
	major, rest, _ := strings.Cut(t.Version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	have := strings.TrimRight(parts[1], "abcdefghijklmnopqrstuvwxyz")
	if have != major+minor || strings.Contains(parts[1][len(have):], "t") != t.FreeThreaded {
		return false
	}
	if len(parts) < 3 {
		return true
	}
	arch, _, _ := strings.Cut(triplet(t.Machine), "-")
	return arch == "" || parts[2] == arch
}

// triplet is Debian's name for the machine and glibc ("Multiarch/Tuples"), empty when it has none here.
func triplet(machine string) string {
	switch machine {
	case "x86_64", "aarch64", "s390x", "riscv64", "loongarch64":
		return machine + "-linux-gnu"
	case "i386", "i486", "i586", "i686":
		return "i386-linux-gnu"
	case "armv7l", "armv8l":
		return "arm-linux-gnueabihf"
	case "ppc64le":
		return "powerpc64le-linux-gnu"
	}
	return ""
}
