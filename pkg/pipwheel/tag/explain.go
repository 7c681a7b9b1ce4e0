package tag

import (
	"fmt"
	"slices"
	"strings"
)

// maxNamed is how many Pythons or platforms of an offer are named.
const maxNamed = 6

// Explain says in one line what wheels offer, what the image is and what keeps them apart:
//
//	has cp312 wheels for manylinux_2_34 x86_64; the image is CPython 3.11, glibc 2.31, x86_64: they need CPython 3.12 and glibc 2.34 or newer
//
// Of the wheels' tags, those nearest to fitting are explained. When a wheel fits it says so.
func Explain(i Interpreter, files ...Filename) string {
	var tags []Tag
	for _, f := range files {
		tags = append(tags, f.Tags...)
	}
	head := fmt.Sprintf("%s; the image is %s", offers(tags), i)
	if len(tags) == 0 {
		return head
	}
	supported := Supported(i)
	if r, ok := NewSet(supported).Rank(tags); ok {
		return fmt.Sprintf("%s: fits as %s", head, supported[r])
	}
	return head + ": " + i.reason(tags)
}

// String describes i in words: "CPython 3.11, glibc 2.31, x86_64".
func (i Interpreter) String() string {
	s := fmt.Sprintf("%s %d.%d", implementation(i.Implementation), i.Major, i.Minor)
	if i.FreeThreaded {
		s += " (free-threaded)"
	}
	if i.Debug {
		s += " (debug)"
	}
	if i.LibcKind == "" {
		s += ", no known C library"
	} else {
		s += fmt.Sprintf(", %s %d.%d", i.LibcKind, i.LibcMajor, i.LibcMinor)
	}
	return s + ", " + i.Machine
}

func implementation(name string) string {
	switch name {
	case "cpython":
		return "CPython"
	case "pypy":
		return "PyPy"
	}
	return name
}

// offers names what there is: "has cp310, cp311 wheels for macosx_11_0 arm64, manylinux_2_17 x86_64".
func offers(tags []Tag) string {
	var pythons, platforms []string
	for _, t := range tags {
		python := t.Python
		if t.ABI != "none" && t.ABI != t.Python {
			python += " " + t.ABI
		}
		pythons = append(pythons, python)
		platforms = append(platforms, spaced(t.Platform))
	}
	if len(tags) == 0 {
		return "has no wheels"
	}
	return "has " + named(pythons) + " wheels for " + named(platforms)
}

// named lists each of s once, in the order of first mention, and counts those beyond maxNamed.
func named(s []string) string {
	var once []string
	for _, v := range s {
		if !slices.Contains(once, v) {
			once = append(once, v)
		}
	}
	if len(once) > maxNamed {
		return fmt.Sprintf("%s and %d more", strings.Join(once[:maxNamed], ", "), len(once)-maxNamed)
	}
	return strings.Join(once, ", ")
}

// spaced sets the architecture of a platform tag apart: "manylinux_2_34 x86_64".
func spaced(platform string) string {
	p := parsePlatform(platform)
	if p.kind == "any" {
		return "any platform"
	}
	if p.machine == "" || p.machine == platform {
		return platform
	}
	return strings.TrimSuffix(platform, "_"+p.machine) + " " + p.machine
}
