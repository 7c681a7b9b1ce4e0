package tag

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// platform is a platform tag taken apart.
type platform struct {
	kind         string // "any", "linux", "glibc", "musl", "macosx", …: how it begins, where nothing better is known
	major, minor int    // of the C library
	machine      string // empty where the tag has none
}

func parsePlatform(s string) platform {
	if s == "any" {
		return platform{kind: "any"}
	}
	kind, rest, _ := strings.Cut(s, "_")
	switch kind {
	case "manylinux1":
		return platform{"glibc", 2, 5, rest}
	case "manylinux2010":
		return platform{"glibc", 2, 12, rest}
	case "manylinux2014":
		return platform{"glibc", 2, 17, rest}
	case "manylinux", "musllinux":
		parts := strings.SplitN(rest, "_", 3)
		if len(parts) == 3 {
			major, err1 := strconv.ParseUint(parts[0], 10, 16)
			minor, err2 := strconv.ParseUint(parts[1], 10, 16)
			if err1 == nil && err2 == nil {
				libc := map[string]string{"manylinux": "glibc", "musllinux": "musl"}[kind]
				return platform{libc, int(major), int(minor), parts[2]}
			}
		}
	case "macosx", "ios", "android":
		if parts := strings.SplitN(rest, "_", 3); len(parts) == 3 {
			rest = parts[2]
		}
	case "win32":
		return platform{kind: "win"}
	}
	return platform{kind: kind, machine: rest}
}

// placeNeed says what t demands of system, architecture and C library that i does not offer, and
// how far off that is; 0 when it fits.
func (i Interpreter) placeNeed(t Tag) (far int, text string) {
	p := parsePlatform(t.Platform)
	if p.kind == "any" || slices.Contains(i.Platforms(), t.Platform) {
		return 0, ""
	}
	systems := map[string]string{"macosx": "macOS", "win": "Windows", "ios": "iOS", "android": "Android", "linux": "Linux", "pyodide": "Pyodide", "emscripten": "Emscripten"}
	distance := abs(p.major-i.LibcMajor)<<16 + abs(p.minor-i.LibcMinor)
	libc := p.kind == "glibc" || p.kind == "musl"
	switch {
	case !libc && p.kind != "linux" && systems[p.kind] != "":
		return farSystem, systems[p.kind]
	case !libc && p.kind != "linux":
		return farSystem, "the platform " + t.Platform
	case !slices.Contains(i.machines(), p.machine):
		return farMachine, "the architecture " + p.machine
	case i.LibcKind == "":
		return farLibcKind, "a dynamically linked interpreter with a known C library"
	case !libc:
		return farLibcKind, "the platform " + t.Platform
	case p.kind != i.LibcKind:
		return farLibcKind, fmt.Sprintf("%s instead of %s", p.kind, i.LibcKind)
	case p.kind == "musl" && p.major != i.LibcMajor:
		return farLibc + distance, fmt.Sprintf("musl %d.%d", p.major, p.minor)
	case p.major > i.LibcMajor || p.major == i.LibcMajor && p.minor > i.LibcMinor:
		return farLibc + distance, fmt.Sprintf("%s %d.%d or newer", p.kind, p.major, p.minor)
	}
	return farLibc, "the platform " + t.Platform
}
