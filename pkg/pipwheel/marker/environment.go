package marker

import (
	"strings"

	"github.com/layerpack/layerpack/pkg/pipwheel/version"
)

// Environment holds the values of the marker fields (PEP 508, "Environment Markers").
type Environment struct {
	OSName                       string // os_name: "posix"
	SysPlatform                  string // sys_platform: "linux"
	PlatformMachine              string // platform_machine: "x86_64"
	PlatformPythonImplementation string // platform_python_implementation: "CPython"
	PlatformRelease              string // platform_release: the kernel's, unknown to an image
	PlatformSystem               string // platform_system: "Linux"
	PlatformVersion              string // platform_version: the kernel's, unknown to an image
	PythonVersion                string // python_version: "3.11"
	PythonFullVersion            string // python_full_version: "3.11.2"
	ImplementationName           string // implementation_name: "cpython"
	ImplementationVersion        string // implementation_version: "3.11.2"
}

// Linux returns the environment of an interpreter in a Linux image: machine as Python names it ("x86_64", "aarch64"; see
// [Machine]), the interpreter's version ("3.11.2"; "3.11" becomes "3.11.0") and its implementation_name ("cpython", "pypy").
//
// Release and version of the kernel are empty, since a container has that of its host; [Marker.Fields] tells whether a
// marker depends on them. The version of an implementation other than CPython is not that of its language, and is "0":
// who knows it sets it.
func Linux(machine, pythonFullVersion, implementation string) Environment {
	full, short := pythonVersions(pythonFullVersion)
	env := Environment{
		OSName:                       "posix",
		SysPlatform:                  "linux",
		PlatformMachine:              machine,
		PlatformPythonImplementation: implementation,
		PlatformSystem:               "Linux",
		PythonVersion:                short,
		PythonFullVersion:            full,
		ImplementationName:           implementation,
		ImplementationVersion:        "0",
	}
	switch implementation {
	case "cpython":
		env.PlatformPythonImplementation = "CPython"
		env.ImplementationVersion = full
	case "pypy":
		env.PlatformPythonImplementation = "PyPy"
	case "graalpy":
		env.PlatformPythonImplementation = "GraalVM"
	}
	return env
}

// pythonVersions completes a version to three numbers and shortens it to two.
func pythonVersions(s string) (full, short string) {
	v, err := version.Parse(s)
	if err != nil {
		return s, s
	}
	release := v.Release()
	if len(release) < 2 {
		return s, s
	}
	full = s
	if len(release) == 2 && v.Base().String() == s {
		full = s + ".0"
	}
	return full, release[0] + "." + release[1]
}

// Machine returns platform_machine for an image's architecture and variant (OCI image specification, "platform"): "x86_64"
// for "amd64", "armv7l" for "arm" with "v7"; the architecture itself when it has no other name on Linux.
func Machine(architecture, variant string) string {
	switch architecture {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	case "386":
		return "i686"
	case "loong64":
		return "loongarch64"
	case "mips64le":
		return "mips64"
	case "arm":
		switch variant {
		case "v5":
			return "armv5tel"
		case "v6":
			return "armv6l"
		}
		return "armv7l"
	}
	return architecture
}

// field is the name of a marker field.
type field string

const (
	fieldExtra  field = "extra"
	fieldExtras field = "extras"
	fieldGroups field = "dependency_groups"
)

// fieldOf returns the field that text names, in any of its spellings (PEP 345 wrote some with a dot).
func fieldOf(text string) (field, bool) {
	switch text {
	case "python_version", "python_full_version", "os_name", "sys_platform", "platform_release", "platform_system",
		"platform_version", "platform_machine", "platform_python_implementation", "implementation_name",
		"implementation_version", "extra", "extras", "dependency_groups":
		return field(text), true
	case "os.name", "sys.platform", "platform.version", "platform.machine", "platform.python_implementation":
		return field(strings.Replace(text, ".", "_", 1)), true
	case "python_implementation":
		return "platform_python_implementation", true
	}
	return "", false
}

// isVersion reports whether the field holds versions.
func (f field) isVersion() bool {
	switch f {
	case "python_version", "python_full_version", "implementation_version", "platform_release":
		return true
	}
	return false
}

// isSet reports whether the field holds a set of names.
func (f field) isSet() bool { return f == fieldExtras || f == fieldGroups }

// value returns the value of a field that is not extra and no set.
func (e *Environment) value(f field) (string, bool) {
	switch f {
	case "os_name":
		return e.OSName, true
	case "sys_platform":
		return e.SysPlatform, true
	case "platform_machine":
		return e.PlatformMachine, true
	case "platform_python_implementation":
		return e.PlatformPythonImplementation, true
	case "platform_release":
		return e.PlatformRelease, true
	case "platform_system":
		return e.PlatformSystem, true
	case "platform_version":
		return e.PlatformVersion, true
	case "python_version":
		return e.PythonVersion, true
	case "python_full_version":
		if strings.HasSuffix(e.PythonFullVersion, "+") { // an interpreter built from a source tree says "3.12.0+"
			return e.PythonFullVersion + "local", true
		}
		return e.PythonFullVersion, true
	case "implementation_name":
		return e.ImplementationName, true
	case "implementation_version":
		return e.ImplementationVersion, true
	}
	return "", false
}
