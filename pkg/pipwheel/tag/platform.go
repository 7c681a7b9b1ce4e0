package tag

import (
	"slices"
	"strconv"
)

// nativeFirst puts linux_<machine> before manylinux and musllinux, as packaging does since 26.3;
// older versions and uv put it last. Only wheels from private indexes and local ones have it.
const nativeFirst = true

// lastMinor stands for the last minor version of a glibc major version that is not the newest. No
// major version 3 exists; packaging uses the same guess.
const lastMinor = 50

// Platforms lists the platform tags of i, best first, without "any". It is empty for an
// interpreter without a known C library: it loads no extension modules that were built elsewhere.
func (i Interpreter) Platforms() []string {
	machines := i.machines()
	var native, portable []string
	for _, m := range machines {
		native = append(native, "linux_"+m)
	}
	switch i.LibcKind {
	case "glibc":
		portable = i.manylinux(machines)
	case "musl":
		for _, m := range machines {
			for minor := i.LibcMinor; minor >= 0; minor-- {
				portable = append(portable, versioned("musllinux", i.LibcMajor, minor, m))
			}
		}
	default:
		return nil
	}
	if nativeFirst {
		return append(native, portable...)
	}
	return append(portable, native...)
}

// machines lists the architectures whose code i runs: a 32-bit ARMv8 interpreter runs ARMv7's too.
func (i Interpreter) machines() []string {
	if i.Machine == "armv8l" {
		return []string{"armv8l", "armv7l"}
	}
	return []string{i.Machine}
}

// manylinux lists the tags of PEP 600 from the interpreter's glibc down to the oldest one in use on
// the architecture, the older names (PEP 513, 571, 599) right after their numbers.
func (i Interpreter) manylinux(machines []string) []string {
	known := []string{"x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"}
	if !slices.ContainsFunc(machines, func(m string) bool { return slices.Contains(known, m) }) {
		return nil
	}
	oldest := 17
	if i.Machine == "x86_64" || i.Machine == "i686" {
		oldest = 5
	}
	var tags []string
	for _, m := range machines {
		for major, minor := i.LibcMajor, i.LibcMinor; major >= 2; major, minor = major-1, lastMinor {
			first := 0
			if major == 2 {
				first = oldest
			}
			for ; minor >= first; minor-- {
				tags = append(tags, versioned("manylinux", major, minor, m))
				if name := legacyManylinux(major, minor); name != "" {
					tags = append(tags, name+"_"+m)
				}
			}
		}
	}
	return tags
}

func legacyManylinux(major, minor int) string {
	switch {
	case major == 2 && minor == 17:
		return "manylinux2014"
	case major == 2 && minor == 12:
		return "manylinux2010"
	case major == 2 && minor == 5:
		return "manylinux1"
	}
	return ""
}

func versioned(kind string, major, minor int, machine string) string {
	return kind + "_" + strconv.Itoa(major) + "_" + strconv.Itoa(minor) + "_" + machine
}
